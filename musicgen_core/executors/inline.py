"""Batches in a thread of this process: for tests, notebooks and debuggers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from musicgen_core.errors import BackendError, JobCancelled
from musicgen_core.executors.base import Core, contained
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo, Progress

T = TypeVar("T")


class InlineExecutor:
    """Does what ProcessExecutor does, except survive a crash: that takes this process along."""

    def __init__(self, factory: Callable[[], Core]) -> None:
        self._factory = factory
        self._core: Core | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="core")
        self._stop = threading.Event()
        self._closed = False

    async def start(self) -> ModelInfo:
        """Build the core; see Executor.start."""
        return (await self._in_thread(self._load)).info

    async def generate(
        self, requests: Sequence[GenerationRequest], on_progress: Callable[[Progress], None]
    ) -> list[Clip]:
        """See Executor.generate."""
        loop = asyncio.get_running_loop()
        stop = self._stop = threading.Event()

        def report(progress: Progress) -> None:
            if stop.is_set():
                raise JobCancelled
            loop.call_soon_threadsafe(on_progress, progress)

        making = self._in_thread(self._make, tuple(requests), report)
        # A cancelled caller does not ask how it ended, and asyncio complains of what nobody asked.
        making.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({making})
            raise

    async def close(self) -> None:
        """Stop what runs within a step."""
        self._closed = True
        self._stop.set()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _in_thread(self, call: Callable[..., T], *args: object) -> asyncio.Future[T]:
        if self._closed:
            raise BackendError("The music engine is closed.")
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    def _load(self) -> Core:
        if self._core is None:
            with contained("Loading the model"):
                self._core = self._factory()
        return self._core

    def _make(
        self, requests: tuple[GenerationRequest, ...], report: Callable[[Progress], None]
    ) -> list[Clip]:
        core = self._load()
        with contained("Making the clip"):
            return core.generate(requests, report)
