"""How fast messages may be edited: those of one channel, and all together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OVERALL = 0.1
"""Seconds between two edits, whatever their channels: Discord takes 50 requests a second of all
kinds from one bot, and posts and answers must find room beside the edits."""


@dataclass(slots=True)
class _Line:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Who asked first is first."""
    last: float = float("-inf")
    users: int = 0


class EditPace:
    """Gives a channel's statuses their turns: Discord takes five edits in five seconds there.

    Args:
        spacing: seconds between two turns of one channel.
        overall: seconds between two turns of all channels together.
        clock: seconds, rising.
        sleep: waits so many of them.
    """

    def __init__(
        self,
        spacing: float,
        overall: float = OVERALL,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._spacing, self._overall = spacing, overall
        self._clock, self._sleep = clock, sleep
        self._channels: dict[int, _Line] = {}
        self._all = _Line()

    @asynccontextmanager
    async def turn(self, channel_id: int, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and take it; what is urgent does not wait, but counts."""
        channel = self._channels.setdefault(channel_id, _Line())
        channel.users += 1
        try:
            if urgent:
                channel.last = max(channel.last, self._clock())
                self._all.last = max(self._all.last, self._clock())
                yield
                return
            async with channel.turn:
                await self._wait(channel, self._spacing)
                async with self._all.turn:
                    await self._wait(self._all, self._overall)
                    channel.last = self._all.last = self._clock()
                yield
        finally:
            channel.users -= 1
            if not channel.users:
                self._forget()

    async def _wait(self, line: _Line, spacing: float) -> None:
        await self._sleep(line.last + spacing - self._clock())

    def _forget(self) -> None:
        """Drop the channels that have been quiet for a while."""
        old = self._clock() - self._spacing
        quiet = [key for key, c in self._channels.items() if not c.users and c.last < old]
        for key in quiet:
            del self._channels[key]
