"""What a reply answers: a clip of ours that can be continued, somebody's file, or words."""

from __future__ import annotations

import discord

from bot.reception import Reception
from bot.retrying import UNREACHABLE
from bot.ui.buttons import targets_of
from bot.wish import Wish
from musicgen_core.storage import Storage

AUDIO = ("audio/", "video/ogg", "application/ogg")
"""What Discord calls files that hold sound; what they really hold is looked at later."""
SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".mp3", ".aiff", ".aif")
LATER = 100
"""Messages behind a status among which its clip is looked for."""


class Answered:
    """Knows what the messages bring that people answer, or point at."""

    def __init__(self, client: discord.Client, reception: Reception, storage: Storage) -> None:
        self._client, self._reception, self._storage = client, reception, storage

    async def message(self, reply: discord.Message) -> discord.Message | None:
        """Return the message that this one replies to, if it is one that is still there."""
        reference = reply.reference
        if reference is None or reference.message_id is None:
            return None
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        try:
            return await reply.channel.fetch_message(reference.message_id)
        except UNREACHABLE:
            return None

    def is_ours(self, message: discord.Message) -> bool:
        """Whether the bot wrote a message."""
        return self._client.user is not None and message.author.id == self._client.user.id

    async def parent(self, message: discord.Message) -> Wish | None:
        """Return a wish to continue the clip that a message of ours brings or announced.

        None: it is none of ours, or there is no such clip.
        """
        if not self.is_ours(message):
            return None
        if not targets_of(message):
            message = await self._announced(message) or message
        clip = await self._storage.clips.get(targets_of(message).get("continue", ""))
        if clip is None or clip.deleted is not None:
            return None
        job = await self._storage.jobs.get(clip.job_id)
        if job is None:
            return Wish(parent_id=clip.id)
        return self._reception.onward(job, clip)

    async def _announced(self, status: discord.Message) -> discord.Message | None:
        """Return the message that brought a finished job's clips: it replies to the status."""
        try:
            async for later in status.channel.history(after=status, limit=LATER):
                reference = later.reference
                if self.is_ours(later) and reference and reference.message_id == status.id:
                    return later
        except UNREACHABLE:
            return None
        return None


def sound_of(message: discord.Message) -> discord.Attachment | None:
    """Return the first attachment that may hold sound; the preview of a status does not count."""
    if "cancel" in targets_of(message):
        return None
    for attachment in message.attachments:
        kind = attachment.content_type or ""
        if kind.startswith(AUDIO) or attachment.filename.lower().endswith(SUFFIXES):
            return attachment
    return None
