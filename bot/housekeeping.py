"""The sweep of the library, once an hour."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from bot.incident import log_incident
from musicgen_core.storage import Storage, Swept

log = logging.getLogger(__name__)

FIRST_SECONDS = 600.0
"""After a start, jobs of the last process are taken up first, and a mistake can be undone yet."""
EVERY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came of a sweep: what was removed, or the id of the incident."""

    when: datetime
    swept: Swept | None = None
    incident: str | None = None


class Housekeeping:
    """Sweeps in the background, for the length of an `async with`.

    Args:
        storage: what is swept.
        keep_days: how long clips are kept where a server has set nothing; 0: for ever.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        storage: Storage,
        keep_days: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._storage, self._sleep = storage, sleep
        self.keep_days = keep_days
        self.last: Sweep | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="housekeeping")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> None:
        """Sweep now; whatever fails is logged and tried again the next time."""
        now = datetime.now(UTC)
        try:
            swept = await self._storage.sweeper.sweep(self.keep_days or None)
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            self.last = Sweep(now, incident=log_incident("The sweep failed", exc))
        else:
            self.last = Sweep(now, swept)
            log.info("Swept: %d clips too old, %d files of nobody", swept.expired, swept.orphans)

    async def _work(self) -> None:
        await self._sleep(FIRST_SECONDS)
        while True:
            await self.sweep()
            await self._sleep(EVERY_SECONDS)
