"""Controls for one person's eyes, which live as long as Discord lets the bot edit them."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol, cast

import discord
from discord import ui

from bot.locales import Phrases
from bot.refusal import Refusal
from bot.retrying import UNREACHABLE
from bot.ui.passing import passing_id

LIFE = 14 * 60.0
"""Seconds; an interaction can be answered for 15 minutes, and the last answer is the farewell."""
Act = Callable[[discord.Interaction], Awaitable[None]]


class ViewHome(Protocol):
    """What a view needs of the client it is shown by."""

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class PressButton(ui.Button[Any]):
    """A button that does one thing."""

    def __init__(self, label: str, act: Act, **options: Any) -> None:
        super().__init__(label=label, **options)
        self._act = act

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it."""
        await self._act(interaction)


class OwnView(ui.View):
    """A text with controls that only one person may use; says so when their time is over.

    No ResultButton belongs here: discord.py forgets a dynamic item's class when a view ends that
    holds one beside other controls.
    """

    kind: ClassVar[str]
    """What a later process shows in its place; see bot/cogs/bygone.py."""

    def __init__(self, person_id: int, say: Phrases) -> None:
        super().__init__(timeout=LIFE)
        self.person_id, self.say = person_id, say
        self._text = ""
        self._answered: discord.Interaction | None = None
        """What the text was shown by last; with it, it can be edited."""

    def button(self, key: str, act: Act, **options: Any) -> None:
        """Add a button with the sentence `button.{key}`."""
        custom_id = passing_id(self.kind)
        label = self.say(f"button.{key}")
        self.add_item(PressButton(label, act, custom_id=custom_id, **options))

    async def show(self, interaction: discord.Interaction, text: str) -> None:
        """Show a text with the controls as they are, after the interaction has been deferred."""
        self._answered, self._text = interaction, text
        self.timeout = LIFE
        await interaction.edit_original_response(content=text, view=self)

    async def give_way(self, interaction: discord.Interaction, other: OwnView, text: str) -> None:
        """Let another view take this one's place."""
        await other.show(interaction, text)
        self.stop()

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let only the person go on, and the end come in time for the farewell.

        Raises:
            Refusal: it is somebody else.
        """
        if interaction.user.id != self.person_id:
            raise Refusal("not_your_list")
        if self._answered is not None:
            age = datetime.now(UTC) - self._answered.created_at
            self.timeout = max(1.0, LIFE - age.total_seconds())
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Say why something was not done."""
        await cast("ViewHome", interaction.client).report(interaction, error)

    async def on_timeout(self) -> None:
        """Disable the controls and say so."""
        for item in self.children:
            if isinstance(item, ui.Button | ui.Select):
                item.disabled = True
        if self._answered is None:
            return
        text = f"{self._text}\n-# {self.say('library.closed')}"
        with contextlib.suppress(*UNREACHABLE):  # deleted, or dismissed by the person
            await self._answered.edit_original_response(content=text, view=self)
