"""Jams whose takes are made on cue: players who go meanwhile, cancelled takes, fair shares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import discord
import pytest
import stage as stages
from directed_service import Director
from jam_stage import JamStage, Message, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from bot.rehearsal.dispatches import Intent
from bot.rehearsal.permissions import Permission
from bot.rehearsal.server import Rehearsal
from musicgen_core.hearing import Heard
from musicgen_core.jams import Jam, Phase, reel
from musicgen_core.jams.wording import seeds_of


@pytest.fixture(autouse=True)
def _hear_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let parts have no tempo and no key: librosa takes longer to load than these tests take."""
    monkeypatch.setattr(reel, "hear", lambda samples, rate: Heard())


@pytest.fixture
def director() -> Director:
    return Director()


@pytest.fixture
async def stage(director: Director) -> AsyncIterator[Stage]:
    async with on_stage(executor=director, bench=QuietBench()) as stage:
        yield stage


async def until(stage: Stage, jam: JamStage, fits: Callable[[Jam], object]) -> Jam:
    """Return the jam once it fits; the database has no event to wait for."""
    async with asyncio.timeout(20):
        while True:
            found = await stage.bot.storage.jams.last_in_place(int(jam.place))
            if found is not None and fits(found):
                return found
            await asyncio.sleep(0.02)


async def graces_turn(stage: Stage) -> JamStage:
    """Start a jam of Grace and Ada in which it is Grace's turn."""
    jam = await JamStage.started(stage.discord, stage.grace)
    await jam.press(stage.ada, "join")
    await jam.board(f"<@{stage.ada.id}>")
    return jam


async def graces_vote(stage: Stage, director: Director) -> tuple[JamStage, Message]:
    """Go on to the vote on three takes of Grace's."""
    jam = await graces_turn(stage)
    await jam.play(stage.grace, "rain")
    for _ in range(3):
        director.cue("rain")
    # The time to vote begins anew when the bot has noted that the takes can be heard.
    await until(stage, jam, lambda found: found.post("vote:1.1"))
    return jam, await jam.vote(1)


def is_adas(stage: Stage, found: Jam) -> bool:
    here = found.turn is not None and found.turn.player == int(stage.ada.id)
    return here and not found.has_member(int(stage.grace.id))


async def time_is_over(stage: Stage, jam: JamStage) -> None:
    """Let the turn's timer fire."""
    found = await until(stage, jam, lambda found: found.timer)
    await stage.bot.get_cog("Admin")._bandstand._fire(found.id, found.timer)


async def test_a_player_banned_while_takes_are_made_loses_the_turn_and_the_takes(
    stage: Stage, director: Director
) -> None:
    jam = await graces_turn(stage)
    await jam.play(stage.grace, "rain")
    await director.until("rain")
    stage.discord.faults.remove_member(stage.grace.user, banned=True)
    found = await until(stage, jam, lambda found: is_adas(stage, found))
    assert (found.phase, found.owner, found.takes) == (Phase.WAITING, int(stage.ada.id), ())
    assert found.banned == (int(stage.grace.id),)
    await director.until()
    assert {*director.cancelled} == {"rain"}
    await jam.board(f"it is up to <@{stage.ada.id}>")


async def test_a_player_banned_during_the_vote_loses_the_turn(
    stage: Stage, director: Director
) -> None:
    jam, vote = await graces_vote(stage, director)
    stage.discord.faults.remove_member(stage.grace.user, banned=True)
    await until(stage, jam, lambda found: is_adas(stage, found))
    await stage.ada.press(vote, button(vote, "take", 1))
    await jam.wait(lambda m: m["content"].startswith("This turn is over"))


async def test_a_player_who_left_the_server_is_taken_out_when_their_time_is_over(
    stage: Stage,
) -> None:
    jam = await graces_turn(stage)
    stage.discord.faults.remove_member(stage.grace.user)
    await time_is_over(stage, jam)
    found = await until(stage, jam, lambda found: is_adas(stage, found))
    assert (found.owner, found.misses) == (int(stage.ada.id), 0)
    await jam.wait(lambda m: f"<@{stage.grace.id}> leaves the jam" in m["content"])


async def test_a_player_who_does_not_see_the_channel_any_more_is_taken_out_likewise(
    stage: Stage,
) -> None:
    jam = await graces_turn(stage)
    stage.discord.faults.deny(Permission.VIEW_CHANNEL, stage.studio, stage.grace.user)
    await time_is_over(stage, jam)
    await until(stage, jam, lambda found: is_adas(stage, found))


async def test_a_player_who_is_only_slow_stays_in_the_jam(stage: Stage) -> None:
    jam = await graces_turn(stage)
    await time_is_over(stage, jam)
    found = await until(stage, jam, lambda found: found.turn.player == int(stage.ada.id))
    assert found.has_member(int(stage.grace.id))


async def test_with_the_intent_for_members_who_leaves_is_taken_out_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intents = discord.Intents.default()
    intents.members = True
    monkeypatch.setattr(discord.Intents, "default", lambda: intents)
    granted = partial(Rehearsal, privileged_intents=Intent.GUILD_MEMBERS)
    monkeypatch.setattr(stages, "Rehearsal", granted)
    async with on_stage(bench=QuietBench()) as stage:
        jam = await graces_turn(stage)
        stage.discord.faults.remove_member(stage.grace.user)
        await until(stage, jam, lambda found: is_adas(stage, found))


async def test_takes_that_are_being_made_are_cancelled_by_a_button(
    stage: Stage, director: Director
) -> None:
    jam = await graces_turn(stage)
    await jam.play(stage.grace, "rain")
    await director.until("rain")
    board = await jam.wait(lambda m: button(m, "cancel"))
    await stage.lin.press(board, button(board, "cancel"))
    await jam.wait(lambda m: m["content"].endswith("或可以管理消息的人才能取消制作。"))
    await director.until("rain")
    await stage.grace.press(board, button(board, "cancel"))
    await jam.wait(lambda m: "The candidates were cancelled" in m["content"])
    await director.until()
    board = await jam.board(f"it is up to <@{stage.grace.id}>")
    assert not button(board, "cancel")
    form = await stage.grace.press(board, button(board, "play"))
    await stage.grace.submit(form, {"direction": "sun"})
    await director.until("sun")
    board = await jam.wait(lambda m: button(m, "cancel"))
    await stage.ada.press(board, button(board, "cancel"))  # she may manage messages
    await director.until()
    assert (await until(stage, jam, lambda found: found.phase is Phase.WAITING)).takes == ()


async def test_when_nobody_votes_the_player_is_asked_and_decides(
    stage: Stage, director: Director
) -> None:
    jam, _ = await graces_vote(stage, director)
    await time_is_over(stage, jam)
    asked = await jam.wait(lambda m: "it is a tie: you decide" in m["content"])
    await stage.ada.press(asked, button(asked, "choose", 3))
    await jam.wait(lambda m: m["content"] == f"This choice is for <@{stage.grace.id}> alone.")
    await stage.grace.press(asked, button(asked, "choose", 3))
    await jam.track(1)
    found = await until(stage, jam, lambda found: found.head == 1)
    assert found.takes[0].seed == seeds_of(found, 1, 1, 3)[2]


async def test_jams_and_people_take_turns_at_the_model() -> None:
    director = Director()
    async with on_stage(executor=director, bench=QuietBench(), max_batch=1) as stage:
        for player, direction in ((stage.ada, "rain"), (stage.lin, "sun")):
            jam = await JamStage.started(stage.discord, player, mode="open")
            await jam.play(player, direction)
            await until(stage, jam, lambda found: found.phase is Phase.MAKING)
        await director.until_begun(1)
        await stage.grace.slash("compose", prompt="snow", duration=1)
        await stage.wait(lambda m: "“snow”" in m["content"] and "in line" in m["content"])
        for prompt in ("rain", "sun", "snow", "rain", "sun", "rain", "sun"):
            director.cue(prompt)
        await director.until_begun(7)
    assert {*director.begun[:3]} == {"rain", "sun", "snow"}
    assert director.begun.count("rain") == director.begun.count("sun") == 3
