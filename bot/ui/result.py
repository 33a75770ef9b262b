"""What stands above finished clips, and the buttons below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from discord import ui

from bot.locales import Phrases, format_seconds
from bot.musical_terms import style_name
from bot.ui.buttons import ResultButton
from bot.ui.quoting import escaped, quote
from bot.ui.spoken_key import spoken_key
from musicgen_core.requests import Clip, short_name
from musicgen_core.storage import ClipRecord, Delivered, JobRecord

if TYPE_CHECKING:
    from bot.order import Order

MOST_UNREAD = 0.5
"""The share of a description beyond which its model can do little with it."""


def caption(order: Order, clips: Sequence[Clip], reached: Delivered, smaller: str | None) -> str:
    """Return the text above clips: whose, what, how long, which seeds, and what was chosen."""
    say, first = order.say, clips[0]
    played = short_name(first.provenance.model)
    stand_in = order.job.model is not None and order.job.model != played
    job = replace(order.job, model=None) if stand_in else order.job
    what = quote(job.title) if job.title else say("result.unconditional")
    seconds = format_seconds(first.seconds)
    if len(clips) == 1:
        seed = first.provenance.seed
        lines = [say("result.text", who=order.mention, what=what, seconds=seconds, seed=seed)]
    else:
        seeds = ", ".join(str(clip.provenance.seed) for clip in clips)
        lines = [say("result.several", who=order.mention, what=what, count=len(clips),
                     seconds=seconds, seeds=seeds)]  # fmt: skip
    if first.new_from:
        start = format_seconds(first.new_from / first.sample_rate)
        lines.append("-# " + say("result.from", seconds=start))
    if chosen := choices(job, say):
        lines.append("-# " + chosen)
    if first.provenance.heard:
        lines.append("-# " + say("result.kept", what=_spoken(first.provenance.heard, say)))
    if first.provenance.unread > MOST_UNREAD:
        lines.append("-# " + say("result.unread"))
    if stand_in:
        names = {"asked": quote(order.job.model or ""), "model": quote(played)}
        lines.append("-# " + say("result.stand_in", **names))
    if smaller is not None:
        lines.append("-# " + say("result.smaller", format=smaller))
    if reached is Delivered.DM:
        lines.append("-# " + say("result.elsewhere"))
    return "\n".join(lines)


def _spoken(heard: str, say: Phrases) -> str:
    """Say a tempo and a key such as "104 bpm, A minor" in a language."""
    parts = (part.removesuffix(" bpm") for part in heard.split(", "))
    return " · ".join(
        say("choice.tempo", value=part) if part.isdigit() else spoken_key(part, say)
        for part in parts
    )


def choices(job: JobRecord, say: Phrases) -> str:
    """Return what was chosen beside the prompt, on one line; empty: nothing was."""
    said = [
        say("choice.style", value=escaped(style_name(job.style, say))) if job.style else "",
        say("choice.tempo", value=f"{job.tempo:g}") if job.tempo else "",
        say("choice.key", value=spoken_key(job.key, say)) if job.key else "",
        say("choice.guidance", value=f"{job.guidance:g}") if job.guidance is not None else "",
        say("choice.temperature", value=f"{job.temperature:g}")
        if job.temperature is not None
        else "",
        say("choice.top_k", value=job.top_k) if job.top_k is not None else "",
        say("choice.hear_seconds", value=format_seconds(job.hear_seconds))
        if job.hear_seconds
        else "",
        say("choice.model", value=quote(job.model)) if job.model else "",
    ]
    return " · ".join(part for part in said if part)


def result_view(job: JobRecord, clips: Sequence[ClipRecord], say: Phrases) -> ui.View:
    """Return the rows of buttons under clips; fewer where the clips could not be stored."""
    view = ui.View(timeout=None)
    several = len(clips) > 1
    for clip in clips:
        label = (
            say("button.continue_one", number=clip.number) if several else say("button.continue")
        )
        view.add_item(ResultButton("continue", clip.id, label, row=0))
    # A row holds five.
    for action in ("again", "vary", "tweak"):
        view.add_item(ResultButton(action, job.id, say(f"button.{action}"), row=int(several)))
    for action in ("keep", "delete") if clips else ():
        view.add_item(ResultButton(action, job.id, say(f"button.{action}"), row=2))
    return view
