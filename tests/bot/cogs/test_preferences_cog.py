"""/preferences: a person's own language and format, before a server's."""

from __future__ import annotations

from pathlib import Path

from fake_core import FakeCore
from forgetting import forget_pages
from stage import on_stage


async def test_ones_own_language_and_format_go_before_the_servers_everywhere() -> None:
    async with on_stage(FakeCore()) as stage:
        preferences = stage.bot.storage.preferences
        server = int(stage.discord.world.guild.id)
        await preferences.change_server(server, formats=("OGG",), language="en-US")
        page = (await stage.grace.slash("preferences", channel="dm")).original
        assert page["content"].endswith("**Format:** as the server has it")
        chose = await stage.grace.press(page, "mindjam:own:language", ["zh-CN"])
        assert "**语言：** 中文" in chose.original["content"]
        await stage.grace.press(page, "mindjam:own:format", ["FLAC"])
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()
        assert clip["attachments"][0]["filename"].endswith(".flac")
        assert "1 秒" in clip["content"]
        assert (await preferences.person(int(stage.grace.id))).language == "zh-CN"
        told = await stage.grace.slash("cancel")
        assert told.original["content"] == "你没有正在进行的音乐。"


async def test_a_page_of_an_earlier_process_takes_a_choice_back() -> None:
    async with on_stage(FakeCore()) as stage:
        page = (await stage.grace.slash("preferences")).original
        chose = await stage.grace.press(page, "mindjam:own:language", ["zh-CN"])
        assert "你自己的设置" in chose.original["content"]
        await forget_pages(stage.bot, "Preferences")
        back = await stage.grace.press(page, "mindjam:own:language", ["-"])
        assert "Your own settings" in back.original["content"]
        assert (await stage.bot.storage.preferences.person(int(stage.grace.id))).language is None


async def test_a_language_that_was_chosen_is_spoken_after_a_restart(tmp_path: Path) -> None:
    places = {"database": f"sqlite:///{tmp_path}/mindjam.db", "clips": tmp_path / "clips"}
    async with on_stage(FakeCore(), **places) as stage:
        # People have other ids in the next embedded Discord: all of them choose.
        await stage.bot.storage.preferences.change_person(1, language="zh-CN")
    async with on_stage(FakeCore(), **places) as stage:
        assert stage.bot.languages._chosen == {1: "zh-CN"}
