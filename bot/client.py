"""The bot itself: default intents, catalogued commands, pings nobody."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.errors import report
from bot.languages import Languages
from bot.locales import LOCALES, Phrases, phrases
from bot.settings import Settings
from bot.ui.buttons import Presses
from bot.ui.jam_buttons import JamPresses
from musicgen_core.storage import Storage

# mindjam sends files and joins no voice channel; discord.py would warn of missing codecs.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class MindjamBot(commands.AutoShardedBot):
    """mindjam on Discord; `async with` it, add its cogs, then `start` it with a token."""

    presses: Presses
    """What buttons do; set before the bot is started."""
    jam_presses: JamPresses
    """What jams' buttons do, likewise."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=settings.guild_ready_timeout,
        )
        self.settings, self.storage = settings, storage
        self.languages = Languages(storage, settings.locale)

    async def setup_hook(self) -> None:
        """Tell Discord our commands, in every language, and learn who chose which."""
        await self.languages.load()
        await self.tree.set_translator(CatalogueTranslator())
        await self.tree.sync()

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the cogs that listen: there are no commands with a prefix."""

    def say(self, interaction: discord.Interaction) -> Phrases:
        """Return the catalogue in the person's language."""
        return self.languages.say(interaction)

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong, and log it where it is ours."""
        await report(interaction, error, self.say(interaction))


class CatalogueTranslator(app_commands.Translator):
    """Names and descriptions of commands from bot/locales; strings without a key stay English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the catalogue's sentence, or None where Discord shall show the English one."""
        key = string.extras.get("key")
        if key is None or locale.value not in LOCALES[1:]:
            return None
        return phrases(locale.value)(key)
