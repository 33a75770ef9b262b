"""The story of a job in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from discord.utils import format_dt

from bot.locales import Phrases, format_seconds
from bot.story import Relative, Story
from bot.ui.clip_lines import result_link
from bot.ui.quoting import quote
from bot.ui.result import choices
from musicgen_core.requests import short_name
from musicgen_core.service import JobState
from musicgen_core.storage import Delivered, JobRecord

LONGEST_MESSAGE = 2000
PROMPT_LENGTH, NAME_LENGTH = 400, 40
MOST_RELATIVES = 3
"""Named on each side; the others are counted."""
PLACES = {
    Delivered.DM: "story.by_dm",
    Delivered.LIBRARY: "story.in_library",
    Delivered.INTERACTION: "story.by_answer",
}


def story_text(story: Story, say: Phrases) -> str:
    """Return a message of lines, the least important last; what does not fit is left out."""
    return fitting(_lines(story, say))


def _lines(story: Story, say: Phrases) -> Iterator[str]:
    job = story.job
    title = quote(job.title, PROMPT_LENGTH) if job.title else say("result.unconditional")
    yield f"**{title}**"
    yield say("story.asked", who=f"<@{job.person_id}>", when=format_dt(job.created, "f"))
    yield from _state(story, say)
    # What the clips themselves name is not said twice.
    known = replace(job, model=None) if story.made else job
    if chosen := choices(known, say):
        yield say("story.chosen", chosen=chosen)
    yield from _making(story, say)
    if job.audio_file is not None:
        yield say("story.attached")
    if job.from_second is not None:
        yield say("story.from", seconds=format_seconds(job.from_second))
    if job.parent_id is None and job.from_second is not None and job.audio_file is None:
        yield say("story.parent_deleted")
    yield from _family("story.continues", story.parents, say)
    yield from _family("story.continued_by", story.children, say)
    yield from _place(story, say)


def _state(story: Story, say: Phrases) -> Iterator[str]:
    job = story.job
    if job.status is JobState.DONE:
        yield say("story.length", seconds=format_seconds(job.seconds), count=job.variations)
        if story.own and len(story.clips) < job.variations:
            yield say("story.left", count=len(story.clips))
    elif job.status is JobState.FAILED:
        reason = say.of_core(job.error) if job.error and story.own else ""
        yield say("story.failed", reason=reason).rstrip()
    elif job.status is JobState.CANCELLED:
        yield say("story.cancelled")
    else:
        yield say("story.on_its_way")


def _making(story: Story, say: Phrases) -> Iterator[str]:
    """Say the seeds, what made the clips, and how long that took."""
    job = story.job
    if seeds := [made.seed for made in story.made] or [s for s in (job.seed,) if s is not None]:
        yield say("story.seeds", seeds=", ".join(map(str, seeds)))
    if story.made:
        made = story.made[0]
        name = quote(short_name(made.model), NAME_LENGTH)
        yield say("story.model", model=name, engine=made.engine, precision=made.precision)
    if job.started is not None and job.ended is not None:
        took = (job.ended - job.started).total_seconds()
        waited = (job.started - job.created).total_seconds()
        yield say("story.took", took=say.time(took), waited=say.time(waited))


def _family(key: str, relatives: Sequence[Relative], say: Phrases) -> Iterator[str]:
    if not relatives:
        return
    names = [_name(relative, say) for relative in relatives[:MOST_RELATIVES]]
    if more := len(relatives) - len(names):
        names.append(say("story.more", count=more))
    yield say(key, names=" · ".join(names))


def _name(relative: Relative, say: Phrases) -> str:
    """Return a relative's title and address, as far as the reader may know them."""
    job = relative.job
    if relative.clip.deleted is not None:
        return say("story.deleted_clip")
    if job is None:
        return say("story.private_clip")
    title = quote(job.title, NAME_LENGTH) if job.title else say("result.unconditional")
    return f"{title} {result_link(job) or ''}".rstrip()


def _place(story: Story, say: Phrases) -> Iterator[str]:
    job: JobRecord = story.job
    if link := result_link(job):
        yield say("story.posted", link=link)
    elif job.delivered in PLACES and story.own:
        yield say(PLACES[job.delivered])


def fitting(lines: Iterable[str], limit: int = LONGEST_MESSAGE) -> str:
    """Return the lines that fit into `limit` characters."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if len(longer) > limit:
            continue
        text = longer
    return text
