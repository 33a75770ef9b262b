"""/admin: its owner sees how the bot is doing and steers it; nobody else does."""

from __future__ import annotations

import asyncio

import discord
import pytest
from directed_service import Director
from fake_core import FakeCore
from jam_stage import JamStage
from quiet_bench import QuietBench
from stage import Stage, on_stage

from bot import incident
from bot.incident import log_incident
from bot.rehearsal.handle import Handle
from musicgen_core.errors import StorageUnavailable


@pytest.fixture(autouse=True)
def _no_incidents() -> None:
    incident.recent.clear()


async def order(stage: Stage, what: str, **options: str) -> str:
    handle = await stage.ada.slash(f"admin {what}", **options)
    return await answer(stage, handle)


async def answer(stage: Stage, handle: Handle) -> str:
    told = await stage.wait(lambda m: m["id"] == handle.original["id"] and m["content"])
    assert told["flags"] & 64, "private"
    return told["content"]


async def test_who_administers_a_server_without_owning_the_bot_is_refused() -> None:
    async with on_stage(FakeCore()) as stage:
        command = next(c for c in stage.discord.commands if c["name"] == "admin")
        assert int(command["default_member_permissions"]) == 1 << 3, "administrators"
        stage.bot.owner_id = int(stage.lin.id)
        for what in ("status", "pause", "resume", "drain", "reload"):
            handle = await stage.ada.slash(f"admin {what}", locale="zh-CN")
            assert handle.original["content"] == "只有机器人的所有者才能这样做。"
        await stage.lin.slash("compose", prompt="rain", duration=1)
        assert await stage.clip(), "nothing was paused"


async def test_status_tells_how_the_bot_is_doing() -> None:
    async with on_stage(FakeCore(frames_per_second=500)) as stage:
        assert "**Speed** unknown" in await order(stage, "status")
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await stage.status("Done.")
        error = ValueError("a token: abc.def")
        for _ in range(12):
            log_incident("A job_1 failed", error)
        shown = await order(stage, "status", locale="en-US")
    lines = dict(line.split("** ", 1) for line in shown.splitlines()[:8])
    assert lines["**Model"] == "fake · fake · fp32"
    assert lines["**Queue"] == "0 being made, 0 waiting"
    assert 0 < float(lines["**Speed"].split()[0]) <= 10
    assert lines["**Memory"].split()[0] not in {"0.00", "unknown"}
    assert lines["**Up"].startswith("0 d 0 h 0 min · 1 servers · latency ")
    assert lines["**Library"].startswith("1 clips, 0.00 GiB; ")
    assert lines["**Sweep"] == "not since the start"
    *_, last = shown.splitlines()
    assert len(shown.splitlines()) == 8 + 1 + 10, "the last ten errors"
    assert "A job\\_1 failed (ValueError)" in last
    assert incident.recent[0].id in last, "the newest first"
    assert "abc" not in shown


async def test_status_in_chinese_tells_of_a_failed_database_and_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise StorageUnavailable("gone")

    async with on_stage(FakeCore()) as stage:
        housekeeping = stage.bot.get_cog("Admin")._lookout._housekeeping
        await housekeeping.sweep()
        assert "0 clips too old, 0 files of nobody" in await order(stage, "status")
        monkeypatch.setattr(stage.bot.storage.sweeper, "sweep", fail)
        monkeypatch.setattr(stage.bot.storage.inventory, "take", fail)
        await housekeeping.sweep()
        shown = await order(stage, "status", locale="zh-CN")
        assert "**音乐库** 数据库无法使用，详见日志" in shown
        assert f"失败，日志编号 {housekeeping.last.incident}" in shown
        assert "The sweep failed (StorageUnavailable)" in shown


async def test_a_paused_bot_takes_nothing_new_until_it_is_resumed() -> None:
    director = Director()
    async with on_stage(executor=director) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await director.until("rain")
        assert "What is accepted (1) goes on." in await order(stage, "pause")
        assert "paused: nothing new is taken" in await order(stage, "status")
        for person, says in ((stage.grace, "I take nothing new"), (stage.lin, "我暂时不接新")):
            handle = await person.slash("compose", prompt="sun", duration=1)
            assert says in await answer(stage, handle)
        director.cue("rain")
        assert await stage.clip()
        assert await order(stage, "resume") == "I take new requests again."
        await stage.grace.slash("compose", prompt="sun", duration=1)
        await director.until("sun")
        director.cue("sun")
        await stage.wait(lambda m: m["attachments"] and "“sun”" in m["content"])


async def test_drain_says_when_the_last_clip_is_with_its_people() -> None:
    director = Director()
    async with on_stage(executor=director) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await director.until("rain")
        handle = await stage.ada.slash("admin drain")
        assert "what is accepted (1) is done" in handle.original["content"]
        director.cue("rain")
        drained = await stage.wait(
            lambda m: m["id"] == handle.original["id"] and "Nothing is on its way" in m["content"]
        )
        assert drained["content"].endswith("`/admin resume` lets me take new requests.")
        assert len(stage.clips()) == 1
        assert "I take nothing new" in await answer(
            stage, await stage.grace.slash("compose", prompt="sun", duration=1)
        )


async def test_drain_waits_for_what_is_being_made_for_jams_and_nothing_begins_meanwhile() -> None:
    director = Director()
    async with on_stage(executor=director, bench=QuietBench()) as stage:
        jam = await JamStage.started(stage.discord, stage.grace)
        radio = await JamStage.started(stage.discord, stage.lin, mode="radio")
        bandstand = stage.bot.get_cog("Admin")._bandstand
        await jam.play(stage.grace, "rain")
        await director.until("rain")
        handle = await stage.ada.slash("admin drain")
        assert handle.original["content"].endswith(
            "is done.\nTurns and mixes of jams that are being made and go on: 1."
        )
        on_air = await stage.bot.storage.jams.in_place(int(radio.place))
        played = asyncio.create_task(bandstand._fire(on_air.id, on_air.timer))
        for _ in range(3):
            director.cue("rain")
        assert await jam.vote(1), "the takes came"
        await stage.wait(
            lambda m: m["id"] == handle.original["id"] and "Nothing is on its way" in m["content"]
        )
        assert await order(stage, "pause", locale="zh-CN") == (
            "已暂停：我不接新请求。已接受的 0 个会继续完成。"
        )
        assert len(director.begun) == 3
        await order(stage, "resume")
        await played
        await director.until_begun(4)


async def test_a_drain_that_takes_longer_than_discord_waits_ends_in_a_direct_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    director = Director()
    async with on_stage(executor=director) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await director.until("rain")
        await stage.ada.slash("admin drain")
        monkeypatch.setattr(discord.Interaction, "is_expired", lambda _: True)
        director.cue("rain")
        direct = stage.ada.channel("dm").id
        await stage.wait(
            lambda m: m["channel_id"] == direct and "Nothing is on its way" in m["content"]
        )


async def test_a_bot_that_is_stopped_does_not_say_that_it_is_drained() -> None:
    director = Director()
    async with on_stage(executor=director) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await director.until("rain")
        handle = await stage.ada.slash("admin drain")
    assert "what is accepted (1) is done" in handle.original["content"]


async def test_reload_applies_what_it_can_and_names_what_needs_a_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(FakeCore()) as stage:
        assert await order(stage, "reload") == "The settings are as they were."
        monkeypatch.setenv("MINDJAM_MAX_SECONDS", "12")
        monkeypatch.setenv("MINDJAM_CLIP_FORMAT", "FLAC")
        monkeypatch.setenv("MINDJAM_WAITING_PER_PERSON", "1")
        monkeypatch.setenv("MINDJAM_MAX_QUEUE", "3")
        assert (await order(stage, "reload")).splitlines() == [
            "Changed and in force: `max_seconds`, `waiting_per_person`, `clip_format`.",
            "Changed, but in force only after a restart: `max_queue`.",
        ]
        assert stage.bot.settings.max_queue != 3
        handle = await stage.grace.slash("compose", prompt="rain", duration=13)
        assert "from 1 to 12 s" in await answer(stage, handle)
        handle = await stage.grace.slash("compose", prompt="rain", duration=1, variations=1)
        assert (await stage.clip())["attachments"][0]["filename"].endswith(".flac")
        assert stage.bot.get_cog("Admin")._workshop.limits.per_person == 1
        again = await order(stage, "reload", locale="zh-CN")
        assert again == "已更改，重启后才生效：`max_queue`。"


async def test_settings_that_cannot_be_used_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(FakeCore()) as stage:
        monkeypatch.setenv("MINDJAM_MAX_SECONDS", "500")
        monkeypatch.setenv("MINDJAM_CLIP_FORMAT", "FLAC")
        told = await order(stage, "reload")
        assert told.startswith("The settings stay as they were. The setting max_seconds cannot")
        assert stage.bot.settings.clip_format == "WAV"
