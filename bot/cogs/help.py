"""/help: what to type."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.locales import Phrases


class Help(commands.Cog):
    """Tells people, privately, what they can do."""

    def __init__(self, say: Callable[[discord.Interaction], Phrases]) -> None:
        self._say = say

    @app_commands.command(
        name=command_text("help.name"), description=command_text("help.description")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        say = self._say(interaction)
        text = f"{say('help.text')}{say('help.jams')} {say('jam.help')}"
        await interaction.response.send_message(text, ephemeral=True)
