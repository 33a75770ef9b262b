"""Timers of jams: data in the jam, a task here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from musicgen_core.jams import Timer

Fire = Callable[[str, Timer], Awaitable[None]]


class Timers:
    """One timer a jam; a new one takes the place of the last."""

    def __init__(self, fire: Fire, clock: Callable[[], float]) -> None:
        self._fire, self._clock = fire, clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._firing: set[asyncio.Task[None]] = set()

    def set(self, jam_id: str, timer: Timer) -> None:
        """Fire at the timer's time, at once where that is over."""
        self.clear(jam_id)
        self._tasks[jam_id] = asyncio.create_task(self._wait(jam_id, timer), name=f"timer {jam_id}")

    def clear(self, jam_id: str) -> None:
        """Fire no more; a timer that is just firing goes on with it."""
        task = self._tasks.pop(jam_id, None)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop waiting; after the next start it goes on."""
        tasks = [*self._tasks.values(), *self._firing]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self, jam_id: str, timer: Timer) -> None:
        # The wall clock may be set meanwhile: it has the last word.
        while (left := timer.due - self._clock()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, 3600.0))
        # What the event leads to may set the next timer, which must not cancel this task.
        task = self._tasks.pop(jam_id)
        self._firing.add(task)
        task.add_done_callback(self._firing.discard)
        await self._fire(jam_id, timer)
