import asyncio
import io
from dataclasses import replace
from pathlib import Path

import aiohttp
import discord.abc
import pytest
import soundfile
from fake_core import FakeCore
from stage import PATIENCE, Stage, on_stage

from bot.incident import recent
from bot.origin import Origin
from bot.rehearsal.permissions import Permission
from bot.wish import Wish
from musicgen_core.errors import StorageUnavailable
from musicgen_core.requests import ModelInfo
from musicgen_core.storage import ClipRecord, Delivered, Storage

SLOW = FakeCore(frames_per_second=60)
POSTS = r"/channels/\d+/messages$"


async def begin(stage: Stage, prompt: str = "rain", seconds: float = 1) -> dict:
    """Ask for a clip as Grace; return the status once the clip is being made."""
    await stage.grace.slash("compose", prompt=prompt, duration=seconds)
    return await stage.status("%")


async def test_the_place_in_the_queue_is_shown() -> None:
    async with on_stage(SLOW, max_batch=1) as stage:
        await begin(stage, seconds=5)
        await stage.lin.slash("compose", prompt="sun", duration=1)
        assert await stage.status("下一个就轮到了")
        await stage.ada.slash("compose", prompt="snow", duration=1)
        assert await stage.status("Waiting, number 2 in line.")


class Noisy(FakeCore):
    @property
    def info(self) -> ModelInfo:
        return replace(super().info, note="This model is untrained: it makes noise.")


async def test_the_note_about_the_model_is_on_the_status() -> None:
    async with on_stage(Noisy()) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        status = await stage.status("Done.")
        assert status["content"].endswith("-# This model is untrained: it makes noise.")


async def test_a_clip_arrives_after_the_interaction_has_expired() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage)
        stage.clock.ahead += 16 * 60
        before = len(stage.discord.requests)
        clip = await stage.clip()
        assert clip["message_reference"]["message_id"] == status["id"]
        assert (await stage.status("Done."))["id"] == status["id"]
        late = [r for r in stage.discord.requests[before:] if r.path.startswith("/webhooks")]
        assert len(late) == 1, "then the bot knows that it has expired"
        edited = [r for r in stage.discord.requests if r.method == "PATCH"][-1]
        assert edited.path.endswith(f"/channels/{status['channel_id']}/messages/{status['id']}")


async def test_a_clip_arrives_without_a_reply_when_the_status_was_deleted() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage)
        world = stage.discord.world
        stage.discord._postbox.delete(world.message(status["channel_id"], status["id"]))
        clip = await stage.clip()
        assert "message_reference" not in clip
        assert clip["channel_id"] == stage.studio.id


async def test_a_clip_arrives_without_a_reply_where_history_may_not_be_read() -> None:
    async with on_stage() as stage:
        stage.discord.faults.deny(Permission.READ_MESSAGE_HISTORY, stage.studio)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        assert clip["channel_id"] == stage.studio.id
        assert "message_reference" not in clip


async def test_without_permission_to_attach_the_clip_comes_privately() -> None:
    async with on_stage() as stage:
        stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        assert clip["channel_id"] == stage.grace.channel("dm").id
        assert "a channel where I may not post it" in clip["content"]
        assert (
            f"sent it to <@{stage.grace.id}> privately" in (await stage.status("Done"))["content"]
        )
        assert len(stage.clips()) == 1


async def test_where_the_bot_may_not_write_the_person_is_told_and_gets_it_privately() -> None:
    async with on_stage() as stage:
        stage.discord.faults.deny(Permission.SEND_MESSAGES, stage.studio)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert "come as a direct message" in (await stage.told())["content"]
        assert (await stage.clip())["channel_id"] == stage.grace.channel("dm").id


async def test_a_channel_that_is_gone_does_not_lose_the_clip() -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage)
        stage.discord.faults.delete_channel(stage.studio)
        assert (await stage.clip())["channel_id"] == stage.grace.channel("dm").id


async def library(stage: Stage) -> list[ClipRecord]:
    """Return the clips of Grace that are stored."""
    return list((await stage.bot.storage.clips.page(int(stage.grace.id))).clips)


async def shut_everything(stage: Stage) -> None:
    """Let Grace's clip begin, then leave no place to send it."""
    await begin(stage)
    stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio)
    stage.discord.faults.close_dms(stage.grace.user)
    stage.clock.ahead += 16 * 60


async def test_a_clip_that_nobody_takes_stays_in_the_library(tmp_path: Path) -> None:
    async with on_stage(SLOW, clips=tmp_path) as stage:
        await shut_everything(stage)
        assert await stage.status("it is in your /library")
        assert stage.clips() == []
        (clip,) = await library(stage)
        assert soundfile.info(tmp_path / clip.file).frames == 32000
        job = await stage.bot.storage.jobs.get(clip.job_id)
        assert job.delivered is Delivered.LIBRARY


async def test_a_clip_that_is_too_large_in_every_format_stays_in_the_library() -> None:
    async with on_stage() as stage:
        stage.discord.world.guild.file_limit = 1000
        stage.discord.faults.close_dms(stage.grace.user)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert await stage.status("it is in your /library")
        assert len(await library(stage)) == 1


async def test_where_nothing_else_is_left_the_command_itself_is_answered() -> None:
    async with on_stage() as stage:
        stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio)
        stage.discord.faults.close_dms(stage.grace.user)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert (await stage.clip())["channel_id"] == stage.studio.id
        assert await stage.status("Done.")


async def test_a_disk_that_fails_does_not_cost_the_clip() -> None:
    async with on_stage() as stage:
        stage.bot.storage.files.write = full
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        assert await stage.status("Done.")
        assert {b["label"] for row in clip["components"] for b in row["components"]} == {
            "Again", "Variations", "Tweak…"
        }  # fmt: skip


async def test_after_a_full_disk_a_restart_has_nothing_to_say(tmp_path: Path) -> None:
    places = {"database": f"sqlite:///{tmp_path}/mindjam.db", "clips": tmp_path / "clips"}
    async with on_stage(SLOW, **places) as stage:
        stage.bot.storage.files.write = full
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await stage.clip()
        await stage.status("Done.")
        assert "could not be kept (StorageUnavailable)" in recent[-1].what
        await shut_everything(stage)
        await stage.status("something of mine failed")
    async with Storage(places["database"], places["clips"]) as storage:
        assert await storage.jobs.undelivered() == []


async def test_a_disk_that_fails_where_nobody_takes_the_clip_is_an_apology() -> None:
    async with on_stage(SLOW) as stage:
        stage.bot.storage.files.write = full
        await shut_everything(stage)
        assert "something of mine failed" in (await stage.status("⚠️"))["content"]
        stage.discord.faults.allow(Permission.ATTACH_FILES, stage.studio)
        await stage.grace.slash("compose", prompt="sun", duration=1)
        assert await stage.clip(), "the bot goes on"


async def full(*_: object) -> None:
    raise StorageUnavailable("The disk is full.")


async def test_in_direct_messages_the_clip_comes_there() -> None:
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1, channel="dm")
        assert (await stage.clip())["channel_id"] == stage.grace.channel("dm").id
        assert await stage.status("Done.")


async def test_in_a_group_that_the_bot_is_not_in_the_clip_comes_privately() -> None:
    async with on_stage() as stage:
        kitchen = int(stage.grace.channel("kitchen").id)
        origin = Origin(int(stage.grace.id), kitchen, None, frozenset(), "en-US")
        await stage.bot.presses._reception.order(origin, Wish(prompt="rain", seconds=1))
        assert (await stage.clip())["channel_id"] == stage.grace.channel("dm").id


@pytest.mark.parametrize(("limit", "suffix"), [(33_000, "flac"), (8_000, "ogg")])
async def test_a_wav_that_is_too_large_becomes_a_smaller_format_and_says_so(
    limit: int, suffix: str
) -> None:
    async with on_stage() as stage:
        stage.discord.world.guild.file_limit = limit
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        assert clip["attachments"][0]["filename"] == f"rain-0.{suffix}"
        assert f"Sent as {suffix.upper()}, because the WAV is larger" in clip["content"]
        assert soundfile.info(io.BytesIO(await stage.download(clip))).format.lower() == suffix


async def test_a_limit_that_shrank_meanwhile_is_met_on_the_way() -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage)
        stage.discord.world.guild.file_limit = 33_000
        assert (await stage.clip())["attachments"][0]["filename"] == "rain-0.flac"


async def test_a_rate_limit_on_the_upload_is_waited_out() -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage)
        fault = stage.discord.faults.rate_limit("POST", POSTS, retry_after=0.3)
        assert await stage.clip()
        assert await stage.status("Done.")
        assert fault.times == 0
        assert len(stage.clips()) == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_an_upload_that_succeeded_with_an_error_is_not_posted_twice(status: int) -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage)
        fault = stage.discord.faults.fail(status, "POST", POSTS, after=True)
        assert await stage.clip()
        assert await stage.status("Done.")
        assert fault.times == 0
        assert len(stage.clips()) == 1


async def test_a_lost_connection_during_the_upload_gives_exactly_one_clip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send, lost = discord.abc.Messageable.send, []

    async def send_and_lose(self, *args, **options):
        message = await send(self, *args, **options)
        if "files" in options and not lost:
            lost.append(message)
            raise aiohttp.ServerDisconnectedError
        return message

    monkeypatch.setattr(discord.abc.Messageable, "send", send_and_lose)
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert await stage.status("Done.")
        assert lost
        assert len(stage.clips()) == 1


async def test_a_gateway_that_drops_meanwhile_changes_nothing() -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage)
        await stage.discord.faults.drop_gateway()
        assert await stage.clip()
        assert await stage.status("Done.")


async def test_a_model_that_refuses_late_says_so_on_the_status() -> None:
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="refuse", duration=1)
        status = await stage.status("Not made")
        assert "⚠️ Not made: The fake core refuses this prompt." in status["content"]
        assert status["components"] == []


async def test_a_model_that_breaks_is_an_apology_with_an_incident(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="boom", duration=1)
        status = await stage.status("Sorry, something of mine failed")
        incident = status["content"].splitlines()[1].rstrip(".").split()[-1]
        assert any(incident in record.getMessage() for record in caplog.records)
        assert "ValueError" not in status["content"]


async def test_a_bot_that_stops_says_that_it_goes_on() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage, seconds=5)
        world = stage.discord.world
    message = world.message(status["channel_id"], status["id"])
    assert "this clip goes on right after" in message.content
    assert message.components, "it can still be cancelled"


async def test_a_deleted_message_ends_the_edits() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage)
        world = stage.discord.world
        stage.discord._postbox.delete(world.message(status["channel_id"], status["id"]))
        await stage.clip()
        gone = [r for r, refusal in stage.discord.refusals if refusal.code == 10008]
        assert len(gone) == 1


async def test_a_bot_that_stops_waits_for_no_clip_that_is_yet_to_be_made() -> None:
    async with on_stage(SLOW) as stage:
        await begin(stage, seconds=20)
        delivery = stage.bot.get_cog("Admin")._delivery
        async with asyncio.timeout(PATIENCE):
            await delivery.settle(3600)
