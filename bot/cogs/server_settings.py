"""/settings: what a server's people want of the bot."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.locales import ENGLISH, Phrases, phrases
from bot.reception import Reception
from bot.refusal import Refusal
from bot.ui.server_forms import LimitsForm, ModelForm, WordsForm
from bot.ui.server_page import ServerPage
from bot.ui.server_text import page_text
from musicgen_core.storage import ServerSettings, Storage


class ServerSettingsCog(commands.Cog):
    """Shows and changes a server's settings, for those who manage it."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        reception: Reception,
        storage: Storage,
        say: Callable[[discord.Interaction], Phrases],
    ) -> None:
        self._bot, self._reception, self._say = bot, reception, say
        self._preferences = storage.preferences

    async def cog_load(self) -> None:
        """Answer presses on pages that an earlier process showed."""
        page = ServerPage(self, ServerSettings(0), phrases(ENGLISH), models=self._several)
        self._bot.add_view(page)

    @app_commands.command(
        name=command_text("settings.name"), description=command_text("settings.description")
    )
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def settings(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        self.admit(interaction)
        rules = await self._rules(interaction)
        text, page = self._page(interaction, rules)
        await interaction.response.send_message(text, view=page, ephemeral=True)

    def admit(self, interaction: discord.Interaction) -> None:
        """Let only those go on who manage the server.

        Raises:
            Refusal: they do not, or this is no server.
        """
        if interaction.guild_id is None or not interaction.permissions.manage_guild:
            raise Refusal("not_manager")

    async def change(self, interaction: discord.Interaction, **changes: object) -> None:
        """Store changes and show the page anew."""
        rules = await self._preferences.change_server(interaction.guild_id or 0, **changes)
        text, page = self._page(interaction, rules)
        await interaction.response.edit_message(content=text, view=page)

    async def open_limits(self, interaction: discord.Interaction) -> None:
        """Open the form of the numbers."""
        rules, most = await self._rules(interaction), self._reception.longest()
        form = LimitsForm(self, rules, most, self._say(interaction))
        await interaction.response.send_modal(form)

    async def open_words(self, interaction: discord.Interaction) -> None:
        """Open the form of the blocked words."""
        form = WordsForm(self, await self._rules(interaction), self._say(interaction))
        await interaction.response.send_modal(form)

    async def open_model(self, interaction: discord.Interaction) -> None:
        """Open the form of the default model."""
        rules, models = await self._rules(interaction), self._reception.models
        form = ModelForm(self, rules, models, self._say(interaction))
        await interaction.response.send_modal(form)

    @property
    def _several(self) -> bool:
        return len(self._reception.models) > 1

    async def _rules(self, interaction: discord.Interaction) -> ServerSettings:
        return await self._preferences.server(interaction.guild_id or 0)

    def _page(
        self, interaction: discord.Interaction, rules: ServerSettings
    ) -> tuple[str, ServerPage]:
        say, reception = self._say(interaction), self._reception
        longest, models = reception.longest(), reception.models
        text = page_text(rules, reception.settings, longest, models, say)
        return text, ServerPage(self, rules, say, models=self._several)
