"""Getting finished clips to their owner: the channel, the interaction, a direct message."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from typing import Any

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.channel_room import ChannelRoom
from bot.incident import log_incident
from bot.order import Order
from bot.parcel import Parcel, pack
from bot.retrying import UNREACHABLE, nonce, persistently
from bot.ui.job_message import Gone, JobMessage
from bot.ui.result import caption, result_view
from musicgen_core.errors import StorageUnavailable
from musicgen_core.requests import Clip
from musicgen_core.service import JobState
from musicgen_core.storage import ClipRecord, Delivered
from musicgen_core.workshop import Commission, Workshop

log = logging.getLogger(__name__)

TOO_LARGE_CODE = 40005
Send = Callable[..., Awaitable[discord.Message]]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere clips may be posted, and the largest file that is taken there."""

    send: Send
    limit: int
    reached: Delivered
    options: dict[str, Any]
    """What else `send` takes there."""
    edits: bool = False
    """Whether `send` edits a message, which needs no nonce and is told no flags."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where clips ended up, and the message that brings them."""

    reached: Delivered
    message: discord.Message | None
    clips: Sequence[Clip]


class TooLarge(Exception):
    """No format makes the clips small enough for a place."""


class Postman:
    """Posts clips with the bot's own token, so that no interaction needs to be alive."""

    def __init__(
        self,
        client: discord.Client,
        workshop: Workshop,
        preferred: str,
        room: ChannelRoom | None = None,
    ) -> None:
        self._client, self._workshop, self.preferred = client, workshop, preferred
        self._room = room or ChannelRoom()

    async def deliver(
        self, order: Order, commission: Commission, status: JobMessage | None
    ) -> Receipt:
        """Post the clips at the best place that takes them, exactly once.

        Where none does they stay in the library.

        Raises:
            StorageUnavailable: they are not there either.
        """
        if not commission.clips:
            what = f"Job {order.job.id} could not be kept"
            log_incident(what, StorageUnavailable("The clip is not in the library."))
        clips = commission.made or await self._clips(commission)
        preferred = await self._format(order)
        async with aclosing(self._places(order, commission, status)) as places:
            async for place in places:
                try:
                    message = await self._post(place, order, commission, clips, preferred)
                except (*UNREACHABLE, TooLarge, Gone) as exc:
                    log.warning("Job %s, %s: %r", order.job.id, place.reached, exc)
                else:
                    # What was not kept is FAILED to the database: told is all that it can be.
                    where = place.reached if commission.clips else Delivered.TOLD
                    await self.note(order, where, message.id)
                    return Receipt(place.reached, message, clips)
        if not commission.clips:
            raise StorageUnavailable("The clip could be neither posted nor kept.")
        log.error("Job %s of user %s stays in the library", order.job.id, order.job.person_id)
        await self.note(order, Delivered.LIBRARY, None)
        return Receipt(Delivered.LIBRARY, None, clips)

    async def post_again(self, order: Order, clips: Sequence[ClipRecord], place: Place) -> Receipt:
        """Post clips of the library at a place, whatever became of their job.

        Raises:
            InvalidRequest: one has been deleted.
            StorageUnavailable: one cannot be read.
            TooLarge: the place takes them in no format.
            discord.HTTPException: it does not take them at all.
        """
        commission = Commission(order.job, JobState.DONE, clips=tuple(clips))
        made, preferred = await self._clips(commission), await self._format(order)
        counted = place.reached is Delivered.CHANNEL
        with self._room.post(order.channel_id) if counted else nullcontext():
            message = await self._post(place, order, commission, made, preferred)
        return Receipt(place.reached, message, made)

    async def posted(self, order: Order, clips: Sequence[ClipRecord]) -> Receipt | None:
        """Return the message in which an earlier process brought clips; None: it is gone.

        Raises:
            InvalidRequest: a clip has been deleted.
            StorageUnavailable: one cannot be read.
            discord.HTTPException: the channel may not be read.
        """
        where = order.job.delivered or Delivered.CHANNEL
        channel: discord.abc.Messageable = self._client.get_partial_messageable(
            order.channel_id, guild_id=order.job.server_id
        )
        if where is Delivered.DM:
            channel = await self._client.create_dm(discord.Object(order.job.person_id))
        try:
            message = await channel.fetch_message(order.job.result_message_id or 0)
        except discord.NotFound:
            return None
        commission = Commission(order.job, JobState.DONE, clips=tuple(clips))
        return Receipt(where, message, await self._clips(commission))

    async def _clips(self, commission: Commission) -> Sequence[Clip]:
        """Read the clips that an earlier process made."""
        return [await self._workshop.source.clip(record) for record in commission.clips]

    async def _format(self, order: Order) -> str:
        """Return the format that the person, else the server, else the bot prefers."""
        preferences = self._workshop.storage.preferences
        try:
            own = await preferences.person(order.job.person_id)
            rules = await preferences.server(order.job.server_id or 0)
        except StorageUnavailable as exc:
            log.warning("Nobody's preferences can be read: %s", exc)
            return self.preferred
        return own.format or (rules.formats or (self.preferred,))[0]

    async def note(self, order: Order, where: Delivered, message_id: int | None) -> None:
        """Remember how an order ended, so that no later process sees to it again."""
        try:
            await self._workshop.storage.jobs.mark_delivered(order.job.id, where, message_id)
        except StorageUnavailable as exc:
            log.error("Job %s has ended, unnoted: %s", order.job.id, exc)  # noqa: TRY400

    async def _places(
        self, order: Order, commission: Commission, status: JobMessage | None
    ) -> AsyncGenerator[Place]:
        """Yield where clips may go, the next once the one before did not take them.

        What a channel has no room for just now goes into the status, where that can be.
        """
        channel = self._client.get_partial_messageable(
            order.channel_id, guild_id=order.job.server_id
        )
        limit = order.filesize_limit
        if status is not None and await self._goes_into(status, order, commission):
            yield Place(status.become, limit, Delivered.CHANNEL, {}, edits=True)
            status.stay_status()
            await self._intend(order, None)
        if status is not None and status.posted is not None:
            reply = status.posted.to_reference(fail_if_not_exists=False)
            options = {"reference": reply, "mention_author": False}
            with self._room.post(order.channel_id):
                yield Place(channel.send, limit, Delivered.CHANNEL, options)
        # Replying takes a permission of its own, to read the channel's history.
        with self._room.post(order.channel_id):
            yield Place(channel.send, limit, Delivered.CHANNEL, {})
        answer = self._answer(order)
        if answer is not None and not order.here:
            yield answer
        try:
            private = await self._client.create_dm(discord.Object(order.job.person_id))
        except UNREACHABLE as exc:
            log.warning("No direct messages to %s: %s", order.job.person_id, exc)
        else:
            if private.id != order.channel_id:  # which was tried already
                yield Place(private.send, DEFAULT_FILE_SIZE_LIMIT_BYTES, Delivered.DM, {})
        if answer is not None and order.here:
            yield answer

    async def _goes_into(self, status: JobMessage, order: Order, commission: Commission) -> bool:
        """Tell whether clips go into the status, and remember that they do.

        Remembered first: after a crash nobody could tell whether they had come there, but once
        more they can be put there, and nowhere else.
        """
        if status.posted is None or not commission.clips:
            return False
        if order.job.result_message_id == status.posted.id:  # so an earlier process meant
            return True
        if not status.answers or self._room.is_free(order.channel_id):
            return False
        may = order.interaction is not None and order.interaction.app_permissions.attach_files
        return may and await self._intend(order, status.posted.id)

    async def _intend(self, order: Order, message_id: int | None) -> bool:
        """Remember which message is made to bring clips; tell whether that is remembered."""
        try:
            return await self._workshop.storage.jobs.set_result_message(order.job.id, message_id)
        except StorageUnavailable as exc:
            log.warning("Job %s goes where it cannot be noted: %s", order.job.id, exc)
            return False

    @staticmethod
    def _answer(order: Order) -> Place | None:
        """Return the answer to the command itself, as long as it lives.

        Where the bot is in the server it comes last: only the person may see it, until they reload.
        """
        interaction = order.interaction
        if interaction is None or interaction.is_expired():
            return None
        limit = order.filesize_limit
        return Place(interaction.followup.send, limit, Delivered.INTERACTION, {"wait": True})

    async def _post(
        self,
        place: Place,
        order: Order,
        commission: Commission,
        clips: Sequence[Clip],
        preferred: str,
    ) -> discord.Message:
        """Post as the best files that fit, and as smaller ones where Discord refuses those."""
        limit = place.limit
        while parcel := await pack(clips, preferred, limit):
            smaller = parcel.file_format if parcel.file_format != preferred else None
            text = caption(order, clips, place.reached, smaller)
            try:
                return await self._send(place, order, commission, parcel, text)
            except discord.HTTPException as exc:
                if exc.status != 413 and exc.code != TOO_LARGE_CODE:
                    raise
            limit = parcel.largest - 1
        raise TooLarge(f"no format fits into {place.limit} bytes")

    async def _send(
        self, place: Place, order: Order, commission: Commission, parcel: Parcel, text: str
    ) -> discord.Message:
        options = dict(place.options)
        if not place.edits:
            options["suppress_embeds"] = True
        if not place.edits and place.reached is not Delivered.INTERACTION:  # which takes no nonce
            replies = "reference" in options
            options["nonce"] = nonce(order.job.nonce, place.reached, replies, parcel.file_format)
        options.setdefault("view", result_view(order.job, commission.clips, order.say))
        pings = discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(order.job.person_id)]
        )
        return await persistently(
            lambda: place.send(
                text,
                files=parcel.attachments(),
                allowed_mentions=pings,
                **options,
            )
        )
