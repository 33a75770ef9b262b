"""Failures that are ours: a log entry under an id that people can quote, and a private answer."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import discord

from bot.acknowledgement import acknowledgement_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incident:
    """A failure of ours on one line, without the error's own words, which may hold secrets."""

    id: str
    when: datetime
    what: str


recent: deque[Incident] = deque(maxlen=10)
"""The last incidents of this process, oldest first."""


listeners: list[Callable[[Incident, BaseException], None]] = []
"""Who hears of every incident, on the event loop, at once; they must not raise."""


def log_incident(what: str, error: BaseException) -> str:
    """Log an error with its traceback under a short id that a person can quote; return the id."""
    incident = Incident(secrets.token_hex(4), datetime.now(UTC), f"{what} ({type(error).__name__})")
    recent.append(incident)
    log.error("%s, incident %s", what, incident.id, exc_info=error)
    for listener in listeners:
        listener(incident, error)
    return incident.id


async def tell(interaction: discord.Interaction, text: str) -> None:
    """Answer an interaction ephemerally, whether or not it was acknowledged already."""
    if acknowledgement := acknowledgement_of(interaction):
        await acknowledgement.tell(text)
    elif not interaction.response.is_done():
        await interaction.response.send_message(text, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=text)
    else:
        await interaction.followup.send(text, ephemeral=True)
