import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from typing import Any

from bot.ui.edit_pace import OVERALL, EditPace


class SteppedClock:
    """Steps to the next one who is to wake, once everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking = asyncio.get_running_loop().create_future()
        wakes = self.now + max(seconds, 0.0)
        heapq.heappush(self._sleepers, (wakes, next(self._count), waking))
        await waking

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        working = asyncio.gather(*work)
        while not working.done():
            for _ in range(10):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, waking = heapq.heappop(self._sleepers)
                waking.set_result(None)
        await working


async def edit(pace: EditPace, channel: int, edits: list[float], *, urgent: bool = False) -> None:
    async with pace.turn(channel, urgent=urgent):
        edits.append(asyncio.get_running_loop().time())


async def test_a_channels_edits_keep_their_distance() -> None:
    pace, edits = EditPace(0.05), []
    await asyncio.gather(*(edit(pace, 1, edits) for _ in range(5)))
    assert all(after - before >= 0.049 for before, after in itertools.pairwise(edits))


async def test_channels_do_not_wait_for_each_other() -> None:
    pace, edits = EditPace(60, overall=0.0), []
    await asyncio.gather(*(edit(pace, channel, edits) for channel in range(5)))
    assert len(edits) == 5


async def test_a_last_word_does_not_wait_and_still_counts() -> None:
    pace, edits = EditPace(0.2), []
    waiting = [asyncio.create_task(edit(pace, 1, edits)) for _ in range(3)]
    await asyncio.sleep(0)
    last: list[float] = []
    await edit(pace, 1, last, urgent=True)
    assert len(edits) <= 1
    await asyncio.gather(*waiting)
    assert edits[1] - last[0] >= 0.19


async def test_quiet_channels_are_forgotten() -> None:
    pace, edits = EditPace(0.0, overall=0.0), []
    for channel in range(50):
        await edit(pace, channel, edits)
        await asyncio.sleep(0.001)
    assert len(pace._channels) <= 2


async def test_fifty_jobs_in_fifty_channels_stay_well_under_the_limit_of_the_whole_bot() -> None:
    clock, edits = SteppedClock(), []
    pace = EditPace(1.1, clock=clock, sleep=clock.sleep)

    async def job(channel: int) -> None:
        for _ in range(4):
            async with pace.turn(channel):
                edits.append(clock.now)

    await clock.run(*map(job, range(50)))
    assert len(edits) == 200
    # Rounded: sums of tenths are not exact.
    assert all(round(b - a, 6) >= OVERALL for a, b in itertools.pairwise(edits))
    assert edits[-1] - edits[0] < 200 * OVERALL + 5.0, "and nobody waits for nothing"
