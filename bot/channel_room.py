"""How many messages a channel takes just now: Discord lets a bot post five in five seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

POSTS, SECONDS = 5, 5.0


@dataclass(slots=True)
class _Channel:
    under_way: int = 0
    ends: deque[float] = field(default_factory=deque)
    """When posts ended, the oldest first."""


class ChannelRoom:
    """Counts the bot's own posts, from their beginning until five seconds after their end.

    Discord's own count is never higher, whenever its window opens. A post without room is not
    refused here: it waits its turn in discord.py, as everything does that this does not count.
    """

    def __init__(self, posts: int = POSTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._posts, self._clock = posts, clock
        self._channels: dict[int, _Channel] = {}

    def is_free(self, channel_id: int) -> bool:
        """Tell whether a post would be taken at once."""
        self._forget()
        channel = self._channels.get(channel_id)
        counted = 0 if channel is None else channel.under_way + len(channel.ends)
        return counted < self._posts

    @contextmanager
    def post(self, channel_id: int) -> Iterator[None]:
        """Count a post, which is made in the block; it counts from the first line on."""
        channel = self._channels.setdefault(channel_id, _Channel())
        channel.under_way += 1
        try:
            yield
        finally:
            channel.under_way -= 1
            channel.ends.append(self._clock())
            self._forget()

    def _forget(self) -> None:
        """Drop posts that do not count any more, and channels without any."""
        old = self._clock() - SECONDS
        for channel_id, channel in list(self._channels.items()):
            while channel.ends and channel.ends[0] <= old:
                channel.ends.popleft()
            if not channel.ends and not channel.under_way:
                del self._channels[channel_id]
