"""An order: a job, and what must be known to deliver it after the interaction is gone."""

from __future__ import annotations

from dataclasses import dataclass

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.locales import Phrases, phrases
from bot.origin import Origin, is_invited
from musicgen_core.storage import JobRecord


@dataclass(frozen=True, slots=True)
class Order:
    """Whose it is, where it goes, and in which language."""

    job: JobRecord
    filesize_limit: int
    interaction: discord.Interaction | None = None
    """Alive for 15 minutes, and not after a restart."""
    message: discord.Message | None = None
    """What asked for it, where that was a message."""

    @classmethod
    def fresh(cls, job: JobRecord, origin: Origin) -> Order:
        """An order that was just placed."""
        return cls(job, origin.filesize_limit, origin.interaction, origin.message)

    @classmethod
    def found(cls, job: JobRecord, client: discord.Client) -> Order:
        """An order of an earlier process."""
        guild = client.get_guild(job.server_id) if job.server_id else None
        return cls(job, guild.filesize_limit if guild else DEFAULT_FILE_SIZE_LIMIT_BYTES)

    @property
    def say(self) -> Phrases:
        """The catalogue in the language of the order."""
        return phrases(self.job.locale)

    @property
    def channel_id(self) -> int:
        """Where it was placed."""
        return self.job.channel_id or 0

    @property
    def mention(self) -> str:
        """The owner's mention."""
        return f"<@{self.job.person_id}>"

    @property
    def here(self) -> bool:
        """Whether the bot itself is where it was placed; a person can bring its commands along."""
        return is_invited(self.interaction)
