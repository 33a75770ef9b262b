"""How a step's time grows with the clips that are made at once, and how many are worth it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

GAIN = 1.02
"""One clip more must make so much more music a second; less is noise."""
STALE = 300.0
"""Seconds after which what was measured with more clips is tried anew: the host may be freer."""
_MEMORY = 50.0
"""Frames over which a measurement is averaged."""


@dataclass(frozen=True, slots=True)
class Bearable:
    """How slow a clip may become by those beside it."""

    seconds_a_frame: float = 0.02
    """Real time: as fast as this is always fast enough."""
    times_alone: float = 4.0
    """Where real time cannot be had: so many times slower than alone."""

    def limit(self, alone: float) -> float:
        """Return the most seconds a frame, from those that a clip alone takes."""
        return max(self.seconds_a_frame, self.times_alone * alone)


@dataclass(slots=True)
class _Measured:
    step: float
    weight: float
    when: float


class Crowd:
    """Seconds a frame by the number of clips that are made at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._measured: dict[int, _Measured] = {}

    def learn(self, clips: int, frames: int, seconds: float) -> None:
        """A clip got on by so many frames in so many seconds, one of so many clips."""
        if frames <= 0:
            return
        known = self._known(clips)
        weight = min(_MEMORY, known.weight) if known else 0.0
        total = known.step * weight if known else 0.0
        self._measured[clips] = _Measured(
            (total + seconds) / (weight + frames), weight + frames, self._clock()
        )

    def step(self, clips: int) -> float | None:
        """Return the seconds a frame takes with so many clips; None: not measured of late."""
        known = self._known(clips)
        return known.step if known else None

    def worth_one_more(self, running: int, bearable: Bearable) -> bool:
        """Tell whether another clip beside those that run makes more music and leaves them fast.

        What was not measured is tried: nobody knows better.
        """
        now, then = self.step(running), self.step(running + 1)
        if running == 0 or then is None:
            return running == 0 or now is None or now <= bearable.limit(self._alone(now))
        grows = now is None or (running + 1) / then > GAIN * running / now
        return grows and then <= bearable.limit(self._alone(then))

    def most(self, limit: int, bearable: Bearable) -> int:
        """Return how many clips at once are worth it, `limit` at most."""
        clips = 1
        while clips < limit and self.worth_one_more(clips, bearable):
            clips += 1
        return clips

    def _alone(self, otherwise: float) -> float:
        """Seconds a frame of the fewest clips that were measured."""
        fewest = min((n for n in self._measured if self._known(n)), default=0)
        return self._measured[fewest].step if fewest else otherwise

    def _known(self, clips: int) -> _Measured | None:
        known = self._measured.get(clips)
        stale = known is not None and self._clock() - known.when > STALE
        return None if stale else known
