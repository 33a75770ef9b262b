"""The status message: whose clip, how far it is, how long it will take."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.locales import Phrases, format_seconds
from bot.ui.quoting import quote
from musicgen_core.requests import GenerationRequest, ModelInfo
from musicgen_core.service import JobState, JobUpdate

BAR_CELLS = 20
FAILED_MARK = "⚠️"


@dataclass(frozen=True, slots=True)
class StatusText:
    """Says every state of one job in one language."""

    say: Phrases
    info: ModelInfo
    requester: str
    """The person's mention; the status never pings."""

    def of(self, update: JobUpdate) -> str:
        """Return the message's content while the job is on its way."""
        return self._page(update.job.request, self._state_lines(update))

    def final(self, request: GenerationRequest, line: str, *, failed: bool = False) -> str:
        """Return the message's content when nothing will change any more."""
        return self._page(request, [f"{FAILED_MARK} {line}" if failed else line])

    def _page(self, request: GenerationRequest, lines: list[str]) -> str:
        notes = [self.say.of_core(self.info.note)] if self.info.note else []
        if request.prompt and not is_readable(request.prompt, self.info.languages):
            notes.append(self.say("status.unknown_language"))
        return "\n".join([self._heading(request), *lines, *(f"-# {note}" for note in notes)])

    def _heading(self, request: GenerationRequest) -> str:
        what = quote(request.prompt) if request.prompt else self.say("status.unconditional")
        if request.audio is not None:
            own = format_seconds(request.audio.seconds)
            what = self.say("status.continued", what=what, seconds=own)
        seconds = format_seconds(request.seconds)
        return self.say("status.heading", who=self.requester, what=what, seconds=seconds)

    def _state_lines(self, update: JobUpdate) -> list[str]:
        lines = [self.say("status.starting_over")] if update.attempt > 1 else []
        if update.state is JobState.DONE:
            return [self._bar(update.job.request.seconds, update), self.say("status.sending")]
        if update.state is JobState.QUEUED:
            lines.append(self._with_time_left(self._place(update.position), update))
        elif update.progress is None or update.progress.done == 0:
            lines.append(self._with_time_left(self.say("status.warming_up"), update))
        else:
            made = update.progress.done / self.info.frame_rate
            lines.append(self._bar(made, update))
        return lines

    def _place(self, position: int) -> str:
        if position <= 1:
            return self.say("status.waiting_next")
        return self.say("status.waiting", position=position)

    def _bar(self, made: float, update: JobUpdate) -> str:
        seconds = update.job.request.seconds
        made = min(made, seconds)
        text = self.say("status.made", made=f"{made:.1f}", seconds=format_seconds(seconds))
        return self._with_time_left(f"`{bar(made / seconds)}` {text}", update)

    def _with_time_left(self, text: str, update: JobUpdate) -> str:
        if update.seconds_left is None or update.state is JobState.DONE:
            return text
        left = self.say("status.left", time=self.say.time(update.seconds_left))
        return f"{text} · {left}"


def bar(done: float) -> str:
    """Return a progress bar for a share from 0 to 1, with the percentage."""
    full = int(min(max(done, 0.0), 1.0) * BAR_CELLS)
    return "█" * full + "░" * (BAR_CELLS - full) + f" {int(min(max(done, 0.0), 1.0) * 100):3d} %"


def is_readable(text: str, languages: Sequence[str]) -> bool:
    """Tell whether at least half of the letters are of scripts that the languages are written in.

    Latin letters count as English; which language they really are is not looked into.
    """
    scripts = ("LATIN", "CJK") if "zh" in languages else ("LATIN",)
    letters = [c for c in text if c.isalpha()]
    known = sum(unicodedata.name(c, "").startswith(scripts) for c in letters)
    return 2 * known >= len(letters)
