"""What /queue shows, and how a job is named in one line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from bot.locales import Phrases
from bot.ui.quoting import quote
from musicgen_core.jobs import JobState
from musicgen_core.storage import JobRecord
from musicgen_core.workshop import Commission

MOST_CHARACTERS = 1800
"""Of lines; with what stands around them they fit into one message."""
TITLE_LENGTH = 60


def queue_text(here: Sequence[Commission], elsewhere: int, say: Phrases) -> str:
    """Return the jobs of a place, those being made first, and how many there are elsewhere."""
    lines = [say("queue.heading") if here else say("queue.empty")]
    ordered = sorted(here, key=lambda commission: (commission.position, commission.job.created))
    shown = fitting([f"- {line(commission, say)}" for commission in ordered])
    lines += shown
    if len(shown) < len(here):
        lines.append(say("queue.more", count=len(here) - len(shown)))
    if elsewhere:
        lines.append("-# " + say("queue.elsewhere", count=elsewhere))
    return "\n".join(lines)


def fitting(lines: Sequence[str]) -> list[str]:
    """Return the first lines, as many as fit into one message."""
    ends = accumulate(len(text) + 1 for text in lines)
    return [text for text, end in zip(lines, ends, strict=True) if end <= MOST_CHARACTERS]


def line(commission: Commission, say: Phrases) -> str:
    """Return what a job is, whose, and how it stands."""
    what, who = title(commission.job, say), f"<@{commission.job.person_id}>"
    if commission.state is JobState.QUEUED:
        text = say("queue.waiting", what=what, who=who, position=max(1, commission.position))
    else:
        percent = int(100 * (commission.share or 0.0))
        text = say("queue.making", what=what, who=who, percent=percent)
    if commission.seconds_left is None:
        return text
    return f"{text} · {say('status.left', time=say.time(commission.seconds_left))}"


def title(job: JobRecord, say: Phrases) -> str:
    """Name a job by its title, quoted."""
    return quote(job.title, TITLE_LENGTH) if job.title else say("status.unconditional")
