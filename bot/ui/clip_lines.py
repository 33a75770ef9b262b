"""Clips of the library in words: a line of a list, a choice of a select, a page of its own."""

from __future__ import annotations

from datetime import datetime

from discord.utils import format_dt

from bot.locales import Phrases, format_seconds
from bot.ui.quoting import one_line, quote
from bot.ui.result import choices
from bot.ui.spoken_key import spoken_key
from musicgen_core.storage import ClipRecord, Delivered, JobRecord

TITLE_LENGTH = 45
"""Ten such lines must fit into a message, also when every character has to be escaped."""
LABEL_LENGTH = 90
PROMPT_LENGTH = 400


def title_of(clip: ClipRecord, say: Phrases) -> str:
    """Return a clip's title, quoted; what stands for it where there is none."""
    return quote(clip.title, TITLE_LENGTH) if clip.title else say("result.unconditional")


def facts(clip: ClipRecord, say: Phrases) -> str:
    """Return length, tempo and key, as far as they are known, and which of several takes it is."""
    said = [say("time.seconds", seconds=format_seconds(clip.seconds))]
    if clip.tempo:
        said.append(say("choice.tempo", value=f"{clip.tempo:.0f}"))
    if clip.key:
        said.append(say("choice.key", value=spoken_key(clip.key, say)))
    if clip.number > 1:  # the first may be the only one
        said.append(say("library.take", number=clip.number))
    return " · ".join(said)


def ago(moment: datetime) -> str:
    """Return what Discord shows as e.g. “two hours ago”, in the reader's language."""
    return format_dt(moment, "R")


def list_line(number: int, clip: ClipRecord, say: Phrases) -> str:
    """Return a clip's line in a list."""
    kept = f" · {say('library.kept')}" if clip.kept else ""
    return f"**{number}.** {title_of(clip, say)} · {facts(clip, say)} · {ago(clip.created)}{kept}"


def label(number: int, clip: ClipRecord, say: Phrases) -> str:
    """Return a clip's name in a select, where Discord formats nothing."""
    title = one_line(clip.title, LABEL_LENGTH) or say("result.unconditional")
    return f"{number}. {title}"


def details(clip: ClipRecord, job: JobRecord, say: Phrases) -> str:
    """Return everything about a clip that its owner decides by."""
    lines = [f"**{title_of(clip, say)}**", f"{facts(clip, say)} · {ago(clip.created)}"]
    if job.prompt and job.prompt != clip.title:
        lines.append(say("library.prompt", prompt=quote(job.prompt, PROMPT_LENGTH)))
    if chosen := choices(job, say):
        lines.append("-# " + chosen)
    if clip.from_second is not None or clip.parent_id is not None:
        lines.append("-# " + say("library.continues"))
    if link := result_link(job):
        lines.append("-# " + say("library.posted", link=link))
    lines.append("-# " + say("library.is_kept" if clip.kept else "library.not_kept"))
    return "\n".join(lines)


def result_link(job: JobRecord) -> str | None:
    """Return the address of the message that brought a job's clips; None: nobody else sees it."""
    if job.delivered is not Delivered.CHANNEL or not job.result_message_id:
        return None
    server = job.server_id or "@me"
    return f"https://discord.com/channels/{server}/{job.channel_id}/{job.result_message_id}"
