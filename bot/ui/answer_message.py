"""The answer to an interaction as a message, for places where the bot has no other."""

from __future__ import annotations

from typing import Any

import discord

from bot.ui.status_message import Gone


class AnswerMessage:
    """Can be edited as long as its interaction lives, 15 minutes."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self._interaction, self.id = interaction, interaction.id

    async def edit(self, **changes: Any) -> object:
        """Change content, buttons or attachments.

        Raises:
            Gone: the interaction has expired.
            discord.HTTPException: Discord does not do it.
        """
        if self._interaction.is_expired():
            raise Gone
        return await self._interaction.edit_original_response(**changes)
