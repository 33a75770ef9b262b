"""/preferences: a person's own language and format, wherever they are."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.languages import Languages
from bot.locales import ENGLISH, phrases
from bot.ui.choices import language_name
from bot.ui.preferences_page import PreferencesPage, preferences_text
from musicgen_core.storage import PersonSettings, Storage


class Preferences(commands.Cog):
    """Shows and changes what a person has set for themselves."""

    def __init__(
        self, bot: commands.AutoShardedBot, storage: Storage, languages: Languages
    ) -> None:
        self._bot, self._preferences, self._languages = bot, storage.preferences, languages

    async def cog_load(self) -> None:
        """Answer presses on pages that an earlier process showed."""
        self._bot.add_view(PreferencesPage(self.change, PersonSettings(0), phrases(ENGLISH)))

    @app_commands.command(
        name=command_text("preferences.name"), description=command_text("preferences.description")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def preferences(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        own = await self._preferences.person(interaction.user.id)
        text, page = self._page(interaction, own)
        await interaction.response.send_message(text, view=page, ephemeral=True)

    async def change(self, interaction: discord.Interaction, **changes: object) -> None:
        """Store a change and show the page anew, in the language that was just chosen."""
        own = await self._preferences.change_person(interaction.user.id, **changes)
        self._languages.learn(own.id, own.language)
        text, page = self._page(interaction, own)
        await interaction.response.edit_message(content=text, view=page)

    def _page(
        self, interaction: discord.Interaction, own: PersonSettings
    ) -> tuple[str, PreferencesPage]:
        say = self._languages.say(interaction)
        text = preferences_text(own, language_name(own.language), say)
        return text, PreferencesPage(self.change, own, say)
