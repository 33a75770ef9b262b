"""Which language somebody is answered in: the one they chose, else the one of their Discord."""

from __future__ import annotations

import discord

from bot.locales import Phrases, best_phrases, phrases
from musicgen_core.storage import Storage


class Languages:
    """Knows by heart who chose a language, so that no answer waits for the database.

    Args:
        storage: where choices are kept.
        fallback: the bot's language, for people whose Discord speaks none of ours.
    """

    def __init__(self, storage: Storage, fallback: str) -> None:
        self._storage, self._fallback = storage, fallback
        self._chosen: dict[int, str] = {}

    async def load(self) -> None:
        """Learn every choice.

        Raises:
            StorageUnavailable: the database fails.
        """
        self._chosen = await self._storage.preferences.languages()

    def learn(self, person_id: int, language: str | None) -> None:
        """Take over what somebody chose just now; None: nothing any more."""
        self._chosen.pop(person_id, None)
        if language is not None:
            self._chosen[person_id] = language

    def say(self, interaction: discord.Interaction) -> Phrases:
        """Return the catalogue for an answer to a person."""
        chosen = self._chosen.get(interaction.user.id)
        return phrases(chosen) if chosen else best_phrases(interaction.locale.value, self._fallback)
