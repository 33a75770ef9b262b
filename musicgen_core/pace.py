"""How fast music is made here, measured, and how long more of it will take."""

from __future__ import annotations

import time
from collections.abc import Callable

from musicgen_core.requests import Progress

ENOUGH = 0.5
"""Seconds of steps before a batch's own speed is believed."""


class Pace:
    """Seconds per frame, for the steps and for what follows the last of them (decoding).

    What precedes the first step is left out: it may be the loading of a model.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step: float | None = None
        self._rest: float | None = None
        self._frames = 0
        self._first: tuple[float, Progress] | None = None
        self._last: tuple[float, Progress] | None = None

    def begin(self, frames: int) -> None:
        """A batch starts whose longest row has `frames`."""
        self._frames = frames
        self._first = self._last = None

    def advance(self, progress: Progress) -> None:
        """The batch got on."""
        self._last = (self._clock(), progress)
        self._first = self._first or self._last

    def finish(self) -> None:
        """The batch is done; remember its speed."""
        if (own := self._own_step(0.0)) is not None:
            self._step = _blend(self._step, own)
        if self._last is not None:
            when, progress = self._last
            self._rest = _blend(self._rest, (self._clock() - when) / progress.total)
        self.begin(0)

    def seconds_for(self, frames: int) -> float | None:
        """Return how long a batch takes whose longest row has `frames`; None: nothing measured."""
        step = self._current_step()
        return None if step is None else frames * (step + (self._rest or 0.0))

    def seconds_left(self) -> float | None:
        """Return how long the running batch will yet take; None: nothing measured."""
        if self._last is None:
            return self.seconds_for(self._frames) if self._frames else 0.0
        step = self._current_step()
        if step is None:
            return None
        progress = self._last[1]
        return (progress.total - progress.done) * step + progress.total * (self._rest or 0.0)

    def _current_step(self) -> float | None:
        own = self._own_step(ENOUGH)
        return self._step if own is None else own

    def _own_step(self, enough: float) -> float | None:
        if self._first is None or self._last is None:
            return None
        seconds = self._last[0] - self._first[0]
        frames = self._last[1].done - self._first[1].done
        return seconds / frames if frames > 0 and seconds >= enough else None


def _blend(old: float | None, new: float) -> float:
    """Believe a faster measurement at once and a slower one by half: it may have compiled."""
    return new if old is None or new < old else (old + new) / 2
