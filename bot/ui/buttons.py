"""Buttons under the bot's messages; their ids say what they are for and survive a restart."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

from bot.locales import Phrases
from musicgen_core.storage import JobRecord

STYLES = {"again": discord.ButtonStyle.primary, "erase": discord.ButtonStyle.danger}


class Presses(Protocol):
    """What presses are answered by."""

    async def press(self, action: str, target: str, interaction: discord.Interaction) -> None:
        """Do what a button says, for whoever pressed it."""
        ...


class ButtonHome(Protocol):
    """What a button needs of the client it was pressed on."""

    presses: Presses

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class ResultButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"mindjam:(?P<action>[a-z]{1,16}):(?P<target>[0-9a-f]{32})",
):
    """Does something with a job or a clip, which its id names."""

    def __init__(
        self, action: str, target: str, label: str = "", *, row: int | None = None
    ) -> None:
        super().__init__(
            ui.Button(
                label=label or action,
                style=STYLES.get(action, discord.ButtonStyle.secondary),
                custom_id=f"mindjam:{action}:{target}",
            ),
            row=row,
        )
        self.action, self.target = action, target

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from what Discord sends when it is pressed."""
        return cls(match["action"], match["target"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it, or say why not."""
        home = cast("ButtonHome", interaction.client)
        try:
            await home.presses.press(self.action, self.target, interaction)
        except Exception as exc:  # noqa: BLE001 - this is the press's task root; report logs it
            await home.report(interaction, exc)


def cancel_view(job: JobRecord, say: Phrases) -> ui.View:
    """Return the row of buttons under a status message."""
    view = ui.View(timeout=None)
    view.add_item(ResultButton("cancel", job.id, say("status.cancel")))
    return view


def targets_of(message: discord.Message) -> dict[str, str]:
    """Return what the buttons of a message of ours are for: {action: id of a job or a clip}."""
    found: dict[str, str] = {}
    for row in message.components:
        for item in getattr(row, "children", ()):
            match = ResultButton.__discord_ui_compiled_template__.fullmatch(item.custom_id or "")
            if match is not None:
                found.setdefault(match["action"], match["target"])
    return found
