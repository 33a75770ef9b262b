"""After a start: what the last process left is gone on with, once Discord is there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from discord.ext import commands

from bot.delivery import Delivery
from musicgen_core.storage import JobRecord

log = logging.getLogger(__name__)


class Resume(commands.Cog):
    """Sees jobs of an earlier process through; they are being made already.

    Args:
        delivery: what does it.
        left: jobs that have not ended, or whose end nobody was told.
        plain: jobs whose clips were posted, but without their cards.
    """

    def __init__(
        self, delivery: Delivery, left: Sequence[JobRecord], plain: Sequence[JobRecord] = ()
    ) -> None:
        self._delivery, self._left, self._plain = delivery, left, plain

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Take them up where they were left; Discord calls this at every new session."""
        left, self._left = self._left, ()
        if left:
            log.info("Going on with %d jobs of the last start", len(left))
        self._delivery.take_up(left)
        plain, self._plain = self._plain, ()
        self._delivery.catch_up(plain)
