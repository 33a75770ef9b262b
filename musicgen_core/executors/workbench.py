"""The workbench: heavy work on sounds and pictures, one piece at a time, in one nice process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from musicgen_core.errors import BackendError, MusicGenError, WorkerLost
from musicgen_core.executors.child import Child
from musicgen_core.executors.pipes import receive, send

log = logging.getLogger(__name__)
T = TypeVar("T")

NICENESS = 5
"""Answers and the music go first."""


class Workbench:
    """Calls functions in a process that starts with the first call and then stays.

    Args:
        timeout: seconds for one piece of work before the process is killed.
    """

    def __init__(self, timeout: float = 600.0) -> None:
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._child: Child | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def do(self, work: Callable[..., T], *args: Any) -> T:
        """Return what a function of a module returns; it and its arguments are pickled.

        Raises:
            MusicGenError: what the function raised.
            BackendError: it raised something else.
            WorkerLost: the process died of it, or it took too long.
        """
        async with self._turn:
            answer = await self._ask((work, args))
        if isinstance(answer, MusicGenError):
            raise answer
        result: T = answer
        return result

    async def close(self) -> None:
        """End the process; what is in it is lost."""
        if self._child is not None:
            await self._child.close(grace=1.0)

    async def _ask(self, order: object) -> Any:
        if self._child is None or not self._child.alive:
            self._child = Child("workbench", serve, logging.getLogger().getEffectiveLevel())
        child, answered = self._child, False
        try:
            async with asyncio.timeout(self._timeout):
                await child.send(order)
                answer = await child.receive()
            answered = True
        except TimeoutError as exc:
            raise WorkerLost(f"The workbench took more than {self._timeout:g} s.") from exc
        finally:
            if not answered:  # cancelled, too: the next answer would be to this order
                await child.close(grace=0.0)
        return answer


def serve(orders: Connection, reports: Connection, log_level: int) -> None:
    """Report what each (function, arguments) returns, or a MusicGenError, until orders end."""
    os.nice(NICENESS)
    logging.basicConfig(
        level=log_level, format="%(asctime)s workbench %(levelname)s %(name)s: %(message)s"
    )
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone
        while True:
            work, args = receive(orders)
            try:
                answer = work(*args)
            except MusicGenError as exc:
                answer = exc
            except Exception as exc:
                log.exception("A piece of work failed")
                answer = BackendError(f"Work on a sound or picture failed ({type(exc).__name__}).")
            send(reports, answer)
