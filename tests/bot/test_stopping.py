"""A bot that is stopped takes the time it was given, all parts together."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.stopping import FAREWELL_SECONDS, TOLD, stop


@dataclass
class Dawdler:
    """Takes all the time that it is given, on a clock of its own."""

    now: float = 100.0

    async def settle(self, seconds: float) -> None:
        self.now += seconds

    async def close(self, seconds: float = 0.0) -> None:
        self.now += seconds


@pytest.mark.parametrize("seconds", [20.0, 60.0])
async def test_everybody_who_dawdles_together_stays_within_the_whole(seconds: float) -> None:
    slow, idle = Dawdler(), Dawdler()
    await stop(idle, slow, slow, seconds, lambda: slow.now)
    assert slow.now - 100.0 == pytest.approx(TOLD * seconds)
    assert seconds - (slow.now - 100.0) >= 4.0, "processes have to end, too"


async def test_time_that_nobody_needs_for_making_is_there_for_delivering() -> None:
    idle, slow = Dawdler(), Dawdler()
    await stop(idle, idle, slow, 20.0, lambda: slow.now)
    assert slow.now - 100.0 == pytest.approx(16.0)


async def test_however_short_the_time_is_people_are_told() -> None:
    slow = Dawdler()
    await stop(slow, slow, slow, 0.0, lambda: slow.now)
    assert slow.now - 100.0 == FAREWELL_SECONDS
