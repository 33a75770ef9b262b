"""An alarm for the bot's owner: a direct message when the disk or the database fails."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Self

import discord

from bot.incident import Incident, listeners
from bot.locales import Phrases
from bot.retrying import UNREACHABLE
from musicgen_core.errors import StorageUnavailable

log = logging.getLogger(__name__)

QUIET_SECONDS = 3600.0
"""A disk that is full is full for everybody: one message an hour says so."""


class Alarm:
    """Hears of incidents, for the length of an `async with`, and writes to the owner.

    Args:
        client: the bot; its application's owner is told, of a team the team's.
        say: the bot's language.
    """

    def __init__(self, client: discord.Client, say: Phrases) -> None:
        self._client, self._say = client, say
        self._next = float("-inf")
        self._telling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        listeners.append(self._hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        listeners.remove(self._hear)
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    def _hear(self, incident: Incident, error: BaseException) -> None:
        now = time.monotonic()
        if not isinstance(error, StorageUnavailable) or now < self._next:
            return
        self._next = now + QUIET_SECONDS
        task = asyncio.create_task(self._tell(incident), name="alarm")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, incident: Incident) -> None:
        try:
            application = await self._client.application_info()
            owner = application.team.owner_id if application.team else application.owner.id
            private = await self._client.create_dm(discord.Object(owner or application.owner.id))
            await private.send(self._say("admin.alarm", id=incident.id))
        except UNREACHABLE as exc:
            log.warning("The owner could not be told of incident %s: %s", incident.id, exc)
