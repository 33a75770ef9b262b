"""What the bot, a server and its people decide about jams: lengths, choices, and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from fake_core import FakeCore
from jam_stage import JamStage, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from bot.rehearsal.permissions import Permission
from musicgen_core.jams import Jam, Phase

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


@asynccontextmanager
async def ruled(stage: Stage, **rules: Any) -> AsyncIterator[None]:
    """Let the server have rules for the length of a block."""
    preferences, server = stage.bot.storage.preferences, int(stage.discord.world.guild.id)
    await preferences.change_server(server, **rules)
    try:
        yield
    finally:
        await preferences.change_server(server, **dict.fromkeys(rules))


@in_one_loop
async def test_who_may_not_use_the_bot_may_not_play_along_but_may_leave(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.play(stage.ada, "rain")
    vote = await jam.vote(1)
    guild = stage.discord.world.guild
    (dj,) = (int(role.id) for role in guild.roles.values() if role.name == "dj")
    async with ruled(stage, roles=(dj,)):
        for action, message in (("join", None), ("finish", None), ("take", vote)):
            pressed = await jam.press(stage.ada, action, message)
            assert pressed.modal is None
            assert f"<@&{dj}>" in pressed.original["content"], action
        found = await stored(stage, jam)
        assert (found.phase, found.turn.votes, len(found.members)) == (Phase.VOTING, (), 1)
        await jam.press(stage.lin, "join")
        await jam.wait(lambda m: m["content"] == f"<@{stage.lin.id}> joins in.")
        await jam.press(stage.ada, "leave")
        await jam.wait(lambda m: f"<@{stage.ada.id}> leaves the jam" in m["content"])


@in_one_loop
async def test_where_the_channel_is_allowed_so_are_the_jams_in_its_threads(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    async with ruled(stage, channels=(int(stage.studio.id),)):
        await jam.press(stage.grace, "join")
        await jam.wait(lambda m: m["content"] == f"<@{stage.grace.id}> joins in.")
    elsewhere = int(stage.ada.channel("general").id)
    async with ruled(stage, channels=(elsewhere,)):
        pressed = await jam.press(stage.lin, "join")
        assert f"<#{elsewhere}>" in pressed.original["content"]


@in_one_loop
async def test_the_takes_of_a_turn_are_one_clip_of_the_hour_of_who_plays(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="solo")
    for turn in (1, 2):
        await jam.solo(stage.ada, turn)
    spent = "You may ask for {} clips an hour here; there is room for this again <t:"
    server, who = int(stage.discord.world.guild.id), int(stage.ada.id)
    since = datetime.now(UTC) - timedelta(hours=1)
    played = len(await stage.bot.storage.jams.turns_since(who, server, since))
    async with ruled(stage, clips_an_hour=played):
        pressed = await jam.press(stage.ada, "play", await jam.board("Turn 3"))
        assert pressed.original["content"].startswith(spent.format(played))
        asked = await stage.ada.slash("compose", prompt="rain", duration=1)
        await stage.wait(lambda m: m["id"] == asked.original["id"] and "an hour" in m["content"])
    async with ruled(stage, clips_an_hour=played + 1):
        pressed = await jam.press(stage.ada, "play")
        assert pressed.modal is not None
    now = datetime.now(UTC)
    assert len(await stage.bot.storage.jams.turns_since(who, server, now)) == played - 2


@asynccontextmanager
async def denied(stage: Stage, permission: Permission) -> AsyncIterator[None]:
    """Take a permission from the bot in the studio for the length of a block."""
    stage.discord.faults.deny(permission, stage.studio)
    try:
        yield
    finally:
        stage.discord.faults.allow(permission, stage.studio)


@in_one_loop
async def test_without_the_right_to_write_in_threads_the_channel_is_played_in(stage: Stage) -> None:
    known = set(stage.discord.world.channels)
    async with denied(stage, Permission.SEND_MESSAGES_IN_THREADS):
        await stage.ada.slash("jam start", title="Here")
        board = await stage.wait(lambda m: "Jam: Here" in m["content"])
        assert board["channel_id"] == stage.studio.id
        assert set(stage.discord.world.channels) == known, "nobody finds a thread without a board"
        await stage.ada.press(board, button(board, "finish"))
        await stage.wait(lambda m: m["content"] == "The jam is closed.")


@in_one_loop
async def test_where_no_thread_can_be_had_the_channel_is_played_in(stage: Stage) -> None:
    fault = stage.discord.faults.fail(400, "POST", "/threads$")
    await stage.ada.slash("jam start", title="Too many")
    board = await stage.wait(lambda m: "Jam: Too many" in m["content"])
    assert (board["channel_id"], fault.times) == (stage.studio.id, 0)
    await stage.ada.press(board, button(board, "finish"))
    await stage.wait(lambda m: "Jam: Too many" in m["content"] and "closed" in m["content"])


@in_one_loop
@pytest.mark.parametrize(
    ("permissions", "sentence"),
    [
        (Permission.ATTACH_FILES, "I cannot play here: I lack the permission Attach Files."),
        (
            Permission.CREATE_PUBLIC_THREADS | Permission.SEND_MESSAGES,
            "I cannot play here: I lack the permission Send Messages.",
        ),
    ],
)
async def test_a_jam_that_could_show_nothing_is_refused(
    stage: Stage, permissions: Permission, sentence: str
) -> None:
    known = set(stage.discord.world.channels)
    async with denied(stage, permissions):
        asked = await stage.ada.slash("jam start", title="Nowhere")
        await stage.wait(lambda m: m["id"] == asked.original["id"] and m["content"] == sentence)
    assert set(stage.discord.world.channels) == known
    assert await stage.bot.storage.jams.in_place(int(stage.studio.id)) is None
