"""Discord's ids: 64 bits with the time they were made in the upper 42."""

from collections.abc import Callable
from itertools import count

Clock = Callable[[], float]
"""Answers the time in seconds since 1970; tests pass their own to let minutes fly."""

DISCORD_EPOCH = 1_420_070_400.0
_WORKER_AND_PROCESS = (1 << 17) | (2 << 12)


class Snowflakes:
    """Makes ids that are unique, sort by age and tell when they were made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._increment = count(1)
        self._last = 0

    def next(self) -> str:
        """Return a fresh id as the decimal string in which Discord sends it."""
        moment = int((self._clock() - DISCORD_EPOCH) * 1000)
        made = (moment << 22) | _WORKER_AND_PROCESS | (next(self._increment) & 0xFFF)
        # Two ids of one millisecond may wrap the increment, and a test's clock may stand still.
        self._last = max(made, self._last + 1)
        return str(self._last)
