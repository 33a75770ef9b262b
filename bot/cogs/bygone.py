"""Pages and forms that an earlier process opened: shown anew, or given back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

import discord
from discord.ext import commands

from bot.incident import tell
from bot.locales import Phrases
from bot.ui.passing import FORM, bygone
from bot.ui.quoting import quote

log = logging.getLogger(__name__)

Reopen = Callable[[discord.Interaction], Awaitable[None]]
"""Show a page anew, as it is now, in the place of an old one."""
LONGEST_ANSWER = 1900
"""Characters; Discord takes a few more."""
LONGEST_FIELD = 600


class BygoneHome(Protocol):
    """What is needed of the bot."""

    def say(self, interaction: discord.Interaction) -> Phrases:
        """Return the catalogue in the person's language."""
        ...

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class Bygone(commands.Cog):
    """Answers what nothing else in this process can answer.

    Args:
        bot: who answers.
        pages: how to show each kind of page anew.
    """

    def __init__(self, bot: BygoneHome, pages: Mapping[str, Reopen]) -> None:
        self._bot, self._pages = bot, pages

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take presses and forms of which only the id is left."""
        data: Mapping[str, Any] = interaction.data or {}
        kind = bygone(data.get("custom_id", ""))
        if kind is None:
            return
        try:
            await self._answer(interaction, kind, data)
        except Exception as exc:  # noqa: BLE001 - this is the event's task root; report logs it
            await self._bot.report(interaction, exc)

    async def _answer(
        self, interaction: discord.Interaction, kind: str, data: Mapping[str, Any]
    ) -> None:
        say = self._bot.say(interaction)
        if kind == FORM:
            await tell(interaction, given_back(written(data), say))
            return
        await interaction.response.defer()
        await self._pages[kind](interaction)
        await tell(interaction, say("answer.bygone_page"))


def written(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a person wrote into the fields of a form, from what Discord sends of it."""
    for part in (*data.get("components", ()), data.get("component")):
        if part is None:
            continue
        if part["type"] == discord.ComponentType.text_input.value and part["value"]:
            yield part["value"]
        yield from written(part)


def given_back(texts: Iterator[str], say: Phrases) -> str:
    """Return the answer to a form, with what was written as far as it fits."""
    lines = ["> " + quote(text, LONGEST_FIELD) for text in texts]
    answer = say("answer.bygone_form")
    if lines:
        answer = f"{answer} {say('answer.you_wrote')}"
    for line in lines:
        if len(answer) + len(line) < LONGEST_ANSWER:
            answer += f"\n{line}"
    return answer
