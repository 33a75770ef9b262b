"""Jams in which people say what comes next: by the button, and by a mention of the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fake_core import FakeCore
from jam_stage import JamStage, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), bench=QuietBench()) as stage:
        yield stage


def me(stage: Stage) -> str:
    return f"<@{stage.bot.user.id}>"


async def test_what_is_suggested_to_a_radio_is_shown_and_voted_on_while_it_waits(
    stage: Stage,
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="radio")
    assert "press **suggest**" in (await jam.board())["content"].lower()
    form = await jam.press(stage.ada, "suggest")
    await stage.ada.submit(form, {"words": "strings"})
    listed = await jam.wait(lambda m: "“strings”, 0 votes" in m["content"])
    await stage.ada.press(listed, button(listed, "words", 1))
    await jam.wait(lambda m: "“strings”, 1 votes" in m["content"])


@pytest.mark.parametrize("mode", ["radio", "vote"])
async def test_a_mention_in_a_jam_that_asks_for_words_is_a_suggestion(
    stage: Stage, mode: str
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode=mode)
    await stage.ada.send(f"{me(stage)} drums for 20 s", channel=jam.place)
    listed = await jam.wait(lambda m: "“drums for 20 s”" in m["content"])
    assert f"<@{stage.ada.id}>" in listed["content"]
    await stage.ada.send(f"{me(stage)} no, strings", channel=jam.place, reply_to=listed)
    await jam.wait(lambda m: "“no, strings”" in m["content"] and "drums" not in m["content"])


async def test_who_does_not_play_along_is_told_why_a_mention_counts_for_nothing(
    stage: Stage,
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="radio")
    await stage.grace.send(f"{me(stage)} drums", channel=jam.place)
    await jam.wait(lambda m: m["content"] == "Join the jam first.")


async def test_a_mention_in_a_jam_that_asks_for_no_words_is_an_order_like_any(
    stage: Stage,
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await stage.ada.send(f"{me(stage)} rain, 1 s", channel=jam.place)
    await jam.wait(lambda m: m["attachments"] and m["attachments"][0]["filename"].endswith(".wav"))
