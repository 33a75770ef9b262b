"""How fast music is made here, measured, and how long more of it will take."""

from __future__ import annotations

import time
from collections.abc import Callable

from musicgen_core.crowd import Crowd
from musicgen_core.requests import Progress

ENOUGH = 0.5
"""Seconds of steps before a clip's own speed is believed."""


class Pace:
    """Seconds per frame, for the steps and for what follows the last of them (decoding).

    What precedes the first step is left out: it may be the loading of a model.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.crowd = Crowd(clock)
        self.step: float | None = None
        """Seconds a frame, None before any were measured."""
        self.rest: float | None = None
        """Seconds a frame behind the last step."""

    def begin(self, frames: int, loading: float = 0.0) -> Lap:
        """A clip of so many frames is begun, for which a model must be loaded so long first."""
        return Lap(self, frames, loading)

    def seconds_for(self, frames: int) -> float | None:
        """Return how long a clip of so many frames takes; None: nothing was measured."""
        return None if self.step is None else frames * (self.step + (self.rest or 0.0))

    def learn(self, step: float | None, rest: float | None) -> None:
        """Take what a clip took, in seconds a frame."""
        if step is not None:
            self.step = _blend(self.step, step)
        if rest is not None:
            self.rest = _blend(self.rest, rest)


class Lap:
    """One clip on its way."""

    def __init__(self, pace: Pace, frames: int, loading: float = 0.0) -> None:
        self._pace, self._frames = pace, frames
        self._loaded = pace.clock() + loading
        self._first: tuple[float, Progress] | None = None
        self._last: tuple[float, Progress] | None = None
        self._together = 0

    def advance(self, progress: Progress, together: int = 1) -> None:
        """The clip got on, one of so many that are made at once."""
        before, self._last = self._last, (self._pace.clock(), progress)
        self._first = self._first or self._last
        if before is not None and together == self._together:
            frames = progress.done - before[1].done
            self._pace.crowd.learn(together, frames, self._last[0] - before[0])
        self._together = together

    def finish(self) -> None:
        """The clip is done; remember its speed."""
        rest = None
        if self._last is not None:
            when, progress = self._last
            rest = (self._pace.clock() - when) / progress.total
        self._pace.learn(self._own_step(0.0), rest)

    def seconds_left(self) -> float | None:
        """Return how long the clip will yet take; None: nothing was measured."""
        if self._last is None:
            took = self._pace.seconds_for(self._frames)
            return None if took is None else max(0.0, self._loaded - self._pace.clock()) + took
        own = self._own_step(ENOUGH)
        step = self._pace.step if own is None else own
        if step is None:
            return None
        progress = self._last[1]
        rest = progress.total * (self._pace.rest or 0.0)
        return (progress.total - progress.done) * step + rest

    def _own_step(self, enough: float) -> float | None:
        if self._first is None or self._last is None:
            return None
        seconds = self._last[0] - self._first[0]
        frames = self._last[1].done - self._first[1].done
        return seconds / frames if frames > 0 and seconds >= enough else None


def _blend(old: float | None, new: float) -> float:
    """Believe a faster measurement at once and a slower one by half: it may have compiled."""
    return new if old is None or new < old else (old + new) / 2
