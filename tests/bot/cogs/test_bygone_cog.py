"""Pages and forms that were open when the bot was restarted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fake_core import FakeCore
from migrated import lay_out
from stage import PLENTY, Stage, SteppedClock
from stocked import clip_page, controls, field_of, library_of, select_of, shown, stock, turned

from bot.app import application, online
from bot.rehearsal.server import Rehearsal
from bot.settings import load_settings
from bot.ui import passing
from musicgen_core.executors.inline import InlineExecutor


class Starts:
    """One embedded Discord, and the bot in it, started as often as a test likes."""

    def __init__(self, discord: Rehearsal, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.discord, self.monkeypatch = discord, monkeypatch
        self.settings = load_settings(
            "rehearsal", env_file=None, stop_seconds=0, cards=False,
            database=f"sqlite:///{folder}/mindjam.db", clips=folder / "clips",
        )  # fmt: skip
        self.number = 0

    @asynccontextmanager
    async def start(self) -> AsyncIterator[Stage]:
        """Let the bot live as a process of its own."""
        self.number += 1
        self.monkeypatch.setattr(passing, "PROCESS", f"{self.number:08x}")
        await lay_out(self.settings.database)
        executor = InlineExecutor(FakeCore)
        async with (
            application(self.settings, executor, edit_interval=0.05) as bot,
            online(bot, self.discord.token),
        ):
            yield Stage(self.discord, bot, SteppedClock())


@pytest.fixture
async def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starts]:
    async with Rehearsal() as discord:
        discord._frame._limits.count = lambda method, path: (PLENTY, None)
        with discord.attach():
            yield Starts(discord, tmp_path, monkeypatch)


async def told_about(stage: Stage, text: str) -> dict[str, Any]:
    return await stage.wait(lambda m: text in m["content"])


async def test_a_list_of_an_earlier_process_becomes_one_that_works(starts: Starts) -> None:
    async with starts.start() as stage:
        await stock(stage, stage.grace, "rain", "snow")
        page = await library_of(stage, stage.grace, search="snow")
    async with starts.start() as stage:
        handle = await stage.grace.press(page, "All clips")
        assert handle.error is None
        await told_about(stage, "I was restarted after you opened this")
        page = await turned(stage, page, "1 to 2 of 2")
        select = select_of(page)
        await stage.grace.press(page, select["custom_id"], [select["options"][0]["value"]])
        await turned(stage, page, "**“snow”**")


async def test_a_press_on_an_old_page_does_nothing_but_show_it_anew(starts: Starts) -> None:
    async with starts.start() as stage:
        (clip,) = await stock(stage, stage.grace, "rain")
        page = await clip_page(stage, stage.grace, "rain")
        await stage.grace.press(page, "Delete")
        page = await turned(stage, page, "for good?")
        privacy = await shown(stage, await stage.grace.slash("privacy"))
    async with starts.start() as stage:
        await stage.grace.press(page, next(iter(controls(page))))
        await turned(stage, page, "1 to 1 of 1")
        await stage.grace.press(privacy, "Delete all of mine…")
        await stage.wait(lambda m: m["id"] == privacy["id"] and controls(m) != controls(privacy))
        assert await stage.bot.storage.clips.get(clip.id) == clip
        await stage.grace.press(privacy, "Delete all of mine…")
        await turned(stage, privacy, "Nobody can bring it back.")


async def test_what_was_written_into_a_form_of_an_earlier_process_is_given_back(
    starts: Starts,
) -> None:
    async with starts.start() as stage:
        await stock(stage, stage.grace, "rain")
        await stock(stage, stage.lin, "雨")
        page = await clip_page(stage, stage.grace, "rain")
        rename = await stage.grace.press(page, "Rename…")
        search = await stage.lin.press(await library_of(stage, stage.lin), "搜索……")
    async with starts.start() as stage:
        handle = await stage.grace.submit(rename, {field_of(rename): "A *new* name"})
        assert handle.error is None
        told = await told_about(stage, "I was restarted while this form was open")
        assert "“A \\*new\\* name”" in told["content"]
        await stage.lin.submit(search, {field_of(search): ""})
        told = await told_about(stage, "请重新打开")
        assert told["content"].endswith("请重新打开。")


async def test_a_page_of_this_process_is_left_to_its_own_controls(starts: Starts) -> None:
    async with starts.start() as stage:
        await stock(stage, stage.grace, "rain")
        page = await clip_page(stage, stage.grace, "rain")
        await stage.grace.press(page, "Keep")
        page = await turned(stage, page, "Kept:")
        assert not [m for m in stage.messages() if "restarted" in m["content"]]
