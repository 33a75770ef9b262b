"""/library: a person's own clips."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.library import Library
from bot.locales import Phrases
from bot.ui.library_view import LONGEST_SEARCH, Continue, LibraryView


class LibraryCog(commands.Cog, name="Library"):
    """Show people their clips, and nobody else's."""

    def __init__(
        self,
        library: Library,
        say: Callable[[discord.Interaction], Phrases],
        continue_clip: Continue,
    ) -> None:
        self._library, self._say, self._continue = library, say, continue_clip

    @app_commands.command(
        name=command_text("library.name"), description=command_text("library.description")
    )
    @app_commands.rename(search=command_text("library.search"))
    @app_commands.describe(search=command_text("library.search_help"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def library(
        self,
        interaction: discord.Interaction,
        search: app_commands.Range[str, 1, LONGEST_SEARCH] = "",
    ) -> None:
        """Show the newest clips, or those that hold some words; to the person only."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.show(interaction, " ".join(search.split()))

    async def show(self, interaction: discord.Interaction, words: str = "") -> None:
        """Show the list, after the interaction has been deferred."""
        person_id = interaction.user.id
        view = LibraryView(person_id, self._say(interaction), self._library, self._continue, words)
        await view.open(interaction)
