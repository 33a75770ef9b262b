"""/admin: how the bot is doing, and steering it, for its owner."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.condition import Lookout
from bot.delivery import Delivery
from bot.jams.bandstand import Bandstand
from bot.locales import Phrases
from bot.refusal import Refusal
from bot.rereading import Reread, Rereading
from bot.settings import SettingsInvalid
from bot.ui.condition_text import condition_text
from musicgen_core.workshop import Workshop

DELIVERY_SECONDS = 600.0
"""How long a drain waits for the last clips to get to their people."""


class Admin(commands.Cog):
    """Answers only the bot's owner, and privately."""

    admin = app_commands.Group(
        name=command_text("admin.name"),
        description=command_text("admin.description"),
        default_permissions=discord.Permissions(administrator=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
    )

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        workshop: Workshop,
        delivery: Delivery,
        bandstand: Bandstand,
        lookout: Lookout,
        rereading: Rereading,
        say: Callable[[discord.Interaction], Phrases],
    ) -> None:
        self._bot, self._workshop, self._delivery = bot, workshop, delivery
        self._bandstand = bandstand
        self._lookout, self._rereading, self._say = lookout, rereading, say

    @admin.command(
        name=command_text("admin.status.name"),
        description=command_text("admin.status.description"),
    )
    async def status(self, interaction: discord.Interaction) -> None:
        """Show how the bot is doing."""
        await self._admit(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        text = condition_text(await self._lookout.look(), self._say(interaction))
        await interaction.edit_original_response(content=text)

    @admin.command(
        name=command_text("admin.pause.name"), description=command_text("admin.pause.description")
    )
    async def pause(self, interaction: discord.Interaction) -> None:
        """Refuse new jobs; what is accepted goes on."""
        await self._admit(interaction)
        await self._pause(interaction, "admin.paused")

    @admin.command(
        name=command_text("admin.resume.name"),
        description=command_text("admin.resume.description"),
    )
    async def resume(self, interaction: discord.Interaction) -> None:
        """Take new jobs again."""
        await self._admit(interaction)
        self._workshop.paused = False
        await self._tell(interaction, "admin.resumed")

    @admin.command(
        name=command_text("admin.drain.name"), description=command_text("admin.drain.description")
    )
    async def drain(self, interaction: discord.Interaction) -> None:
        """Refuse new jobs and say when nothing is on its way any more."""
        await self._admit(interaction)
        await self._pause(interaction, "admin.draining")
        await self._bandstand.emptied()
        if not await self._workshop.emptied():
            return
        await self._delivery.settle(DELIVERY_SECONDS)
        text = self._say(interaction)("admin.drained")
        if interaction.is_expired():
            await interaction.user.send(text)
        else:
            await interaction.edit_original_response(content=text)

    @admin.command(
        name=command_text("admin.reload.name"),
        description=command_text("admin.reload.description"),
    )
    async def reload(self, interaction: discord.Interaction) -> None:
        """Read the settings anew and say what became of them."""
        await self._admit(interaction)
        say = self._say(interaction)
        try:
            found = await self._rereading.read()
        except SettingsInvalid as exc:
            raise Refusal("settings_invalid", reason=str(exc)) from exc
        await interaction.response.send_message(reread_text(found, say), ephemeral=True)

    async def _admit(self, interaction: discord.Interaction) -> None:
        """Let only the owner go on.

        Raises:
            Refusal: it is somebody else.
        """
        if not await self._bot.is_owner(interaction.user):
            raise Refusal("not_owner")

    async def _pause(self, interaction: discord.Interaction, key: str) -> None:
        """Refuse new jobs, and say what goes on."""
        self._workshop.paused = True
        say = self._say(interaction)
        text = say(key, count=len(self._workshop.on_its_way()))
        if jams := self._bandstand.making:
            text += "\n" + say("admin.jams", count=jams)
        await interaction.response.send_message(text, ephemeral=True)

    async def _tell(self, interaction: discord.Interaction, key: str, **values: object) -> None:
        text = self._say(interaction)(key, **values)
        await interaction.response.send_message(text, ephemeral=True)


def reread_text(found: Reread, say: Phrases) -> str:
    """Return which settings changed, and which of them wait for a restart."""
    lines = []
    if found.applied:
        lines.append(say("admin.applied", names=_names(found.applied)))
    if found.waiting:
        lines.append(say("admin.needs_restart", names=_names(found.waiting)))
    return "\n".join(lines) or say("admin.unchanged")


def _names(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)
