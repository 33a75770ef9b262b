"""Who asks for something, where, in which language, and how they can be answered."""

from __future__ import annotations

from dataclasses import dataclass

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.locales import best_phrases


@dataclass(frozen=True, slots=True)
class Origin:
    """A person's act in a place."""

    person_id: int
    channel_id: int
    server_id: int | None
    """None in direct messages."""
    roles: frozenset[int]
    locale: str
    parent_id: int | None = None
    """The channel of the thread that it is in."""
    filesize_limit: int = DEFAULT_FILE_SIZE_LIMIT_BYTES
    interaction: discord.Interaction | None = None
    """What they did, if it can be answered itself."""
    message: discord.Message | None = None
    """What they wrote, if that is what they did."""

    @property
    def here(self) -> bool:
        """Whether the bot itself is there; a person can bring its commands along."""
        return is_invited(self.interaction)

    @classmethod
    def of_interaction(cls, interaction: discord.Interaction, fallback: str) -> Origin:
        """A command, a press or a form; `fallback` is the bot's language."""
        return cls(
            person_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            server_id=interaction.guild_id,
            roles=roles_of(interaction.user),
            locale=best_phrases(interaction.locale.value, fallback).locale,
            parent_id=parent_of(interaction.channel),
            filesize_limit=interaction.filesize_limit,
            interaction=interaction,
        )

    @classmethod
    def of_message(cls, message: discord.Message, fallback: str) -> Origin:
        """A message; Discord does not tell its author's language, only the server's."""
        guild = message.guild
        spoken = guild.preferred_locale.value if guild else fallback
        return cls(
            person_id=message.author.id,
            channel_id=message.channel.id,
            server_id=guild.id if guild else None,
            roles=roles_of(message.author),
            locale=best_phrases(spoken, fallback).locale,
            parent_id=parent_of(message.channel),
            filesize_limit=guild.filesize_limit if guild else DEFAULT_FILE_SIZE_LIMIT_BYTES,
            message=message,
        )


def is_invited(interaction: discord.Interaction | None) -> bool:
    """Tell whether the bot is where something was asked, or was only brought along by a person."""
    return interaction is None or interaction.is_guild_integration()


def parent_of(channel: object) -> int | None:
    """Return the id of a thread's channel, None for what is no thread."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def roles_of(person: discord.abc.User) -> frozenset[int]:
    """Return the ids of a member's roles; nobody has any in direct messages."""
    return frozenset(role.id for role in getattr(person, "roles", ()))
