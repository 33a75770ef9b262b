"""Failures that are ours: a log entry under an id that people can quote, and a private answer."""

from __future__ import annotations

import logging
import secrets

import discord

log = logging.getLogger(__name__)


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
