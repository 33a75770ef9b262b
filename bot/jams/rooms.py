"""Where a jam is: its channel, its language, and what its people are called."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.locales import Phrases, best_phrases, phrases
from bot.retrying import UNREACHABLE
from musicgen_core.errors import StorageUnavailable
from musicgen_core.jams import GONE, Jam
from musicgen_core.storage import Storage

log = logging.getLogger(__name__)

MOST_NAMES = 5000
"""People whose names are remembered."""


class Rooms:
    """Looks up what the database does not know of a jam."""

    def __init__(self, client: discord.Client, storage: Storage, locale: str) -> None:
        self._client, self._storage, self._locale = client, storage, locale
        self._names: dict[tuple[int, int], str] = {}

    def channel(self, jam: Jam) -> discord.PartialMessageable:
        """Return where the jam's messages go."""
        return self._client.get_partial_messageable(jam.place or 0, guild_id=jam.server)

    async def fetch(self, jam: Jam) -> object:
        """Ask Discord for the thread or channel; raises what `UNREACHABLE` names."""
        return await self._client.fetch_channel(jam.place or 0)

    async def reaches(self, jam: Jam, person: int) -> bool:
        """Tell whether a person can still see the jam; where Discord does not say, they can."""
        guild = self._client.get_guild(jam.server or 0)
        if guild is None:
            return True
        try:
            member = await guild.fetch_member(person)
        except discord.NotFound:
            return False
        except UNREACHABLE as exc:
            log.info("Whether person %s is still here is not known: %s", person, exc)
            return True
        place = guild.get_channel_or_thread(jam.place or 0)
        channel = place.parent if isinstance(place, discord.Thread) else place
        return channel is None or channel.permissions_for(member).view_channel

    def filesize_limit(self, jam: Jam) -> int:
        """Return the bytes that a file may have there."""
        guild = self._client.get_guild(jam.server or 0)
        return guild.filesize_limit if guild else DEFAULT_FILE_SIZE_LIMIT_BYTES

    async def say(self, jam: Jam) -> Phrases:
        """Return the catalogue of what everybody there reads: the server's language."""
        try:
            rules = await self._storage.preferences.server(jam.server or 0)
        except StorageUnavailable as exc:
            log.warning("A server's language cannot be read: %s", exc)
        else:
            if rules.language:
                return phrases(rules.language)
        guild = self._client.get_guild(jam.server or 0)
        spoken = guild.preferred_locale.value if guild else self._locale
        return best_phrases(spoken, self._locale)

    def meet(self, interaction: discord.Interaction) -> None:
        """Remember what a person is called there."""
        if len(self._names) >= MOST_NAMES:
            self._names.pop(next(iter(self._names)))
        self._names[interaction.guild_id or 0, interaction.user.id] = interaction.user.display_name

    async def names(self, jam: Jam, say: Phrases) -> dict[int | None, str]:
        """Return what everybody who played is called; no name is worth a failure."""
        players = dict.fromkeys(take.player for take in jam.takes)
        return {player: await self._name(jam, player, say) for player in players}

    async def _name(self, jam: Jam, player: int | None, say: Phrases) -> str:
        if player is None:
            return say("jam.credit.radio")
        if player == GONE:
            return say("jam.credit.gone")
        known = (jam.server or 0, player)
        if known not in self._names:
            guild = self._client.get_guild(jam.server or 0)
            try:
                # Members are not in the cache without an intent that we do not ask for.
                member = await guild.fetch_member(player) if guild else None
            except UNREACHABLE as exc:
                log.info("Person %s has no name here: %s", player, exc)
                member = None
            if member is None:
                return say("jam.credit.gone")
            self._names[known] = member.display_name
        return self._names[known]


def pings(people: Iterable[int | None]) -> discord.AllowedMentions:
    """Let only these people be notified."""
    users = [discord.Object(person) for person in people if person]
    return discord.AllowedMentions(everyone=False, roles=False, users=users)
