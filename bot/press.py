"""What goes with a finished clip is made in a process of its own: its card, and words about it."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from bot import pressing
from bot.pressing import Presentation, Print
from musicgen_core.errors import WorkerLost
from musicgen_core.executors.child import Child
from musicgen_core.requests import Clip

log = logging.getLogger(__name__)

__all__ = ["Presentation", "Press"]


class Press:
    """Presents one clip at a time; its process starts with the first and then stays.

    Listening and drawing take seconds of a processor: the process has one thread and makes way, and
    none of it happens in the event loop. A clip that the process dies of or hangs at has no card;
    the next one has a new process.

    Args:
        timeout: seconds for one clip before the process is killed; the first takes longest, since
            libraries are loaded and compiled for it, by a process that lets all others go first.
    """

    def __init__(self, *, timeout: float = 300.0) -> None:
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._child: Child | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    @property
    def pid(self) -> int | None:
        """The process id, None while there is none."""
        return self._child.pid if self._child else None

    async def present(self, clip: Clip, *, say: str, title: str | None = None) -> Presentation:
        """Return a clip's card and what is said of it, in the locale `say`.

        `title` is the prompt by default.
        """
        async with self._turn:
            try:
                return await self._ask(Print(clip, say, title))
            except WorkerLost as exc:
                log.warning("%s A clip has no card", exc)
                return Presentation()

    async def close(self) -> None:
        """End the process; a clip that is in it has no card."""
        if self._child is not None:
            await self._child.close(grace=1.0)

    async def _ask(self, order: Print) -> Presentation:
        child = self._running()
        answered = False
        try:
            async with asyncio.timeout(self._timeout):
                await child.send(order)
                answer: Presentation = await child.receive()
            answered = True
        except TimeoutError as exc:
            raise WorkerLost(f"The press took more than {self._timeout:g} s.") from exc
        finally:
            if not answered:  # cancelled, too: the next answer would be to this order
                await child.close(grace=0.0)
        return answer

    def _running(self) -> Child:
        if self._child is None or not self._child.alive:
            level = logging.getLogger().getEffectiveLevel()
            self._child = Child("press", pressing.serve, level, threads=1)
        return self._child
