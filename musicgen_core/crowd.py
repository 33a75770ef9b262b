"""How a step's time grows with the clips that are made at once, and how many are worth it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

GAIN = 1.02
"""One clip more must be expected to make so much more music a second."""
LOSS = 0.75
"""Where it was seen to make less than that, it is not worth it, whatever is expected."""
GROWTH = 0.4
"""What a step takes longer with each clip more, over its time with one, where nothing is measured.

It is believed like one measurement. Speeds that were measured at different moments tell little of
each other on a host that others use, and a wrong refusal costs more music than a wrong clip.
"""
STALE = 300.0
"""Seconds after which what was measured with more clips is tried anew: the host may be freer."""
WORST = 1.5
"""The most growth that is believed: at 1 another clip makes no more music, and what looks far worse
was something else that the host did."""
FADING = 15.0
"""Seconds after which what was seen of several clips counts half, and no longer forbids: else one
bad moment would keep clips apart for as long as nobody tries."""
_ENOUGH = 40.0
"""Frames that tell something: of fewer, an end or a beginning is most."""
_MEMORY = 200.0
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

        What was not measured is tried unless it is slow already.
        """
        if running == 0:
            return True
        now, then = self._seen(running), self._seen(running + 1)
        slowest = now if then is None else then
        if slowest is not None and slowest > bearable.limit(self._alone(slowest)):
            return False
        gain = (running + 1) / then / (running / now) if now and then else math.inf
        return gain > LOSS and self._expected_gain(running) > GAIN

    def _expected_gain(self, running: int) -> float:
        """How much more music another clip makes, if a step grows by the same time for each."""
        growth = self._growth(running + 1)
        slower = (1 + growth * running) / (1 + growth * (running - 1))
        return (running + 1) / running / slower

    def _growth(self, most: int) -> float:
        """What a step takes longer with each clip more, from what was seen of up to `most`.

        The more clips, the less is their growth blurred by the host's moods.
        """
        alone = self.step(1)
        total, weight = GROWTH, 1.0
        for clips in range(2, most + 1):
            step = self.step(clips)
            if alone and step is not None:
                seen = min(WORST, max(0.0, (step / alone - 1) / (clips - 1)))
                known = min(1.0, self._measured[clips].weight / _ENOUGH)
                own = known * (clips - 1) ** 2 * 0.5 ** (self._age(clips) / FADING)
                total, weight = total + own * seen, weight + own
        return total / weight

    def _seen(self, clips: int) -> float | None:
        """Return the seconds a frame took lately with so many clips; None: nobody saw it."""
        known = self._known(clips)
        if known is None or known.weight < _ENOUGH or self._age(clips) > FADING:
            return None
        return known.step

    def _age(self, clips: int) -> float:
        return self._clock() - self._measured[clips].when

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
