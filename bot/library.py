"""The library: what people may do with the clips that are theirs."""

from __future__ import annotations

import logging
from dataclasses import replace

import discord

from bot.delivery import Delivery
from bot.locales import best_phrases
from bot.order import Order
from bot.origin import Origin
from bot.posting import Place, Postman, TooLarge
from bot.reception import Reception, blocked_word, check_place
from bot.refusal import Refusal
from bot.retrying import UNREACHABLE
from bot.takedown import result_spots, take_down
from bot.wish import Wish
from musicgen_core.storage import ClipPage, ClipRecord, Delivered, JobRecord
from musicgen_core.workshop import Workshop

log = logging.getLogger(__name__)

PAGE = 10
"""Clips on one page."""


class Library:
    """Reads and changes a person's clips; somebody else's are never found."""

    def __init__(
        self,
        client: discord.Client,
        workshop: Workshop,
        postman: Postman,
        reception: Reception,
        delivery: Delivery,
        locale: str,
    ) -> None:
        self._client, self._workshop, self._postman = client, workshop, postman
        self._reception, self._delivery, self._locale = reception, delivery, locale

    async def page(self, person_id: int, search: str, start: int) -> tuple[int, ClipPage]:
        """Return a page with the number of clips before it; the last page where it is beyond."""
        clips = self._workshop.storage.clips
        page = await clips.page(person_id, search, start=start, count=PAGE)
        if page.total and not page.clips:  # some were deleted meanwhile
            start = (page.total - 1) // PAGE * PAGE
            page = await clips.page(person_id, search, start=start, count=PAGE)
        return start, page

    async def clip(self, person_id: int, clip_id: str) -> ClipRecord:
        """Return a clip of this person's.

        Raises:
            Refusal: they have no such clip any more.
        """
        clip = await self._workshop.storage.clips.get(clip_id)
        if clip is None or clip.deleted is not None or clip.person_id != person_id:
            raise Refusal("clip_gone")
        return clip

    async def job(self, clip: ClipRecord) -> JobRecord:
        """Return the job that made a clip.

        Raises:
            Refusal: it has been deleted, and the clip with it.
        """
        job = await self._workshop.storage.jobs.get(clip.job_id)
        if job is None:
            raise Refusal("clip_gone")
        return job

    async def play(self, interaction: discord.Interaction, clip: ClipRecord) -> None:
        """Send a clip for its owner's eyes only."""
        options = {"wait": True, "ephemeral": True, "view": discord.utils.MISSING}
        limit = interaction.filesize_limit
        place = Place(interaction.followup.send, limit, Delivered.INTERACTION, options)
        locale = best_phrases(interaction.locale.value, self._locale).locale
        await self._send(interaction, clip, place, locale)

    async def post(self, interaction: discord.Interaction, clip: ClipRecord) -> str:
        """Post a clip where its owner is, as if it had just been made; return its address.

        Raises:
            Refusal: the server, the channel or the clip's words do not allow it.
        """
        origin = Origin.of_interaction(interaction, self._locale)
        rules = await self._reception.rules(origin.server_id)
        check_place(rules, origin)
        check_posting(interaction)
        job = await self.job(clip)
        if word := blocked_word(Wish(prompt=job.prompt, style=job.style, key=job.key), rules):
            raise Refusal("blocked_word", word=word)
        channel = self._client.get_partial_messageable(origin.channel_id, guild_id=origin.server_id)
        place = Place(channel.send, origin.filesize_limit, Delivered.CHANNEL, {})
        message = await self._send(interaction, clip, place, rules.language or origin.locale)
        return message.jump_url if message else ""

    async def rename(self, clip: ClipRecord, title: str) -> None:
        """Give a clip another title.

        Raises:
            Refusal: the title is empty, or the clip is gone.
        """
        if not title:
            raise Refusal("title_empty")
        if not await self._workshop.storage.clips.rename(clip.id, clip.person_id, title):
            raise Refusal("clip_gone")

    async def keep(self, clip: ClipRecord, *, kept: bool) -> None:
        """Let no clean-up take a clip, or let it again.

        Raises:
            Refusal: the clip is gone.
        """
        if not await self._workshop.storage.clips.keep(clip.id, clip.person_id, kept=kept):
            raise Refusal("clip_gone")

    async def stands_alone(self, clip: ClipRecord) -> bool:
        """Tell whether the message that brought a clip brought nothing else that is still there."""
        clips = await self._workshop.storage.clips.of_job(clip.job_id)
        return all(other.deleted is not None for other in clips if other.id != clip.id)

    async def delete(self, clip: ClipRecord) -> None:
        """Delete a clip, and the message that brought it where it brought nothing else."""
        alone, job = await self.stands_alone(clip), await self.job(clip)
        await self._workshop.storage.clips.delete(clip.id, clip.person_id)
        if alone:
            await take_down(self._client, result_spots(job))

    async def _send(
        self, interaction: discord.Interaction, clip: ClipRecord, place: Place, locale: str
    ) -> discord.Message | None:
        job = replace(
            await self.job(clip),
            channel_id=interaction.channel_id,
            server_id=interaction.guild_id,
            locale=locale,
            nonce=str(interaction.id),  # or Discord takes it for the first post of the same
        )
        try:
            order = Order(job, place.limit)
            receipt = await self._postman.post_again(order, [clip], place)
        except TooLarge as exc:
            raise Refusal("too_large_here") from exc
        except UNREACHABLE as exc:
            log.warning("Clip %s cannot be posted again: %s", clip.id, exc)
            raise Refusal("post_failed") from exc
        self._delivery.decorate(order, receipt, [clip])
        return receipt.message


def check_posting(interaction: discord.Interaction) -> None:
    """Refuse where the person or the bot may not post files.

    Raises:
        Refusal: the text says who lacks the permission.
    """
    if interaction.guild_id is None:
        return
    if not interaction.is_guild_integration():
        raise Refusal("not_here")
    thread = isinstance(interaction.channel, discord.Thread)
    sending = "send_messages_in_threads" if thread else "send_messages"
    needed = discord.Permissions(attach_files=True, **{sending: True})
    if not interaction.permissions.is_superset(needed):
        raise Refusal("you_may_not_post")
    if not interaction.app_permissions.is_superset(needed):
        raise Refusal("may_not_post")
