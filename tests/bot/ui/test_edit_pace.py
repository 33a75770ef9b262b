import asyncio
import itertools

from bot.ui.edit_pace import EditPace


async def edit(pace: EditPace, channel: int, edits: list[float], *, urgent: bool = False) -> None:
    async with pace.turn(channel, urgent=urgent):
        edits.append(asyncio.get_running_loop().time())


async def test_a_channels_edits_keep_their_distance() -> None:
    pace, edits = EditPace(0.05), []
    await asyncio.gather(*(edit(pace, 1, edits) for _ in range(5)))
    assert all(after - before >= 0.049 for before, after in itertools.pairwise(edits))


async def test_channels_do_not_wait_for_each_other() -> None:
    pace, edits = EditPace(60), []
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
    pace, edits = EditPace(0.0), []
    for channel in range(50):
        await edit(pace, channel, edits)
        await asyncio.sleep(0.001)
    assert len(pace._channels) <= 2
