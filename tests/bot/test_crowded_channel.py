"""A channel that takes no further post just now: the clip goes into its status, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from fake_core import FakeCore
from stage import PATIENCE, Stage, on_stage
from test_decoration import Artist

from bot.delivery import Delivery
from bot.rehearsal.permissions import Permission
from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Delivered, JobRecord

SLOW = FakeCore(frames_per_second=60)


@asynccontextmanager
async def crowded(core: FakeCore | None = None, posts: int = 0) -> AsyncIterator[Stage]:
    async with on_stage(core, posts=posts) as stage:
        yield stage


async def ask(stage: Stage, prompt: str = "rain") -> None:
    await stage.grace.slash("compose", prompt=prompt, duration=1)


async def job_of(stage: Stage) -> JobRecord:
    (clip, *_) = (await stage.bot.storage.clips.page(int(stage.grace.id))).clips
    job = await stage.bot.storage.jobs.get(clip.job_id)
    assert job is not None
    return job


async def delivered(stage: Stage) -> JobRecord:
    """Return Grace's job once nothing is left to do about it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if stage.clips():
                job = await job_of(stage)
                if job.delivered and job.status_message_id is None:
                    return job
            await asyncio.sleep(0.05)  # a database tells nobody


def delivery_of(stage: Stage) -> Delivery:
    return stage.bot.get_cog("Admin")._delivery


async def begin_anew(stage: Stage) -> None:
    """Do what the next process does with what this one left."""
    delivery_of(stage).take_up(await stage.bot.storage.jobs.undelivered())


def posts(stage: Stage) -> int:
    return sum(
        r.method == "POST" and r.path.startswith("/channels/") for r in stage.discord.requests
    )


async def test_the_clip_goes_into_the_status_with_its_buttons() -> None:
    async with crowded(SLOW) as stage:
        await ask(stage)
        status = await stage.status("%")
        clip = await stage.clip()
        assert clip["id"] == status["id"]
        assert clip["content"] == f"<@{stage.grace.id}> “rain”, 1 s, seed 0."
        assert [m["id"] for m in clip["mentions"]] == [stage.grace.id]
        labels = {b["label"] for row in clip["components"] for b in row["components"]}
        assert labels == {"Continue", "Again", "Variations", "Tweak…", "Keep", "Delete"}
        job = await delivered(stage)
        assert (job.delivered, job.result_message_id) == (Delivered.CHANNEL, int(status["id"]))
        (only,) = stage.messages()
        assert only["content"] == clip["content"], "it is not told to be done"
        assert posts(stage) == 0
        await stage.grace.press(clip, "Again")
        assert await stage.wait(lambda m: m["attachments"] and m["id"] != clip["id"])


async def test_the_clip_in_the_status_gets_its_card() -> None:
    async with on_stage(posts=0, presenter=Artist()) as stage:
        await ask(stage)
        clip = await stage.wait(lambda m: len(m["attachments"]) == 2)
        assert [a["filename"] for a in clip["attachments"]] == ["rain-0.wav", "card-1.png"]
        assert clip["content"].endswith("-# I hear 120 bpm · A minor.")
        assert clip["components"]
        assert len(stage.messages()) == 1


async def test_the_clip_in_the_status_can_be_deleted() -> None:
    async with crowded() as stage:
        await ask(stage)
        await delivered(stage)
        await stage.grace.press(await stage.clip(), "Delete")
        question = await stage.told()
        await stage.grace.press(question, "Delete for good")
        await stage.wait(lambda m: m["content"] == "Deleted.")
        assert stage.clips() == []


async def test_as_long_as_there_is_room_clips_are_posted() -> None:
    async with crowded(posts=2) as stage:
        for prompt in ("one", "two", "three"):
            await ask(stage, prompt)
            await stage.wait(lambda m, p=prompt: m["attachments"] and p in m["content"])
        answers = [m for m in stage.messages() if m.get("interaction_metadata")]
        assert [bool(m["attachments"]) for m in answers] == [False, False, True]
        assert posts(stage) == 2


async def test_a_clip_that_a_message_asked_for_waits_for_room() -> None:
    async with crowded() as stage:
        me = stage.discord.world.bot.id
        await stage.ada.send(f"<@{me}> rain, 1 s")
        status = await stage.status("Done.")
        (clip,) = stage.clips()
        assert clip["message_reference"]["message_id"] == status["id"]


async def test_where_no_files_may_be_posted_the_status_takes_none_either() -> None:
    async with crowded() as stage:
        stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio)
        await ask(stage)
        assert (await stage.clip())["channel_id"] == stage.grace.channel("dm").id
        assert await stage.status("privately")


def meddle(monkeypatch: pytest.MonkeyPatch, error: Exception, *, after: bool) -> None:
    """Let the first edit that brings a clip fail, before or after it was carried out."""
    edit, left = discord.Interaction.edit_original_response, [error]

    async def failing(self: discord.Interaction, **options: Any) -> Any:
        if not options.get("attachments") or not left:
            return await edit(self, **options)
        if after:
            await edit(self, **options)
        raise left.pop()

    monkeypatch.setattr(discord.Interaction, "edit_original_response", failing)


REFUSAL = discord.HTTPException(SimpleNamespace(status=400, reason="Bad Request"), "no")


@pytest.mark.parametrize("after", [False, True])
async def test_a_clip_that_the_status_does_not_take_is_posted(
    monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    meddle(monkeypatch, REFUSAL, after=after)
    async with crowded() as stage:
        await ask(stage)
        status = await stage.status("Done.")
        (clip,) = stage.clips()
        assert clip["message_reference"]["message_id"] == status["id"]
        assert (await delivered(stage)).result_message_id == int(clip["id"])


async def test_a_lost_connection_puts_the_clip_into_the_status_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meddle(monkeypatch, aiohttp.ServerDisconnectedError(), after=True)
    async with crowded() as stage:
        await ask(stage)
        await delivered(stage)
        (only,) = stage.messages()
        assert len(only["attachments"]) == 1


async def test_a_status_that_was_deleted_takes_no_clip() -> None:
    async with crowded(SLOW) as stage:
        await ask(stage)
        stage.discord.faults.delete_message(await stage.status("%"))
        clip = await stage.clip()
        assert "message_reference" not in clip
        assert (await delivered(stage)).result_message_id == int(clip["id"])


async def test_an_answer_that_expires_unnoticed_takes_the_clip_by_its_channel() -> None:
    async with on_stage(SLOW, posts=0, edit_interval=3600.0) as stage:
        await ask(stage)
        status = await stage.status()
        stage.clock.ahead += 16 * 60
        await delivered(stage)
        (clip,) = stage.messages()
        assert (clip["id"], len(clip["attachments"])) == (status["id"], 1)
        assert len(await stage.download(clip)) > 64_000


async def test_where_it_cannot_be_noted_the_clip_is_posted() -> None:
    async with crowded() as stage:
        stage.bot.storage.jobs.set_result_message = unavailable
        await ask(stage)
        status = await stage.status("Done.")
        assert (await stage.clip())["message_reference"]["message_id"] == status["id"]


async def unavailable(*_: object) -> bool:
    raise StorageUnavailable("The disk is full.")


class Killed:
    """Holds a call up until the process is gone; the next process's works."""

    def __init__(self, call: Any, when: Any = lambda *_: True) -> None:
        self._call, self._when = call, when
        self.reached = asyncio.Event()

    async def __call__(self, *arguments: Any) -> Any:
        if not self._when(*arguments) or self.reached.is_set():
            return await self._call(*arguments)
        self.reached.set()
        return await asyncio.Event().wait()


async def test_killed_before_it_is_noted_the_clip_stays_where_it_came() -> None:
    async with crowded() as stage:
        jobs = stage.bot.storage.jobs
        jobs.mark_delivered = killed = Killed(jobs.mark_delivered)
        await ask(stage)
        await killed.reached.wait()
        (first,) = stage.clips()
        await delivery_of(stage).close()
        await begin_anew(stage)
        job = await delivered(stage)
        (only,) = stage.messages()
        assert (only["id"], only["content"]) == (first["id"], first["content"])
        assert (len(only["attachments"]), bool(only["components"])) == (1, True)
        assert (job.delivered, job.result_message_id) == (Delivered.CHANNEL, int(first["id"]))
        assert posts(stage) == 0


async def test_killed_before_it_came_the_clip_comes_into_the_status_later() -> None:
    async with crowded() as stage:
        jobs = stage.bot.storage.jobs
        await ask_and_kill_the_edit(stage)
        await begin_anew(stage)
        await delivered(stage)
        (only,) = stage.messages()
        assert len(only["attachments"]) == 1
        assert await jobs.undelivered() == []


async def ask_and_kill_the_edit(stage: Stage) -> None:
    jobs = stage.bot.storage.jobs
    remember, reached = jobs.set_result_message, asyncio.Event()

    async def remember_and_die(*what: Any) -> bool:
        await remember(*what)
        reached.set()
        await asyncio.Event().wait()
        return True

    jobs.set_result_message = remember_and_die
    await ask(stage)
    await reached.wait()
    await delivery_of(stage).close()
    jobs.set_result_message = remember
    assert stage.clips() == []


async def test_killed_before_the_status_is_forgotten_the_clip_is_not_overwritten() -> None:
    async with crowded() as stage:
        jobs = stage.bot.storage.jobs
        forget = Killed(jobs.set_status_message, lambda _, message_id: message_id is None)
        jobs.set_status_message = forget
        await ask(stage)
        await forget.reached.wait()
        (before,) = stage.messages()
        await delivery_of(stage).close()
        await begin_anew(stage)
        await delivered(stage)
        assert stage.messages() == [before]


async def test_a_clip_meant_for_a_status_that_is_gone_is_posted_by_the_next_process() -> None:
    async with crowded() as stage:
        await ask_and_kill_the_edit(stage)
        stage.discord.faults.delete_message(stage.messages()[0])
        await begin_anew(stage)
        job = await delivered(stage)
        (clip,) = stage.messages()
        assert job.result_message_id == int(clip["id"])
