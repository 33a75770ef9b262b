"""/privacy: what is kept of a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_text import command_text
from bot.departure import Holdings
from bot.languages import Languages
from bot.locales import Phrases
from bot.ui.privacy_view import PrivacyView, counted
from musicgen_core.workshop import Workshop


class Privacy(commands.Cog):
    """Say what is kept; hand it out, or delete it."""

    def __init__(
        self,
        workshop: Workshop,
        languages: Languages,
        keep_days: Callable[[], int],
    ) -> None:
        self._workshop, self._languages, self._keep_days = workshop, languages, keep_days
        self._exporting: set[int] = set()

    @app_commands.command(
        name=command_text("privacy.name"), description=command_text("privacy.description")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Show the page, to the person only."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.show(interaction)

    async def show(self, interaction: discord.Interaction) -> None:
        """Show the page, after the interaction has been deferred."""
        say, days = self._languages.say(interaction), await self._days(interaction.guild_id)
        view = PrivacyView(
            interaction.user.id,
            say,
            self._workshop,
            partial(page, say, days),
            self._exporting,
            self._languages,
        )
        await view.open(interaction)

    async def _days(self, server_id: int | None) -> int:
        """Return how many days clips of this place are kept; 0: for ever."""
        if server_id is None:
            return self._keep_days()
        rules = await self._workshop.storage.preferences.server(server_id)
        own = rules.retention_days
        return self._keep_days() if own is None else own


def page(say: Phrases, days: int, held: Holdings) -> str:
    """Return the page: what, where, for how long, and how much there is now."""
    lines = [
        say("privacy.what"),
        say("privacy.where"),
        say("privacy.for_days", days=days) if days else say("privacy.for_ever"),
        say("privacy.elsewhere"),
        say("privacy.now", **counted(held)),
    ]
    return f"**{say('privacy.heading')}**\n" + "\n".join(f"- {line}" for line in lines)
