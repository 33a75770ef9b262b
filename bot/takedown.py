"""Taking the bot's own messages away where what they brought has been deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import discord

from bot.retrying import UNREACHABLE
from musicgen_core.storage import Delivered, JobRecord

log = logging.getLogger(__name__)

Spot = tuple[int, int, int | None]
"""A message: its own id, its channel's, and its server's."""


def result_spots(job: JobRecord) -> set[Spot]:
    """Return where a job's result stands: one message, or none."""
    if job.delivered is not Delivered.CHANNEL or not job.channel_id or not job.result_message_id:
        return set()
    return {(job.result_message_id, job.channel_id, job.server_id)}


def referred_spots(message: discord.Message | None) -> set[Spot]:
    """Return the message that this one answers: one, or none."""
    reference = message.reference if message else None
    if reference is None or reference.message_id is None:
        return set()
    return {(reference.message_id, reference.channel_id, reference.guild_id)}


async def take_down(client: discord.Client, spots: Iterable[Spot]) -> bool:
    """Delete messages, as far as they are there and are ours; tell whether none is left."""
    left = False
    for message_id, channel_id, server_id in spots:
        channel = client.get_partial_messageable(channel_id, guild_id=server_id)
        try:
            await channel.get_partial_message(message_id).delete()
        except discord.NotFound:
            continue
        except UNREACHABLE as exc:
            log.info("Message %s stays: %s", message_id, exc)
            left = True
    return not left


async def take_down_pressed(pressed: discord.Interaction | None) -> bool:
    """Delete the message whose button was pressed, by the press's own token; tell whether it is."""
    if pressed is None or pressed.is_expired():
        return False
    try:
        await pressed.delete_original_response()
    except UNREACHABLE as exc:
        log.info("The message of press %s stays: %s", pressed.id, exc)
        return False
    return True
