"""A job's status is the answer to whoever asked for it by a command, a button or a form."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest
from fake_core import FakeCore
from stage import EPHEMERAL, Stage, on_stage

from bot import acknowledgement
from bot.delivery import Delivery
from bot.rehearsal.permissions import Permission

SLOW = FakeCore(frames_per_second=60)
CALLBACK = r"/callback$"
SUPPRESS_EMBEDS = 4


async def begin(stage: Stage, seconds: float = 1) -> dict:
    await stage.grace.slash("compose", prompt="rain", duration=seconds)
    return await stage.status("%")


def statuses_posted(stage: Stage) -> list[dict]:
    """What was posted to channels, without files."""
    return [
        r.body
        for r in stage.discord.requests
        if r.method == "POST" and r.path.startswith("/channels/") and not r.files
    ]


def delivery_of(stage: Stage) -> Delivery:
    return stage.bot.get_cog("Admin")._delivery


async def test_the_answer_to_a_command_is_the_status() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage)
        assert status["interaction_metadata"]["user"]["id"] == stage.grace.id
        assert status["flags"] & SUPPRESS_EMBEDS
        assert not status["flags"] & EPHEMERAL
        assert [b["label"] for row in status["components"] for b in row["components"]] == ["Cancel"]
        done = await stage.status("Done.")
        assert (done["id"], done["components"]) == (status["id"], [])
        assert (await stage.clip())["message_reference"]["message_id"] == status["id"]
        assert statuses_posted(stage) == []
        assert not any(r.path.startswith("/channels/") for r in stage.discord.requests
                       if r.method == "PATCH")  # fmt: skip


async def test_a_status_in_an_answer_can_be_cancelled() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage, seconds=20)
        await stage.grace.press(status, "Cancel")
        cancelled = await stage.status("Cancelled")
        assert (cancelled["id"], cancelled["components"]) == (status["id"], [])


async def test_the_answer_to_a_button_is_the_status() -> None:
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        await stage.lin.press(clip, "Again")
        again = await stage.wait(lambda m: "完成" in m["content"])
        assert again["message_reference"]["message_id"] == clip["id"]
        assert again["interaction_metadata"]["user"]["id"] == stage.lin.id
        assert statuses_posted(stage) == []


async def test_a_refusal_is_answered_at_once_to_the_person_alone() -> None:
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", key="no key", duration=1)
        assert "I know no key" in (await stage.told())["content"]
        (answer,) = [r for r in stage.discord.requests if r.path.endswith("/callback")]
        assert answer.body["type"] == 4, "nobody else ever saw anything"
        assert len(stage.messages()) == 1


async def test_a_late_refusal_takes_the_thinking_away_and_is_for_the_person_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledgement, "URGENT", 0.0)
    async with on_stage() as stage:
        reception = stage.bot.presses._reception
        rules = reception.rules

        async def slow(server_id: int | None) -> object:
            await asyncio.sleep(0.3)
            return await rules(server_id)

        reception.rules = slow
        await stage.grace.slash("compose", prompt="rain", key="no key", duration=1)
        assert "I know no key" in (await stage.told())["content"]
        async with asyncio.timeout(10):
            while len(stage.messages()) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_what_takes_long_is_seen_thinking_and_then_is_the_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledgement, "URGENT", 0.0)
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        done = await stage.status("Done.")
        assert done["interaction_metadata"]
        assert statuses_posted(stage) == []
        answers = [r.body["type"] for r in stage.discord.requests if r.path.endswith("/callback")]
        assert answers == [5]


async def test_a_lost_answer_does_not_become_a_second_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send = discord.InteractionResponse.send_message

    async def send_and_lose(self: discord.InteractionResponse, *args, **options):
        await send(self, *args, **options)
        self._response_type = None
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(discord.InteractionResponse, "send_message", send_and_lose)
    async with on_stage() as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert await stage.status("Done.")
        assert len(stage.statuses()) == 1
        assert statuses_posted(stage) == []


async def test_where_the_answer_fails_the_status_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledgement, "AGAIN", ())
    async with on_stage() as stage:
        stage.discord.faults.fail(400, "POST", CALLBACK)
        stage.grace.type_command("compose", {"prompt": "rain", "duration": 1}, {}, "studio")
        done = await stage.status("Done.")
        assert "interaction_metadata" not in done
        assert len(stage.clips()) == 1


async def test_where_the_bot_may_not_write_the_status_is_not_in_the_answer_either() -> None:
    async with on_stage() as stage:
        stage.discord.faults.deny(Permission.SEND_MESSAGES, stage.studio)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert "come as a direct message" in (await stage.told())["content"]
        assert stage.statuses() == []


async def test_after_a_restart_the_answer_is_edited_as_a_message_of_its_channel() -> None:
    async with on_stage(SLOW) as stage:
        status = await begin(stage, seconds=2)
        delivery = delivery_of(stage)
        await delivery.close()
        assert await stage.status("this clip goes on right after")
        job_id = status["components"][0]["components"][0]["custom_id"].split(":")[-1]
        job = await stage.bot.storage.jobs.get(job_id)
        assert job.status_message_id == int(status["id"])
        delivery.take_up([job])
        done = await stage.status("Done.")
        assert (done["id"], len(stage.statuses())) == (status["id"], 1)
        assert stage.discord.requests[-1].path.endswith(f"/messages/{status['id']}")
        assert (await stage.clip())["message_reference"]["message_id"] == status["id"]


@pytest.mark.parametrize("others", [0, 150])
async def test_a_status_that_was_not_remembered_is_found_again(others: int) -> None:
    async with on_stage(SLOW) as stage:
        for _ in range(others):  # all of this minute
            await stage.ada.send("la la la")
        stage.bot.storage.jobs.set_status_message = nothing_comes_of_it
        status = await begin(stage, seconds=2)
        delivery = delivery_of(stage)
        await delivery.close()
        job_id = status["components"][0]["components"][0]["custom_id"].split(":")[-1]
        job = await stage.bot.storage.jobs.get(job_id)
        assert job.status_message_id is None
        delivery.take_up([job])
        done = await stage.status("Done.")
        assert (done["id"], len(stage.statuses())) == (status["id"], 1)


async def nothing_comes_of_it(*_: object) -> bool:
    return True
