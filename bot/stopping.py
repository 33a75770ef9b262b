"""Stopping: what is being made may end and is delivered, all within one length of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

MADE, DELIVERED, TOLD = 0.5, 0.65, 0.8
"""After which shares of the time clips, deliveries and last edits are left as they are; in the rest
processes end and files are closed."""
FAREWELL_SECONDS = 3.0
"""For the last edits, however short the time is."""


class Band(Protocol):
    """Who holds jams; Bandstand is one."""

    async def settle(self, seconds: float) -> None:
        """Give what is being made so many seconds to end."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


class Makers(Protocol):
    """Who makes clips; Workshop is one."""

    async def close(self, grace: float) -> None:
        """Give what is being made so many seconds to end, and leave the rest."""
        ...


class Deliverers(Protocol):
    """Who delivers them; Delivery is one."""

    async def settle(self, seconds: float) -> None:
        """Wait so long at most for what is made to be delivered."""
        ...

    async def close(self, seconds: float) -> None:
        """Stop; so many seconds are there for last edits."""
        ...


async def stop(
    band: Band,
    makers: Makers,
    deliverers: Deliverers,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Bring everything to an end within `seconds`, less what processes take to leave."""
    began = clock()

    def left(share: float) -> float:
        return max(0.0, began + share * seconds - clock())

    await asyncio.gather(band.settle(left(MADE)), makers.close(left(MADE)))
    await band.close()
    await deliverers.settle(left(DELIVERED))
    await deliverers.close(max(left(TOLD), FAREWELL_SECONDS))
