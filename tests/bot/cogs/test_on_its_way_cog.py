"""/queue and /cancel: what is on its way here, seen and stopped by those who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from directed_service import Director
from stage import Stage, on_stage

from bot.rehearsal.people import Person
from bot.rehearsal.permissions import Permission
from musicgen_core.requests import Progress
from musicgen_core.storage import NewJob
from musicgen_core.workshop import Workshop

AWAY = 4_000_000_000_000_000_000
"""A server that is not this one."""


@asynccontextmanager
async def busy(*prompts: str, **settings: Any) -> AsyncIterator[tuple[Stage, Director]]:
    """A stage on which Grace's first clip is being made and her others wait."""
    director = Director()
    async with on_stage(executor=director, **{"max_batch": 1, **settings}) as stage:
        for prompt in prompts:
            await stage.grace.slash("compose", prompt=prompt, duration=1)
            await stage.status(f"“{prompt}”")
        await director.until(*prompts[:1])
        yield stage, director
        for commission in workshop_of(stage).on_its_way():
            await workshop_of(stage).cancel(commission.job_id)


def workshop_of(stage: Stage) -> Workshop:
    return stage.bot.get_cog("OnItsWay")._workshop


async def elsewhere(stage: Stage, person: int = 7) -> str:
    job = NewJob(person_id=person, server_id=AWAY, channel_id=1, prompt="secret", seconds=1)
    return (await workshop_of(stage).accept(job)).id


async def queue(person: Person, **options: Any) -> str:
    page = (await person.slash("queue", **options)).original
    assert page["flags"] & 64, "private"
    return page["content"]


async def test_the_queue_shows_what_is_made_and_what_waits_here_and_no_more() -> None:
    async with busy("rain", "sun") as (stage, _):
        await elsewhere(stage)
        shown = await queue(stage.ada)
        who = f"<@{stage.grace.id}>"
        # The other server has its fair share: its clip is the next.
        assert shown.splitlines() == [
            "**On their way here**",
            f"- “rain” for {who}: 0 % made",
            f"- “sun” for {who}: number 2 in line",
            "-# 1 more in other places.",
        ]
        assert f"{who} 的“sun”：排在第 2 位" in await queue(stage.lin)


async def test_the_queue_says_how_much_is_made_and_when_the_rest_will_be() -> None:
    async with busy("rain") as (stage, director):
        workshop = workshop_of(stage)
        (commission,) = workshop.on_its_way()
        updates = workshop.watch(commission.job_id)
        workshop.service._bench.paces[workshop.service.models[0]].learn(0.5, None)
        director.running["rain"](Progress(30, 50))
        async for stands in updates:
            if stands.share:
                break
        assert "60 % made · about 10 s left" in await queue(stage.ada)


async def test_in_direct_messages_only_ones_own_are_shown() -> None:
    async with busy("rain") as (stage, _):
        await elsewhere(stage)
        assert "“rain”" in await queue(stage.grace, channel="dm")
        shown = await queue(stage.ada, channel="dm")
        assert shown.splitlines()[0] == "Nothing is being made here, and nothing waits."
        assert "rain" not in shown
        assert "secret" not in shown


async def test_a_long_queue_fits_into_one_message() -> None:
    prompts = [f"{number} {'*' * 80}" for number in range(17)]
    async with busy("rain", waiting_per_person=20) as (stage, _):
        for prompt in prompts:
            await stage.grace.slash("compose", prompt=prompt, duration=1)
        for number in range(17):
            await stage.status(f"“{number} ")
        shown = await queue(stage.ada)
        lines = shown.splitlines()
        assert lines[-1] == f"… and {18 - (len(lines) - 2)} more."
        assert 1500 < len(shown) <= 2000


async def test_a_job_with_only_a_style_is_named_by_it() -> None:
    async with busy("rain") as (stage, _):
        await stage.grace.slash("compose", style="jazz", duration=1)
        await stage.status("“jazz”")
        assert "- “jazz” for" in await queue(stage.ada)
        offered = await stage.grace.complete("cancel", "clip", clip="")
        assert [choice["name"] for choice in offered] == ["jazz", "rain"]


async def test_cancel_stops_ones_latest_and_then_the_one_before() -> None:
    async with busy("rain", "sun") as (stage, director):
        told = await stage.grace.slash("cancel")
        assert told.original["content"] == "Stopped: “sun”."
        await stage.grace.slash("cancel")
        await director.until()
        assert director.cancelled == ["rain"]
        await stage.wait(lambda m: "“rain”" in m["content"] and "Cancelled." in m["content"])
        told = await stage.grace.slash("cancel")
        assert told.original["content"] == "No clip of yours is on its way."


async def test_the_job_that_was_chosen_from_the_list_is_cancelled() -> None:
    async with busy("rain", "sun", "wind") as (stage, director):
        offered = await stage.grace.complete("cancel", "clip", clip="")
        assert [choice["name"] for choice in offered] == ["wind", "sun", "rain"]
        (sun,) = await stage.grace.complete("cancel", "clip", clip="SU")
        told = await stage.grace.slash("cancel", clip=sun["value"])
        assert told.original["content"] == "Stopped: “sun”."
        await stage.wait(lambda m: "“sun”" in m["content"] and "Cancelled." in m["content"])
        director.cue("rain")
        await director.until("wind")
        told = await stage.grace.slash("cancel", clip=sun["value"])
        assert "not on its way any more" in told.original["content"]


async def test_somebody_elses_clip_is_neither_offered_nor_stopped() -> None:
    async with busy("rain") as (stage, director):
        assert await stage.lin.complete("cancel", "clip", clip="") == []
        (commission,) = workshop_of(stage).on_its_way()
        told = await stage.lin.slash("cancel", clip=commission.job_id)
        assert told.original["content"].startswith("只有提出请求的人")
        assert list(director.running) == ["rain"]


async def test_moderators_stop_what_is_of_their_server_and_nothing_of_another() -> None:
    async with busy("rain") as (stage, director):
        away = await elsewhere(stage)
        stage.discord.faults.allow(Permission.MANAGE_MESSAGES, stage.studio, stage.lin.user)
        (rain,) = await stage.lin.complete("cancel", "clip", clip="")
        told = await stage.lin.slash("cancel", clip=away)
        assert told.original["content"].startswith("只有提出请求的人")
        told = await stage.lin.slash("cancel", clip=rain["value"])
        assert told.original["content"] == "已停止：“rain”。"
        await stage.status("Cancelled.")
        await director.until("secret")
