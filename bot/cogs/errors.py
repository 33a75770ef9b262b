"""The one place where a command's failure becomes a sentence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.incident import log_incident, tell
from bot.locales import Phrases
from bot.refusal import sentence

if TYPE_CHECKING:
    from bot.client import MindjamBot

log = logging.getLogger(__name__)

STALE = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
"""The person's Discord still shows a command as it was before an update."""


TOO_LATE = 10062
"""Discord's code for an interaction whose person does not wait any more."""


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
    if isinstance(error, discord.NotFound) and error.code == TOO_LATE:
        log.warning("An interaction was answered too late: %s", error)
        return
    text = sentence(error, say)
    if text is None and isinstance(error, STALE):
        text = say("refusal.unknown_command")
    if text is None:
        text = say("refusal.apology", id=log_incident("An interaction failed", error))
    try:
        await tell(interaction, text)
    except discord.HTTPException as exc:
        log.warning("Nobody could be told %r: %s", text, exc)
