"""Finished clips are made ready for people in a process of their own: file, card, words."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Self

from bot import pressing
from bot.pressing import Presentation, Print, Sound
from musicgen_core.errors import BackendError, WorkerLost
from musicgen_core.executors.child import Child
from musicgen_core.requests import Clip

log = logging.getLogger(__name__)

__all__ = ["Presentation", "Press", "Sound"]


class Press:
    """Presents one clip at a time; its process starts with the first and then stays.

    Encoding, listening and drawing take seconds of a processor: the process is nice, and none of
    it happens in the event loop. A clip that the process dies of or hangs at is tried once more
    in a new one, without its card.

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

    async def present(
        self,
        clip: Clip,
        *,
        preferred: str = "WAV",
        limit: int | None = None,
        say: str,
        title: str | None = None,
    ) -> Presentation:
        """Return a clip's file of at most `limit` bytes, its card, and what is said of both.

        No limit: the file has been sent, and only the rest is wanted. `preferred` is the format to
        begin with, `say` the locale; `title` is the prompt by default.

        Raises:
            WorkerLost: it cannot be encoded, the process died twice.
            BackendError: it cannot be encoded.
        """
        return await self._ask_twice(Print(clip, preferred, limit, say, title))

    async def encode(self, clip: Clip, *, preferred: str, limit: int) -> Sound | None:
        """Return the file alone; None where no format fits. Raises as `present`."""
        return (await self._ask_twice(Print(clip, preferred, limit).plain())).sound

    async def close(self) -> None:
        """End the process; a clip that is in it is lost."""
        if self._child is not None:
            await self._child.close(grace=1.0)

    async def _ask_twice(self, order: Print) -> Presentation:
        async with self._turn:
            try:
                return await self._ask(order)
            except WorkerLost as exc:
                log.warning("%s A clip is presented without its card", exc)
                return await self._ask(order.plain())

    async def _ask(self, order: Print) -> Presentation:
        child = self._running()
        answered = False
        try:
            async with asyncio.timeout(self._timeout):
                await child.send(order)
                answer: Any = await child.receive()
            answered = True
        except TimeoutError as exc:
            raise WorkerLost(f"The press took more than {self._timeout:g} s.") from exc
        finally:
            if not answered:  # cancelled, too: the next answer would be to this order
                await child.close(grace=0.0)
        if isinstance(answer, BackendError):
            raise answer
        presentation: Presentation = answer
        return presentation

    def _running(self) -> Child:
        if self._child is None or not self._child.alive:
            level = logging.getLogger().getEffectiveLevel()
            self._child = Child("press", pressing.serve, level)
        return self._child
