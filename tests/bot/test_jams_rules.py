"""What the bot, a server and its people decide about jams: lengths, choices, and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fake_core import FakeCore
from jam_stage import JamStage, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from musicgen_core.jams import Jam

in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    usual = {"jam_takes": 4, "jam_hear_seconds": 7.0, "jam_vote_seconds": 90.0}
    async with on_stage(FakeCore(), bench=QuietBench(), **usual) as stage:
        yield stage


async def stored(stage: Stage, jam: JamStage) -> Jam:
    found = await stage.bot.storage.jams.last_in_place(int(jam.place))
    assert found is not None
    return found


@in_one_loop
async def test_a_jam_is_played_as_the_bot_has_it_where_nobody_says_otherwise(stage: Stage) -> None:
    chosen = (await stored(stage, await JamStage.started(stage.discord, stage.ada))).settings
    assert (chosen.candidates, chosen.hear_seconds, chosen.vote_seconds) == (4, 7.0, 90.0)


@in_one_loop
async def test_who_starts_a_jam_says_how_many_takes_and_how_much_is_heard(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, takes=2, hear_seconds=5)
    assert (await stored(stage, jam)).settings.hear_seconds == 5.0
    await jam.play(stage.ada, "rain")
    vote = await jam.vote(1)
    assert [bool(button(vote, "take", n)) for n in (1, 2, 3)] == [True, True, False]
