"""After a start: what the last process left is gone on with, once Discord is there."""

from __future__ import annotations

import logging

from discord.ext import commands

from bot.delivery import Delivery
from musicgen_core.workshop import Workshop

log = logging.getLogger(__name__)


class Resume(commands.Cog):
    """Goes on with jobs of an earlier process, once."""

    def __init__(
        self, bot: commands.AutoShardedBot, workshop: Workshop, delivery: Delivery
    ) -> None:
        self._bot, self._workshop, self._delivery = bot, workshop, delivery
        self._done = False

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Take jobs up where they were left; Discord calls this at every new session."""
        if self._done:
            return
        self._done = True
        jobs = await self._workshop.resume()
        if jobs:
            log.info("Going on with %d jobs of the last start", len(jobs))
        self._delivery.take_up(jobs)
