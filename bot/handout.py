"""Handing a person everything that is stored of them, privately."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.export import Export
from bot.retrying import UNREACHABLE, nonce, persistently
from musicgen_core.storage import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What was sent, and how."""

    files: int
    clips: int
    smaller: tuple[str, ...]
    """Formats in which clips were sent that are too large as WAV."""
    missing: int
    """Clips that are not in it."""
    directly: bool
    """As direct messages; else as answers that only the person sees."""


class Handout:
    """Sends one file after the other: as direct messages, else as answers to the interaction."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self._interaction = interaction
        self._channel: discord.DMChannel | None = None
        self._number = 0

    async def give(self, storage: Storage) -> HandedOut:
        """Read everything of the person who pressed, and send it.

        Raises:
            StorageUnavailable: it cannot be read.
            discord.HTTPException: it can be sent in neither way.
        """
        person = self._interaction.user
        limit = min(self._interaction.filesize_limit, DEFAULT_FILE_SIZE_LIMIT_BYTES)
        export = Export(storage, await storage.people.export(person.id), limit)
        try:
            self._channel = await person.create_dm()
        except UNREACHABLE as exc:
            log.info("No direct messages to %s: %s", person.id, exc)
        async for file in export.files():
            self._number += 1
            await self._send(file)
        smaller = tuple(sorted(export.smaller))
        directly = self._channel is not None
        return HandedOut(self._number, export.sent, smaller, export.missing, directly)

    async def _send(self, file: BufferedIOBase) -> None:
        if self._channel is not None:
            mark = nonce(self._interaction.id, self._number)
            try:
                await persistently(self._post(self._channel.send, file, nonce=mark))
            except discord.HTTPException as exc:
                if self._number > 1:
                    raise
                log.info("No direct messages to %s: %s", self._interaction.user.id, exc)
                self._channel = None
            else:
                return
        await persistently(self._post(self._interaction.followup.send, file, ephemeral=True))

    def _post(
        self, send: Callable[..., Awaitable[Any]], file: BufferedIOBase, **options: Any
    ) -> Callable[[], Awaitable[Any]]:
        """Return what sends the file, as often as it is called."""
        name = f"mindjam-{self._number}.zip"

        def post() -> Awaitable[Any]:
            file.seek(0)
            return send(file=discord.File(file, filename=name), **options)

        return post
