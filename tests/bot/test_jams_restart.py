"""Jams whose bot is closed in the middle and opened again on the same database."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import soundfile
from fake_core import FakeCore
from jam_stage import JamStage, button
from quiet_bench import QuietBench
from stage import PLENTY, SteppedClock

from bot.app import application, online
from bot.client import MindjamBot
from bot.rehearsal.people import Person
from bot.rehearsal.server import Rehearsal
from bot.rehearsal.threads import Threads
from bot.settings import load_settings
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.jams import Jam, Phase
from musicgen_core.jams.wording import seeds_of
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo


@dataclass(frozen=True)
class OtherCore(FakeCore):
    """Another checkpoint, at half the rate."""

    @property
    def info(self) -> ModelInfo:
        return replace(super().info, name="other", sample_rate=16_000)

    def clip(self, request: GenerationRequest) -> Clip:
        made = super().clip(request)
        halved = made.samples[:, ::2].copy()
        return Clip(halved, 16_000, made.provenance, new_from=made.new_from // 2)


@dataclass
class Restarts:
    """One database and one Discord, in which the bot may be opened again and again."""

    discord: Rehearsal
    folder: Path
    clock: SteppedClock

    def person(self, which: int) -> Person:
        return self.discord.person(self.discord.world.people[which].id)

    @asynccontextmanager
    async def bot(self, core: FakeCore, stop_seconds: float = 0) -> AsyncIterator[MindjamBot]:
        settings = load_settings(
            "rehearsal", env_file=None, stop_seconds=stop_seconds,
            database=f"sqlite:///{self.folder}/mindjam.db", clips=self.folder / "clips",
        )  # fmt: skip
        with self.discord.attach():
            async with (
                application(
                    settings, InlineExecutor(lambda: core), edit_interval=0.05,
                    bench=QuietBench(), clock=self.clock,
                ) as bot,
                online(bot, self.discord.token),
            ):  # fmt: skip
                yield bot


@pytest.fixture
async def restarts(tmp_path: Path) -> AsyncIterator[Restarts]:
    clock = SteppedClock()
    async with Rehearsal(clock=clock) as discord:
        discord._frame._limits.count = lambda method, path: (PLENTY, None)
        yield Restarts(discord, tmp_path, clock)


async def until(bot: MindjamBot, jam: JamStage, fits: Callable[[Jam], object]) -> Jam:
    """Return the jam once it fits; the database has no event to wait for."""
    async with asyncio.timeout(20):
        while True:
            found = await bot.storage.jams.last_in_place(int(jam.place))
            if found is not None and fits(found):
                return found
            await asyncio.sleep(0.02)


async def test_a_turn_that_was_being_made_is_made_after_a_restart(restarts: Restarts) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore(frames_per_second=1)) as bot:
        jam = await JamStage.started(restarts.discord, ada)
        await jam.play(ada, "rain")
        before = await until(bot, jam, lambda found: found.phase is Phase.MAKING)
    async with restarts.bot(FakeCore()) as bot:
        await jam.vote(1)
        after = await until(bot, jam, lambda found: found.phase is Phase.VOTING)
    assert after.turn.attempt == before.turn.attempt


async def test_a_stop_lets_takes_that_are_being_made_come_and_be_shown(
    restarts: Restarts,
) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore(frames_per_second=100), stop_seconds=20) as bot:
        jam = await JamStage.started(restarts.discord, ada)
        await jam.play(ada, "rain")
        await until(bot, jam, lambda found: found.phase is Phase.MAKING)
    votes = [m for m in jam.messages() if button(m, "take")]
    assert len(votes) == 1
    async with restarts.bot(FakeCore()) as bot:
        found = await until(bot, jam, lambda found: found.phase is Phase.VOTING)
    assert found.post("vote:1.1") == int(votes[0]["id"])


async def test_a_vote_goes_on_under_the_old_message_and_is_posted_once(restarts: Restarts) -> None:
    ada, grace = restarts.person(0), restarts.person(2)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada)
        await jam.press(grace, "join")
        await jam.board(f"<@{grace.id}>")
        await jam.play(ada, "rain")
        vote = await jam.vote(1)
        await ada.press(vote, button(vote, "take", 2))
        await until(bot, jam, lambda found: found.turn.votes and found.post("vote:1.1"))
    async with restarts.bot(FakeCore()) as bot:
        await grace.press(vote, button(vote, "take", 2))
        await jam.track(1)
        found = await until(bot, jam, lambda found: found.head == 1)
        await jam.board("parts: 1")
    assert found.takes[0].file
    votes = [m for m in jam.messages() if button(m, "take")]
    boards = [m for m in jam.messages() if button(m, "join")]
    assert (len(votes), len(boards)) == (1, 1)


async def test_a_timer_that_ran_out_meanwhile_fires_at_the_start(restarts: Restarts) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada)
        found = await until(bot, jam, lambda found: found.post("board"))
    restarts.clock.ahead = found.settings.turn_seconds + 1
    async with restarts.bot(FakeCore()) as bot:
        await jam.wait(lambda m: "did not answer in time" in m["content"])
        assert (await until(bot, jam, lambda found: found.misses)).turn.number == 2


async def test_the_radio_plays_what_was_suggested_when_its_time_comes(restarts: Restarts) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada, mode="radio")
        form = await jam.press(ada, "suggest")
        await ada.submit(form, {"words": "strings"})
        found = await until(bot, jam, lambda found: found.turn.suggestions)
    restarts.clock.ahead = found.settings.radio_seconds + 1
    async with restarts.bot(FakeCore()) as bot:
        await jam.track(1)
        found = await until(bot, jam, lambda found: found.head == 1)
    assert (found.takes[0].direction, found.turn.suggestions) == ("strings", ())


async def test_words_are_voted_on_after_a_restart_under_the_old_list(restarts: Restarts) -> None:
    ada, grace = restarts.person(0), restarts.person(2)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada, mode="vote")
        await jam.press(grace, "join")
        await jam.board(f"<@{grace.id}>")
        form = await jam.press(ada, "suggest")
        await ada.submit(form, {"words": "strings"})
        listed = await jam.wait(lambda m: button(m, "words", 1))
        await ada.press(listed, button(listed, "words", 1))
        await until(bot, jam, lambda found: found.turn.wishes and found.post("suggestions:1"))
    async with restarts.bot(FakeCore()) as bot:
        await grace.press(listed, button(listed, "words", 1))
        await jam.vote(1)
        found = await until(bot, jam, lambda found: found.phase is Phase.VOTING)
    assert found.turn.direction == "strings"
    assert len([m for m in jam.messages() if button(m, "words")]) <= 1


async def test_a_tie_is_broken_after_a_restart_and_asked_about_once(restarts: Restarts) -> None:
    ada, grace = restarts.person(0), restarts.person(2)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada)
        await jam.press(grace, "join")
        await jam.board(f"<@{grace.id}>")
        await jam.play(ada, "rain")
        await jam.vote(1)
        found = await until(bot, jam, lambda found: found.post("vote:1.1"))
        await bot.get_cog("Admin")._bandstand._fire(found.id, found.timer)
        found = await until(bot, jam, lambda found: found.post("choice:1.1"))
    (asked,) = [m for m in jam.messages() if button(m, "choose")]
    async with restarts.bot(FakeCore()) as bot:
        await ada.press(asked, button(asked, "choose", 3))
        await jam.track(1)
        found = await until(bot, jam, lambda found: found.head == 1)
    assert found.takes[0].seed == seeds_of(found, 1, 1, 3)[2]
    assert len([m for m in jam.messages() if "you decide" in m["content"]]) <= 1


async def test_a_mix_that_was_being_made_is_made_after_a_restart_and_posted_once(
    restarts: Restarts,
) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore(frames_per_second=150)) as bot:
        jam = await JamStage.started(restarts.discord, ada, mode="solo")
        await jam.solo(ada, 1)
        await ada.slash("jam finish", ending="model", channel=jam.place)
        await until(bot, jam, lambda found: found.phase is Phase.MIXING)
    assert not [m for m in jam.messages() if button(m, "like")]
    async with restarts.bot(FakeCore()) as bot:
        found = await until(bot, jam, lambda found: found.phase is Phase.FINISHED)
        await until(bot, jam, lambda found: found.post("mix:1"))
    assert found.mix is not None
    assert len([m for m in jam.messages() if button(m, "like")]) == 1


async def test_a_thread_deleted_while_nobody_looked_closes_its_jam(restarts: Restarts) -> None:
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, restarts.person(0))
        await until(bot, jam, lambda found: found.post("board"))
    restarts.discord.faults.delete_channel(restarts.discord.world.channels[jam.place])
    async with restarts.bot(FakeCore()) as bot:
        assert (await until(bot, jam, lambda found: found.lost)).phase is Phase.CLOSED


async def test_a_thread_archived_while_nobody_looked_is_not_opened(restarts: Restarts) -> None:
    discord = restarts.discord
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(discord, restarts.person(0))
        await until(bot, jam, lambda found: found.post("board"))
    thread = discord.world.channels[jam.place]
    Threads(discord.world, discord.events).change(thread, archived=True)
    async with restarts.bot(FakeCore()) as bot:
        await until(bot, jam, lambda found: found.paused)
    assert thread.thread.archived


async def test_another_checkpoint_of_another_rate_plays_on_after_a_restart(
    restarts: Restarts,
) -> None:
    ada = restarts.person(0)
    async with restarts.bot(FakeCore()) as bot:
        jam = await JamStage.started(restarts.discord, ada, mode="solo")
        await jam.solo(ada, 1)
        await until(bot, jam, lambda found: found.head == 1 and found.unposted is None)
    async with restarts.bot(OtherCore()) as bot:
        await jam.wait(lambda m: "From now on other plays" in m["content"])
        await jam.solo(ada, 2)
        found = await until(bot, jam, lambda found: found.head == 2)
    assert [take.rate for take in found.takes] == [32_000, 16_000]
    attachment = (await jam.track(2))["attachments"][0]
    sound = soundfile.info(io.BytesIO(restarts.discord.world.attachments[attachment["id"]].content))
    assert (sound.samplerate, sound.frames) == (32_000, 2 * 96_000)
