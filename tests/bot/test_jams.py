"""A jam's whole life in the embedded Discord: turns, votes, undo, fork, finish."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from jam_stage import JamStage, Message, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from musicgen_core.jams import Phase
from musicgen_core.studio import OUTRO_SECONDS

in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), bench=QuietBench()) as stage:
        yield stage


@in_one_loop
async def test_a_jam_is_played_voted_undone_forked_and_finished(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, prompt="lo-fi piano")
    board = await jam.board("it is up to")
    assert board["attachments"][0]["filename"] == "jam.png"
    await jam.press(stage.grace, "join")
    await jam.board(f"<@{stage.grace.id}>")

    await jam.play(stage.ada, "with strings")
    vote = await jam.vote(1)
    assert [a["filename"] for a in vote["attachments"]] == ["1.wav", "2.wav", "3.wav"]
    await stage.ada.press(vote, button(vote, "take", 2))
    await stage.grace.press(vote, button(vote, "take", 2))
    first = await stage.download(await jam.track(1))
    stored = await stage.bot.storage.jams.in_place(int(jam.place))
    assert stored.takes[0].seed == stored_seed(stored, 2)
    assert soundfile.info(io.BytesIO(first)).frames == 96000

    await jam.play(stage.grace, "now drums")
    vote = await jam.vote(2)
    await stage.ada.press(vote, button(vote, "take", 1))
    await stage.grace.press(vote, button(vote, "take", 1))
    both = await stage.download(await jam.track(2))
    begun, whole = (soundfile.read(io.BytesIO(data))[0] for data in (first, both))
    assert np.abs(whole[: len(begun)] - begun).max() < 1e-4, "the seam leaves the track as it was"
    assert len(whole) == 2 * 96000

    await jam.press(stage.grace, "undo", await jam.board("parts: 2"))
    await jam.wait(lambda m: "Part 2 is taken back" in m["content"])
    shown = await stage.ada.slash("jam tree", channel=jam.place)
    await stage.wait(lambda m: m["id"] == shown.original["id"] and m["attachments"])

    await forked_into_a_thread_that_has_its_track(stage, jam)

    await jam.press(stage.ada, "finish")
    mix = await jam.wait(lambda m: button(m, "like"))
    sound, rate = soundfile.read(io.BytesIO(await stage.download(mix)))
    assert (len(sound), rate) == (96000, 32000)
    assert f"<@{stage.ada.id}>: 3 s, parts: 1" in mix["content"]
    assert mix["attachments"][1]["filename"] == "cover.png"
    ended = await stage.bot.storage.jams.get(stored.id)
    assert ended.phase is Phase.FINISHED
    assert abs(ended.mix.loudness + 14) < 0.5

    await liked_and_not_any_more(stage, jam, mix)
    packed = await stage.grace.slash("jam stems", channel=jam.place)
    stems = await stage.wait(
        lambda m: any(a["filename"] == "rain-stems.zip" for a in m["attachments"])
    )
    assert packed.acked
    with zipfile.ZipFile(io.BytesIO(await stage.download(stems))) as archive:
        assert archive.namelist() == ["1-Ada.flac"]


async def forked_into_a_thread_that_has_its_track(stage: Stage, jam: JamStage) -> None:
    known = set(stage.discord.world.channels)
    form = await jam.press(stage.grace, "fork")
    await stage.grace.submit(form, {"title": "Snow", "part": "2"})
    told = await jam.wait(lambda m: "begins a new jam from part 2" in m["content"])
    (place,) = set(stage.discord.world.channels) - known
    assert f"<#{place}>" in told["content"]
    forked = JamStage(stage.discord, place)
    assert (
        soundfile.info(io.BytesIO(await stage.download(await forked.track(2)))).frames == 2 * 96000
    ), "the fork's thread has its track from the beginning"
    parent = f"[Rain](https://discord.com/channels/{stage.discord.world.guild.id}/{jam.place})"
    assert parent in (await forked.board())["content"]
    child = await stage.bot.storage.jams.in_place(int(place))
    assert (child.title, len(child.takes), child.owner) == ("Snow", 2, int(stage.grace.id))


async def liked_and_not_any_more(stage: Stage, jam: JamStage, mix: Message) -> None:
    await jam.press(stage.lin, "like", mix)
    await jam.wait(lambda m: m["content"] == "1 人喜欢。")
    listed = await stage.lin.slash("jam gallery")
    await stage.wait(lambda m: m["id"] == listed.original["id"] and "1 人喜欢" in m["content"])
    await jam.press(stage.lin, "like", mix)
    await jam.wait(lambda m: m["content"] == "已取消喜欢。0 人喜欢。")
    listed = await stage.lin.slash("jam gallery")
    await stage.wait(lambda m: m["id"] == listed.original["id"] and "0 人喜欢" in m["content"])


def stored_seed(jam: object, number: int) -> int:
    from musicgen_core.jams.wording import seeds_of

    return seeds_of(jam, 1, 1, 3)[number - 1]


@in_one_loop
async def test_an_ending_that_the_model_was_asked_for_is_in_the_mix(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="solo")
    await jam.solo(stage.ada, 1)
    await stage.ada.slash("jam finish", ending="model", channel=jam.place)
    mix = await jam.wait(lambda m: button(m, "like"))
    sound, rate = soundfile.read(io.BytesIO(await stage.download(mix)))
    assert (len(sound) / rate, rate) == (3.0 + OUTRO_SECONDS, 32000)
    # A fade would have made it silent long before.
    assert np.abs(sound[-rate : -rate // 2]).max() > 0.1
