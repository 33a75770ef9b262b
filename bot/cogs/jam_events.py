"""What happens around jams: threads, people, messages; and what an earlier start left."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from bot.jams.bandstand import Bandstand
from musicgen_core.errors import StorageUnavailable
from musicgen_core.jams.events import Event, MemberBanned, MemberGone, PlaceBack, PlaceLost
from musicgen_core.storage import Storage

log = logging.getLogger(__name__)


class JamEvents(commands.Cog):
    """Tells jams what they cannot know.

    Bans come with the intents that every bot has. Who leaves comes only with the intent for
    members, which has to be granted; without it a member who is gone is passed over when their
    turn runs out.
    """

    def __init__(self, bandstand: Bandstand, storage: Storage) -> None:
        self._bandstand, self._jams = bandstand, storage.jams
        self._resumed = False

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Take jams up where they were left; Discord calls this at every new session."""
        if self._resumed:
            return
        self._resumed = True
        try:
            count = await self._bandstand.resume()
        except StorageUnavailable as exc:
            log.error("No jam goes on before the next connection: %s", exc)  # noqa: TRY400
            self._resumed = False
        else:
            log.info("Going on with %d jams", count)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Count what pushes boards up."""
        self._bandstand.written(message.channel.id, message.id)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, event: discord.RawThreadUpdateEvent) -> None:
        """A thread is archived, or not any more."""
        archived = event.data["thread_metadata"]["archived"]
        at = self._bandstand.clock()
        await self._there(event.thread_id, PlaceLost(at=at, deleted=False) if archived
                          else PlaceBack(at=at))  # fmt: skip

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """A thread is gone."""
        await self._gone(event.thread_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone; its threads are told of one by one, or noticed at the next post."""
        await self._gone(channel.id)

    @commands.Cog.listener()
    async def on_member_ban(self, guild: discord.Guild, user: discord.abc.User) -> None:
        """A person may not be here any more."""
        await self._of(user.id, guild.id, MemberBanned(at=self._bandstand.clock(), person=user.id))

    @commands.Cog.listener()
    async def on_raw_member_remove(self, event: discord.RawMemberRemoveEvent) -> None:
        """A person has left the server."""
        left = MemberGone(at=self._bandstand.clock(), person=event.user.id)
        await self._of(event.user.id, event.guild_id, left)

    @commands.Cog.listener()
    async def on_jams_left(self, jams: tuple[str, ...]) -> None:
        """Somebody had everything about them deleted; our own event."""
        for jam_id in jams:
            await self._bandstand.renew(jam_id)

    async def _gone(self, place: int) -> None:
        # Also of jams that are over: the gallery links to no thread that is gone.
        for jam in await self._jams.ever_in_place(place):
            await self._bandstand.surely(
                jam.id, PlaceLost(at=self._bandstand.clock(), deleted=True)
            )

    async def _there(self, place: int, event: Event) -> None:
        jam = await self._jams.in_place(place)
        if jam is not None:
            await self._bandstand.surely(jam.id, event)

    async def _of(self, person: int, server: int, event: Event) -> None:
        for jam in await self._jams.of_person(person):
            if jam.server == server and not jam.phase.ended:
                await self._bandstand.surely(jam.id, event)
