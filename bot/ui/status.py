"""The status message: whose clip, how far it is, how long it will take."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.locales import Phrases, format_seconds
from bot.ui.quoting import quote
from musicgen_core.requests import ModelInfo
from musicgen_core.service import JobState
from musicgen_core.storage import JobRecord
from musicgen_core.workshop import Commission

BAR_CELLS = 20
FAILED_MARK = "⚠️"


@dataclass(frozen=True, slots=True)
class StatusText:
    """Says every state of one job in one language."""

    say: Phrases
    info: Callable[[], ModelInfo | None]
    """What is known of the model; None: it was never loaded, so there is nothing yet."""
    requester: str
    """The person's mention; the status never pings."""

    def of(self, stands: Commission) -> str:
        """Return the message's content while the job is on its way."""
        return self._page(stands.job, self._state_lines(stands))

    def final(self, job: JobRecord, line: str, *, failed: bool = False) -> str:
        """Return the message's content when nothing will change any more."""
        return self._page(job, [f"{FAILED_MARK} {line}" if failed else line])

    def _page(self, job: JobRecord, lines: list[str]) -> str:
        info = self.info()
        notes = [self.say.of_core(info.note)] if info and info.note else []
        if info and job.prompt and not is_readable(job.prompt, info.languages):
            notes.append(self.say("status.unknown_language"))
        return "\n".join([self._heading(job), *lines, *(f"-# {note}" for note in notes)])

    def _heading(self, job: JobRecord) -> str:
        what = quote(job.title) if job.title else self.say("status.unconditional")
        if job.audio_file is not None or job.parent_id is not None:
            what = self.say("status.continued", what=what)
        seconds = format_seconds(job.seconds)
        if job.variations > 1:
            seconds = f"{job.variations} × {seconds}"
        return self.say("status.heading", who=self.requester, what=what, seconds=seconds)

    def _state_lines(self, stands: Commission) -> list[str]:
        lines = [self.say("status.starting_over")] if stands.attempt > 1 else []
        if stands.state is JobState.DONE:
            return [self._bar(stands), self.say("status.sending")]
        if stands.state is JobState.QUEUED:
            lines.append(self._with_time_left(self._place(stands.position), stands))
        elif not stands.share:
            lines.append(self._with_time_left(self.say("status.warming_up"), stands))
        else:
            lines.append(self._bar(stands))
        return lines

    def _place(self, position: int) -> str:
        if position <= 1:
            return self.say("status.waiting_next")
        return self.say("status.waiting", position=position)

    def _bar(self, stands: Commission) -> str:
        seconds = stands.job.seconds
        share = 1.0 if stands.state is JobState.DONE else stands.share or 0.0
        made = f"{share * seconds:.1f}"
        text = self.say("status.made", made=made, seconds=format_seconds(seconds))
        return self._with_time_left(f"`{bar(share)}` {text}", stands)

    def _with_time_left(self, text: str, stands: Commission) -> str:
        if stands.seconds_left is None or stands.state is JobState.DONE:
            return text
        left = self.say("status.left", time=self.say.time(stands.seconds_left))
        return f"{text} · {left}"


def bar(done: float) -> str:
    """Return a progress bar for a share from 0 to 1, with the percentage."""
    full = int(min(max(done, 0.0), 1.0) * BAR_CELLS)
    return "█" * full + "░" * (BAR_CELLS - full) + f" {int(min(max(done, 0.0), 1.0) * 100):3d} %"


def is_readable(text: str, languages: Sequence[str]) -> bool:
    """Tell whether at least half of the letters are of scripts that the languages are written in.

    Latin letters count as English; which language they really are is not looked into. Pictures
    alone say nothing to a model.
    """
    scripts = ("LATIN", "CJK") if "zh" in languages else ("LATIN",)
    letters = [c for c in text if c.isalpha()]
    known = sum(unicodedata.name(c, "").startswith(scripts) for c in letters)
    if not letters:
        return text.isascii() or any(c.isdigit() for c in text)
    return 2 * known >= len(letters)
