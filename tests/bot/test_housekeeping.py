"""The library is swept once an hour, not right after a start, and whatever fails."""

from __future__ import annotations

import asyncio

import pytest

from bot.housekeeping import EVERY_SECONDS, FIRST_SECONDS, Housekeeping
from bot.incident import recent
from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Swept


class Broom:
    """A storage whose sweeps are counted, and a clock that only ticks."""

    def __init__(self, *outcomes: Swept | Exception) -> None:
        self.sweeper, self.outcomes = self, list(outcomes)
        self.days: list[int | None] = []
        self.slept: list[float] = []
        self.over = asyncio.Event()

    async def sweep(self, days: int | None) -> Swept:
        self.days.append(days)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self.outcomes:
            self.over.set()
            await asyncio.Event().wait()


async def test_it_waits_first_and_then_sweeps_every_hour() -> None:
    storage = Broom(Swept(1, 2), Swept(0, 0))
    async with Housekeeping(storage, 0, storage.sleep) as housekeeping:
        await storage.over.wait()
    assert storage.slept == [FIRST_SECONDS, EVERY_SECONDS, EVERY_SECONDS]
    assert FIRST_SECONDS >= 300
    assert storage.days == [None, None], "0 days: for ever"
    assert housekeeping.last.swept == Swept(0, 0)


@pytest.mark.parametrize("error", [StorageUnavailable("gone"), ZeroDivisionError()])
async def test_a_sweep_that_fails_is_logged_and_the_next_one_is_made(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Broom(error, Swept(0, 0))
    lasts = []

    async def sleep(seconds: float) -> None:
        lasts.append(housekeeping.last)
        await storage.sleep(seconds)

    housekeeping = Housekeeping(storage, 30, sleep)
    async with housekeeping:
        await storage.over.wait()
    assert storage.days == [30, 30]
    assert lasts[1].incident == recent[-1].id
    assert recent[-1].id in caplog.text
    assert lasts[2].swept == Swept(0, 0)
