"""The page of /preferences: a person's own language and format."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import discord
from discord import ui

from bot.locales import Phrases
from bot.ui.choices import FORMATS, UNSET, languages, options
from bot.ui.forms import FormHome
from musicgen_core.storage import PersonSettings

Change = Callable[..., Awaitable[None]]
"""Store `language` or `format`, None to take it back, and show the page anew."""


class PreferencesPage(ui.View):
    """Two selects; their ids are fixed, so that a page outlives a restart."""

    def __init__(self, change: Change, own: PersonSettings, say: Phrases) -> None:
        super().__init__(timeout=None)
        formats = [(name, name) for name in FORMATS]
        spoken = options(own.language, languages(), say("own.language_unset"))
        sent = options(own.format, formats, say("own.format_unset"))
        self.add_item(OwnChoice("language", spoken, change))
        self.add_item(OwnChoice("format", sent, change))

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, _: ui.Item[Any], /
    ) -> None:
        """Say what is wrong."""
        await cast("FormHome", interaction.client).report(interaction, error)


class OwnChoice(ui.Select[PreferencesPage]):
    """One of a person's settings."""

    def __init__(self, name: str, choices: list[discord.SelectOption], change: Change) -> None:
        super().__init__(custom_id=f"mindjam:own:{name}", options=choices)
        self._name, self._change = name, change

    async def callback(self, interaction: discord.Interaction) -> None:
        """Store it."""
        (value,) = self.values
        await self._change(interaction, **{self._name: None if value == UNSET else value})


def preferences_text(own: PersonSettings, language: str | None, say: Phrases) -> str:
    """Return both settings; `language` is the chosen one's own name."""
    return "\n".join(
        [
            say("own.title"),
            f"**{say('own.language')}** {language or say('own.discord')}",
            f"**{say('own.format')}** {own.format or say('own.server')}",
        ]
    )
