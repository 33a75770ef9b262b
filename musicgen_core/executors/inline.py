"""Clips in a thread of this process: for tests, notebooks and debuggers."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable

from musicgen_core.errors import BackendError, MusicGenError
from musicgen_core.executors.base import Core, contained
from musicgen_core.executors.desk import Desk
from musicgen_core.executors.inbox import drained
from musicgen_core.executors.orders import Order, Report, Start, Stop
from musicgen_core.executors.studio import Studio
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo, Progress


class InlineExecutor:
    """Does what ProcessExecutor does, except survive a crash: that takes this process along."""

    def __init__(self, factory: Callable[[], Core], *, preview_seconds: float = 0.0) -> None:
        self._factory, self._preview_seconds = factory, preview_seconds
        self._desk = Desk()
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._ready: asyncio.Future[ModelInfo] | None = None
        self._closed = False

    async def start(self) -> ModelInfo:
        """Build the core; see Executor.start."""
        if self._closed:
            raise BackendError("The music engine is closed.")
        if self._ready is None:
            loop = asyncio.get_running_loop()
            self._ready = loop.create_future()
            threading.Thread(
                target=self._serve, args=(loop, self._ready), name="core", daemon=True
            ).start()
        return await asyncio.shield(self._ready)

    async def generate(
        self, request: GenerationRequest, on_progress: Callable[[Progress], None]
    ) -> Clip:
        """See Executor.generate."""
        await self.start()
        key, made = self._desk.open(on_progress)
        try:
            self._orders.put(Start(key, request))
            await asyncio.wait({made})
            return made.result()
        except asyncio.CancelledError:
            self._orders.put(Stop(key))
            await asyncio.wait({made})
            raise
        finally:
            self._desk.close(key)

    async def close(self) -> None:
        """Stop what runs within a step."""
        self._closed = True
        self._orders.put(None)

    def _serve(self, loop: asyncio.AbstractEventLoop, ready: asyncio.Future[ModelInfo]) -> None:
        try:
            with contained("Loading the model"):
                core = self._factory()
                info = core.info
        except MusicGenError as error:
            loop.call_soon_threadsafe(ready.set_exception, error)
            return
        loop.call_soon_threadsafe(ready.set_result, info)
        studio = Studio(
            core,
            lambda wait: drained(self._orders, wait=wait),
            lambda report: self._tell(loop, report),
            preview_seconds=self._preview_seconds,
        )
        studio.work()

    def _tell(self, loop: asyncio.AbstractEventLoop, report: Report) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._desk.deliver, report)
