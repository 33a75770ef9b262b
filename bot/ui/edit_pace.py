"""How fast the messages of one channel may be edited, all statuses together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Channel:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Who asked first is first."""
    last: float = float("-inf")
    users: int = 0


class EditPace:
    """Gives a channel's statuses their turns: Discord takes five edits in five seconds there.

    Args:
        spacing: seconds between two turns.
    """

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._channels: dict[int, _Channel] = {}

    @asynccontextmanager
    async def turn(self, channel_id: int, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and take it; what is urgent does not wait, but counts."""
        channel = self._channels.setdefault(channel_id, _Channel())
        channel.users += 1
        try:
            if urgent:
                channel.last = max(channel.last, self._now())
                yield
                return
            async with channel.turn:
                await asyncio.sleep(channel.last + self._spacing - self._now())
                channel.last = self._now()
                yield
        finally:
            channel.users -= 1
            if not channel.users:
                self._forget()

    def _forget(self) -> None:
        """Drop the channels that have been quiet for a while."""
        old = self._now() - self._spacing
        quiet = [key for key, c in self._channels.items() if not c.users and c.last < old]
        for key in quiet:
            del self._channels[key]

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
