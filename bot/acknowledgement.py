"""The first answer to whoever orders: in time, and for everyone only where it shows a job."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.retrying import UNREACHABLE, persistently

log = logging.getLogger(__name__)

URGENT = 1.0
"""Seconds after which an answer may not be waited for: Discord gives up after three."""
AGAIN = (1.0,)
"""Seconds before the one further try; then an ordinary message is better than none."""
KEY = "acknowledgement"
"""Under which an interaction's extras hold it."""


class Acknowledgement:
    """Answers an interaction once: with a status for everyone, or with words for one person.

    What takes long is announced by "thinking", for everyone, as the status will be. Answered at
    once with either, nobody else ever learns of a refusal.
    """

    def __init__(self, interaction: discord.Interaction) -> None:
        self._interaction = interaction
        self._turn = asyncio.Lock()
        self._reminder = asyncio.create_task(self._remind(), name=f"answer-{interaction.id}")

    async def _remind(self) -> None:
        await asyncio.sleep(URGENT)
        async with self._turn:
            if self._interaction.response.is_done():
                return
            try:
                await self._interaction.response.defer(thinking=True)
            except UNREACHABLE as exc:
                log.warning("Interaction %s is not acknowledged: %s", self._interaction.id, exc)

    async def show(self, text: str, view: discord.ui.View) -> int:
        """Answer with a status that everyone sees, which pings nobody; return the message's id.

        Raises:
            discord.HTTPException, aiohttp.ClientError, OSError: Discord does not do it.
        """
        interaction = self._interaction
        async with self._turn:
            self._reminder.cancel()
            if not interaction.response.is_done():
                try:
                    sent = await interaction.response.send_message(
                        text,
                        view=view,
                        suppress_embeds=True,
                        allowed_mentions=discord.AllowedMentions.none(),
                    )
                except UNREACHABLE as exc:
                    log.info("Interaction %s may be answered: %s", interaction.id, exc)
                else:
                    if sent.message_id is not None:
                        return sent.message_id
            # An answer can be edited as often as one likes: there is never a second one.
            edit = interaction.edit_original_response
            return (await persistently(lambda: edit(content=text, view=view), AGAIN)).id

    async def tell(self, text: str) -> None:
        """Tell the person alone; what everyone sees thinking is taken away.

        Raises:
            discord.HTTPException, aiohttp.ClientError, OSError: Discord does not do it.
        """
        interaction = self._interaction
        response = interaction.response
        async with self._turn:
            self._reminder.cancel()
            if not response.is_done():
                await response.send_message(text, ephemeral=True)
                return
            thinks = response.type is discord.InteractionResponseType.deferred_channel_message
            if thinks:  # or the first follow-up would be taken for it, and be for everyone too
                await interaction.edit_original_response(content="…")
            await interaction.followup.send(text, ephemeral=True)
            if thinks:
                await interaction.delete_original_response()


async def acknowledge(interaction: discord.Interaction) -> None:
    """See to it that an order is answered in time.

    Where the bot may not write, or was only brought along, the person alone sees it thinking.
    """
    if may_show(interaction):
        interaction.extras[KEY] = Acknowledgement(interaction)
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


def acknowledgement_of(interaction: discord.Interaction | None) -> Acknowledgement | None:
    """Return what answers an interaction; None: it is answered, or by somebody else."""
    found = interaction.extras.get(KEY) if interaction is not None else None
    return found if isinstance(found, Acknowledgement) else None


def may_show(interaction: discord.Interaction) -> bool:
    """Tell whether the bot is where something was asked, and may write there."""
    thread = isinstance(interaction.channel, discord.Thread)
    sending = "send_messages_in_threads" if thread else "send_messages"
    needed = discord.Permissions(view_channel=True, **{sending: True})
    return interaction.is_guild_integration() and interaction.app_permissions.is_superset(needed)
