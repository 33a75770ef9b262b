"""/help: everything that it says to type can be typed."""

from __future__ import annotations

import re

import pytest
from fake_core import FakeCore
from stage import Stage, on_stage

from bot.locales import LOCALES, phrases
from bot.rehearsal.people import Person


def examples(text: str, name: str) -> list[dict[str, str]]:
    """Return the options of every example of a command, by the names that people see."""
    typed = re.findall(rf"^`/{name}([^`]*)`$", text, re.MULTILINE)
    return [dict(re.findall(r"(\w+): (.*?)(?= \w+: |$)", options)) for options in typed]


def english(options: dict[str, str], locale: str) -> dict[str, object]:
    """Return options by the names that Discord sends, numbers as numbers."""
    say = phrases(locale)
    names = {text: key.split(".")[-1] for key, text in say.sentences.items()
             if re.fullmatch(r"command\.compose\.\w+", key)}  # fmt: skip
    return {names[name]: int(text) if text.isdigit() else text for name, text in options.items()}


async def run_all(stage: Stage, person: Person, locale: str) -> int:
    page = (await person.slash("help", locale=locale)).original
    assert page["flags"] & 64, "private"
    found = examples(page["content"], phrases(locale)("command.compose.name"))
    for options in found:
        await person.slash("compose", english(options, locale))
        assert await stage.clip()
        stage.discord.world.messages[stage.studio.id].clear()
    return len(found)


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_example_runs(locale: str) -> None:
    async with on_stage(FakeCore()) as stage:
        assert await run_all(stage, stage.grace, locale) == 4


@pytest.mark.parametrize("locale", LOCALES)
async def test_help_explains_a_jam_in_four_lines_by_buttons_and_commands_that_exist(
    locale: str,
) -> None:
    async with on_stage(FakeCore()) as stage:
        page = (await stage.grace.slash("help", locale=locale)).original["content"]
    say = phrases(locale)
    told = page[page.index(f"{say('help.jams')} ") :].splitlines()
    assert len(told) == 4
    text = "\n".join(told)
    commands = {f"{say('command.jam.name')} {say(f'command.jam.{name}')}"
                for name in ("start", "tree", "finish", "gallery", "stems")}  # fmt: skip
    buttons = {say(f"jam.button.{name}") for name in ("join", "play", "undo", "fork", "finish")}
    assert {*re.findall(r"`/([^`]+)`", text)} <= commands
    bold = {*re.findall(r"\*\*(.+?)\*\*", text)} - {say("help.jams").strip("*")}
    assert bold == buttons
    assert len(page) <= 2000


@pytest.mark.parametrize("locale", LOCALES)
def test_help_fits_into_a_message_and_names_only_commands_that_exist(locale: str) -> None:
    say = phrases(locale)
    assert len(say("help.text")) <= 2000
    known = {say(key) for key in say.sentences if re.fullmatch(r"command\.\w+\.name", key)}
    named = set(re.findall(r"`/(\w+)", say("help.text")))
    assert named <= known
    assert say("command.continue.menu") in say("help.text")
    wanted = ("compose", "queue", "cancel", "preferences", "settings")
    assert named == {say(f"command.{command}.name") for command in wanted}
