"""/settings: a server's own rules, shown, changed, taken back, and then enforced by /compose."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from fake_core import FakeCore
from forgetting import forget_pages
from stage import Stage, on_stage

from bot.rehearsal.handle import Handle
from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined
from bot.rehearsal.world import Role
from musicgen_core.storage import ServerSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore()) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    """One stage for all of this file; each test finds the studio empty and nothing set."""
    shared.discord.world.messages[shared.studio.id].clear()
    nothing = {name: None for name in ServerSettings.__slots__ if name != "id"}
    await shared.bot.storage.preferences.change_server(server_id(shared), **nothing)
    yield shared


def server_id(stage: Stage) -> int:
    return int(stage.discord.world.guild.id)


async def rules(stage: Stage) -> ServerSettings:
    return await stage.bot.storage.preferences.server(server_id(stage))


async def opened(stage: Stage, **options: Any) -> dict[str, Any]:
    page = (await stage.ada.slash("settings", **options)).original
    assert page is not None
    return page


async def chosen(stage: Stage, page: dict[str, Any], name: str, *values: str) -> str:
    """Choose values on the page and return its text then."""
    pressed = await stage.ada.press(page, f"mindjam:settings:{name}", list(values))
    assert pressed.original is not None
    return pressed.original["content"]


async def filled(stage: Stage, page: dict[str, Any], button: str, **texts: str) -> Handle:
    """Open a form, fill some of its fields, and send it."""
    form = await stage.ada.press(page, button)
    return await stage.ada.submit(form, texts)


async def refusal(stage: Stage, person: Person | None = None, **options: Any) -> str:
    """Ask for a clip and return the private answer."""
    asked = {"prompt": "rain", "duration": 1, **options}
    handle = await (person or stage.grace).slash("compose", **asked)
    told = await stage.wait(lambda m: m["id"] == handle.original["id"] and m["content"])
    return told["content"]


async def test_the_page_shows_every_setting_as_the_bot_has_it(stage: Stage) -> None:
    page = await opened(stage)
    assert page["content"].splitlines() == [
        "**What this server wants of me**",
        "**Channels:** as the bot has it (everywhere)",
        "**Who may use me:** as the bot has it (everybody)",
        "**Longest clip, in seconds:** as the bot has it (30 s)",
        "**Clips a person may make an hour:** as the bot has it (any number)",
        "**Longest track of a jam, in seconds:** as the bot has it (300 s)",
        "**Format:** as the bot has it (WAV)",
        "**Language:** as the bot has it (each person's own)",
        "**Blocked words:** as the bot has it (none)",
        "**Days that clips are kept:** as the bot has it (for ever)",
    ]
    assert page["flags"] & 64, "private"
    assert len(page["components"]) == 5


async def test_the_page_is_in_the_persons_language(stage: Stage) -> None:
    page = await opened(stage, locale="zh-CN")
    assert "**最长时长（秒）：** 与机器人的默认相同（30 秒）" in page["content"]


async def test_who_does_not_manage_the_server_is_refused(stage: Stage) -> None:
    command = next(c for c in stage.discord.commands if c["name"] == "settings")
    assert int(command["default_member_permissions"]) == 1 << 5, "manage the server"
    with suppress(Declined):  # where Discord itself does not offer the command
        refused = await stage.grace.slash("settings")
        assert "Only people who manage this server" in refused.original["content"]
    assert "**What" not in "".join(m["content"] for m in stage.grace.messages())


async def test_rights_are_checked_again_at_every_press_and_form(stage: Stage) -> None:
    page, guild = await opened(stage), stage.discord.world.guild
    form = await stage.ada.press(page, "Blocked words…")
    owner, guild.owner_id = guild.owner_id, stage.grace.id
    try:
        refused = await stage.ada.press(page, "mindjam:settings:format", ["MP3"])
        assert "Only people who manage this server" in refused.original["content"]
        await stage.ada.submit(form, {"words": "rain"})
    finally:
        guild.owner_id = owner
    assert await rules(stage) == ServerSettings(server_id(stage))


async def test_a_channel_that_is_not_chosen_is_refused_until_it_is_taken_back(
    stage: Stage,
) -> None:
    page, general = await opened(stage), stage.ada.channel("general").id
    assert f"**Channels:** <#{general}>" in await chosen(stage, page, "channels", general)
    assert await refusal(stage) == f"I make music in <#{general}> only."
    page = (await stage.ada.press(page, "All channels")).original
    assert "as the bot has it (everywhere)" in page["content"]
    await stage.grace.slash("compose", prompt="rain", duration=1)
    assert await stage.clip()


async def test_a_role_that_somebody_lacks_is_required_until_it_is_taken_back(
    stage: Stage,
) -> None:
    world = stage.discord.world
    role = Role(world.snowflakes.next(), "musicians", 0)
    world.guild.roles[role.id] = role
    page = await opened(stage)
    assert f"<@&{role.id}>" in await chosen(stage, page, "roles", role.id)
    assert await refusal(stage) == f"On this server I make music for <@&{role.id}> only."
    page = (await stage.ada.press(page, "All roles")).original
    assert "as the bot has it (everybody)" in page["content"]
    await stage.grace.slash("compose", prompt="rain", duration=1)
    assert await stage.clip()


async def test_choosing_nothing_takes_channels_back(stage: Stage) -> None:
    page = await opened(stage)
    await chosen(stage, page, "channels", stage.studio.id)
    assert "(everywhere)" in await chosen(stage, page, "channels")
    assert (await rules(stage)).channels is None


async def test_limits_are_stored_enforced_and_taken_back(stage: Stage) -> None:
    page = await opened(stage)
    await filled(stage, page, "Limits…", longest="5", hour="1", jam="600", days="30")
    assert (await rules(stage)).retention_days == 30
    assert (await rules(stage)).jam_seconds == 600
    assert "from 1 to 5 s" in await refusal(stage, duration=6)
    await stage.lin.slash("compose", prompt="rain", duration=1)
    assert await stage.clip()
    told = await refusal(stage, stage.lin)
    assert re.fullmatch(r"在这里每小时最多可以要 1 段音乐，<t:\d+:R>就可以再要了。", told)
    page = await opened(stage)
    assert "**Clips a person may make an hour:** 1" in page["content"]
    sent = await filled(stage, page, "Limits…", longest="", hour="", jam="", days="")
    assert "(any number)" in sent.original["content"]
    assert await rules(stage) == ServerSettings(server_id(stage))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"longest": "31"}, "The duration must be from 1 to 30 s."),
        ({"longest": "0 s"}, "The duration must be from 1 to 30 s."),
        ({"longest": "long"}, "“long” is not a number I can use here."),
        ({"hour": "1.5"}, "The clips an hour must be a whole number from 1 to 1000."),
        ({"hour": "0"}, "The clips an hour must be a whole number from 1 to 1000."),
        ({"jam": "5"}, "The track of a jam must be from 10 to 1800 s."),
        ({"days": "9999"}, "The days must be a whole number from 1 to 3650."),
    ],
)
async def test_a_wrong_value_is_explained_and_nothing_is_stored(
    stage: Stage, texts: dict[str, str], told: str
) -> None:
    page = await opened(stage)
    sent = await filled(stage, page, "Limits…", **texts)
    assert sent.original["content"] == told
    assert await rules(stage) == ServerSettings(server_id(stage))


async def test_blocked_words_come_one_a_line_or_with_commas(stage: Stage) -> None:
    page = await opened(stage)
    sent = await filled(stage, page, "Blocked words…", words="Polka, death metal\npolka\n唢呐、")
    assert "**Blocked words:** “Polka, death metal, 唢呐”" in sent.original["content"]
    assert await refusal(stage, prompt="happy POLKA") == (
        "“Polka” is not wanted in prompts on this server."
    )
    await filled(stage, page, "Blocked words…", words=" , \n")
    assert (await rules(stage)).blocked_words is None


async def test_too_many_or_too_long_words_are_refused(stage: Stage) -> None:
    page = await opened(stage)
    many = ",".join(f"w{number}" for number in range(101))
    sent = await filled(stage, page, "Blocked words…", words=many)
    assert sent.original["content"] == "I can block at most 100 words."
    sent = await filled(stage, page, "Blocked words…", words="x" * 51)
    assert "is too long to be blocked" in sent.original["content"]


async def test_format_and_language_of_the_server_are_those_of_its_clips(stage: Stage) -> None:
    page = await opened(stage)
    assert "**Format:** OGG" in await chosen(stage, page, "format", "OGG")
    assert "**Language:** 中文" in await chosen(stage, page, "language", "zh-CN")
    await stage.grace.slash("compose", prompt="rain", duration=1)
    clip = await stage.clip()
    assert clip["attachments"][0]["filename"].endswith(".ogg")
    assert "1 秒" in clip["content"]
    assert "(WAV)" in await chosen(stage, page, "format", "-")
    assert "(each person's own)" in await chosen(stage, page, "language", "-")


async def test_a_page_full_of_everything_fits_into_a_message(stage: Stage) -> None:
    many = tuple(10**18 + number for number in range(25))
    await stage.bot.storage.preferences.change_server(
        server_id(stage), channels=many, roles=many, blocked_words=("*" * 50,) * 100
    )
    assert "…”" in (await opened(stage))["content"]


async def test_a_page_of_an_earlier_process_still_works(stage: Stage) -> None:
    page = await opened(stage)
    await forget_pages(stage.bot, "ServerSettingsCog")
    assert "**Format:** FLAC" in await chosen(stage, page, "format", "FLAC")
