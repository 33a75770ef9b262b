"""Buttons under the bot's messages; they carry their job in their id and survive a restart."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

from bot.locales import Phrases
from bot.refusal import Refusal
from musicgen_core.service import MusicService


class ButtonHome(Protocol):
    """What a button needs of the client it was pressed on."""

    service: MusicService

    def say(self, interaction: discord.Interaction) -> Phrases:
        """Return the catalogue in the person's language."""
        ...

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class CancelButton(
    ui.DynamicItem[ui.Button[Any]], template=r"mindjam:cancel:(?P<job>[\w-]{1,64}):(?P<owner>\d+)"
):
    """Stops a job; for its owner and for people who may manage messages."""

    def __init__(self, job: str, owner: int, label: str = "") -> None:
        super().__init__(
            ui.Button(
                label=label or "✕",
                style=discord.ButtonStyle.secondary,
                custom_id=f"mindjam:cancel:{job}:{owner}",
            )
        )
        self.job, self.owner = job, owner

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from what Discord sends when it is pressed."""
        return cls(match["job"], int(match["owner"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Cancel the job, or say why not."""
        home = cast("ButtonHome", interaction.client)
        try:
            await self._cancel(interaction, home.service)
        except Exception as exc:  # noqa: BLE001 - this is the press's task root; report logs it
            await home.report(interaction, exc)

    async def _cancel(self, interaction: discord.Interaction, service: MusicService) -> None:
        if interaction.user.id != self.owner and not interaction.permissions.manage_messages:
            raise Refusal("not_yours")
        # Acknowledged first: the status is edited when the job has really stopped.
        await interaction.response.defer()
        if not await service.cancel(self.job):
            raise Refusal("too_late")


def cancel_view(job: str, owner: int, say: Phrases) -> ui.View:
    """Return the row of buttons under a status message."""
    view = ui.View(timeout=None)
    view.add_item(CancelButton(job, owner, say("status.cancel")))
    return view
