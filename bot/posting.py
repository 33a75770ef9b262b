"""Getting a finished clip to its owner: the channel, else a direct message, else a file here."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import aiofiles
import discord
from discord.abc import Messageable
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.clip_names import clip_name
from bot.locales import Phrases, format_seconds
from bot.retrying import UNREACHABLE, nonce, persistently
from bot.ui.quoting import quote
from musicgen_core.requests import Clip
from musicgen_core.service import Job

log = logging.getLogger(__name__)

FORMATS = ("WAV", "FLAC", "OGG")
"""From the best to the smallest; the first that fits is sent."""
TOO_LARGE_CODE = 40005


@dataclass(frozen=True, slots=True)
class Order:
    """A job and what must be known to deliver it after the interaction is gone."""

    job: Job
    user_id: int
    channel_id: int
    guild_id: int | None
    filesize_limit: int
    say: Phrases

    @property
    def mention(self) -> str:
        """The owner's mention."""
        return f"<@{self.user_id}>"


class Reached(StrEnum):
    """Where a clip ended up."""

    CHANNEL = "channel"
    PRIVATE = "private"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a clip ended up, and the name of its file there."""

    reached: Reached
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a clip may be posted, and the largest file that is taken there."""

    where: Messageable
    limit: int
    reached: Reached
    reply_to: discord.MessageReference | None = None


class TooLarge(Exception):
    """No format makes the clip small enough for a place."""


class Postman:
    """Posts clips with the bot's own token, so that no interaction needs to be alive."""

    def __init__(self, client: discord.Client, kept: Path) -> None:
        self._client, self._kept = client, kept

    async def deliver(
        self, order: Order, clip: Clip, status: discord.PartialMessage | None
    ) -> Receipt:
        """Post the clip at the best place that takes it, exactly once, else keep it on disk.

        Raises:
            OSError: the disk does not take it either.
        """
        async for place in self._places(order, status):
            try:
                return Receipt(place.reached, await self._post(place, order, clip))
            except (*UNREACHABLE, TooLarge) as exc:
                log.warning("Job %s, %s: %s", order.job.id, place.reached, exc)
        return Receipt(Reached.KEPT, await self._keep(order, clip))

    async def _places(
        self, order: Order, status: discord.PartialMessage | None
    ) -> AsyncIterator[Place]:
        channel = self._client.get_partial_messageable(order.channel_id, guild_id=order.guild_id)
        if status is not None:
            reply = status.to_reference(fail_if_not_exists=False)
            yield Place(channel, order.filesize_limit, Reached.CHANNEL, reply)
        # Replying takes a permission of its own, to read the channel's history.
        yield Place(channel, order.filesize_limit, Reached.CHANNEL)
        if order.guild_id is None:
            return
        try:
            private = await self._client.create_dm(discord.Object(order.user_id))
        except UNREACHABLE as exc:
            log.warning("No direct messages to %s: %s", order.user_id, exc)
        else:
            yield Place(private, DEFAULT_FILE_SIZE_LIMIT_BYTES, Reached.PRIVATE)

    async def _post(self, place: Place, order: Order, clip: Clip) -> str:
        """Post in the first format that is taken; return the file's name."""
        for file_format in FORMATS:
            data = await asyncio.to_thread(clip.encode, file_format)
            if len(data) > place.limit:
                continue
            name = name_of(clip, file_format)
            try:
                await self._send(place, order, data, name, caption(order, clip, place, file_format))
            except discord.HTTPException as exc:
                if exc.status != 413 and exc.code != TOO_LARGE_CODE:
                    raise
            else:
                return name
        raise TooLarge(f"no format fits into {place.limit} bytes")

    async def _send(
        self, place: Place, order: Order, data: bytes, name: str, content: str
    ) -> discord.Message:
        key = nonce(order.job.id, place.reached, place.reply_to is not None, name)

        async def post() -> discord.Message:
            # A File is used up by a try, so each has its own.
            file = discord.File(io.BytesIO(data), filename=name)
            pings = discord.AllowedMentions(
                everyone=False, roles=False, users=[discord.Object(order.user_id)]
            )
            if place.reply_to is None:
                return await place.where.send(
                    content, file=file, nonce=key, allowed_mentions=pings, suppress_embeds=True
                )
            return await place.where.send(
                content,
                file=file,
                nonce=key,
                allowed_mentions=pings,
                suppress_embeds=True,
                reference=place.reply_to,
                mention_author=False,
            )

        return await persistently(post)

    async def _keep(self, order: Order, clip: Clip) -> str:
        name = f"{order.job.id}-{name_of(clip, 'WAV')}"
        await asyncio.to_thread(self._kept.mkdir, parents=True, exist_ok=True)
        data = await asyncio.to_thread(clip.encode, "WAV")
        async with aiofiles.open(self._kept / name, "wb") as file:
            await file.write(data)
        log.error("Job %s of user %s is kept as %s", order.job.id, order.user_id, name)
        return name


def name_of(clip: Clip, file_format: str) -> str:
    """Return the name of the clip's file."""
    return clip_name(clip.provenance.prompt, clip.provenance.seed, file_format)


def caption(order: Order, clip: Clip, place: Place, file_format: str) -> str:
    """Return the text above the clip: whose, what, how long, which seed."""
    say, made = order.say, clip.provenance
    what = quote(made.prompt) if made.prompt else say("result.unconditional")
    seconds = format_seconds(clip.seconds)
    lines = [say("result.text", who=order.mention, what=what, seconds=seconds, seed=made.seed)]
    if clip.new_from:
        start = format_seconds(clip.new_from / clip.sample_rate)
        lines.append("-# " + say("result.from", seconds=start))
    if file_format != FORMATS[0]:
        lines.append("-# " + say("result.smaller", format=file_format))
    if place.reached is Reached.PRIVATE:
        lines.append("-# " + say("result.elsewhere"))
    return "\n".join(lines)
