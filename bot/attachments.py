"""Fetching what people attach, never more than is allowed."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.refusal import Refusal

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
TRIES = 2
_CHUNK = 1 << 16


class AttachmentReader:
    """Downloads attachments into memory, bounded in bytes and in time."""

    def __init__(self, session: aiohttp.ClientSession, max_bytes: int) -> None:
        self._session, self._max_bytes = session, max_bytes

    def check(self, attachment: discord.Attachment) -> None:
        """Refuse by the declared size, so that nothing is downloaded in vain."""
        self._check_size(attachment.size)

    async def read(self, attachment: discord.Attachment) -> bytes:
        """Return the attachment's bytes.

        Raises:
            Refusal: it is larger than allowed, whatever was declared, or cannot be fetched.
        """
        self.check(attachment)
        for attempt in range(TRIES):
            try:
                return await self._download(attachment.url)
            except (aiohttp.ClientError, TimeoutError) as exc:
                log.warning("Attachment %s, try %d: %r", attachment.id, attempt + 1, exc)
        raise Refusal("attachment_lost")

    async def _download(self, url: str) -> bytes:
        data = bytearray()
        async with self._session.get(url, timeout=TIMEOUT, raise_for_status=True) as response:
            async for chunk in response.content.iter_chunked(_CHUNK):
                data += chunk
                self._check_size(len(data))
        return bytes(data)

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            mebibyte = 1 << 20
            raise Refusal(
                "attachment_large",
                size=f"{size / mebibyte:.1f}",
                limit=f"{self._max_bytes / mebibyte:g}",
            )
