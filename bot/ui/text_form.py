"""A form with one line of text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import discord
from discord import ui

from bot.ui.own_view import ViewHome
from bot.ui.passing import FORM, passing_id

TakeText = Callable[[discord.Interaction, str], Awaitable[None]]
"""What happens with what was written."""


class TextForm(ui.Modal):
    """Asks for a line; what was there before can be changed."""

    def __init__(
        self, title: str, label: str, before: str, take: TakeText, longest: int, *, needed: bool
    ) -> None:
        super().__init__(title=title[:45], timeout=3600, custom_id=passing_id(FORM))
        self._take = take
        self._text: ui.TextInput[Any] = ui.TextInput(
            default=before[:longest] or None, required=needed, max_length=longest
        )
        self.add_item(ui.Label(text=label[:45], component=self._text))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Take what was written."""
        await interaction.response.defer()
        await self._take(interaction, " ".join(self._text.value.split()))

    async def on_error(  # type: ignore[override] # as discord.py's own Modal has it
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        """Say what is wrong with it."""
        await cast("ViewHome", interaction.client).report(interaction, error)
