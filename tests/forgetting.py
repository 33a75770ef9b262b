"""What a bot forgets when it is started anew, without starting it anew."""

from __future__ import annotations

import asyncio

from bot.client import MindjamBot

AT_WORK = ("CommandTree-invoker", "discord-ui-view-dispatch")
"""How discord.py names the tasks in which commands and presses are answered."""


async def forget_pages(bot: MindjamBot, cog: str) -> None:
    """Let the bot know only those controls that a cog registers at every start."""
    # A page is known to the bot only after Discord has taken it.
    answering = [t for t in asyncio.all_tasks() if t.get_name().startswith(AT_WORK)]
    await asyncio.gather(*answering)
    bot._connection._view_store._views.clear()
    await bot.get_cog(cog).cog_load()
