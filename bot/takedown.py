"""Taking the bot's own messages away where what they brought has been deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import discord

from bot.retrying import UNREACHABLE
from musicgen_core.storage import Delivered, JobRecord

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


async def take_down(client: discord.Client, spots: Iterable[Spot]) -> None:
    """Delete messages, as far as they are there and are ours."""
    for message_id, channel_id, server_id in spots:
        channel = client.get_partial_messageable(channel_id, guild_id=server_id)
        with contextlib.suppress(*UNREACHABLE):
            await channel.get_partial_message(message_id).delete()
