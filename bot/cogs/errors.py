"""The one place where a command's failure becomes a sentence."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.locales import Phrases
from bot.refusal import sentence

if TYPE_CHECKING:
    from bot.client import MindjamBot

log = logging.getLogger(__name__)


class Errors(commands.Cog):
    """Tell people what they can do, log the rest and apologize."""

    def __init__(self, bot: MindjamBot) -> None:
        self.bot = bot
        bot.tree.error(self.on_command_error)

    async def on_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Take whatever a command raised."""
        await report(interaction, error, self.bot.say(interaction))


async def report(interaction: discord.Interaction, error: Exception, say: Phrases) -> None:
    """Tell the person, and only them, what happened; never raises an error of Discord's."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    text = sentence(error, say)
    if text is None and isinstance(error, app_commands.CommandNotFound):
        text = say("refusal.unknown_command")
    if text is None:
        text = say("refusal.apology", id=log_incident("An interaction failed", error))
    try:
        await tell(interaction, text)
    except discord.HTTPException as exc:
        log.warning("Nobody could be told %r: %s", text, exc)


def log_incident(what: str, error: BaseException) -> str:
    """Log an error with its traceback under a short id that a person can quote; return the id."""
    incident = secrets.token_hex(4)
    log.error("%s, incident %s", what, incident, exc_info=error)
    return incident


async def tell(interaction: discord.Interaction, text: str) -> None:
    """Answer an interaction ephemerally, whether or not it was acknowledged already."""
    if not interaction.response.is_done():
        await interaction.response.send_message(text, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=text)
    else:
        await interaction.followup.send(text, ephemeral=True)
