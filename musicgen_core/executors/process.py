"""Clips in a process of their own: the model may crash, the bot may not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from musicgen_core.errors import BackendError, MusicGenError, WorkerLost
from musicgen_core.executors.base import Core
from musicgen_core.executors.child import Child
from musicgen_core.executors.desk import Desk
from musicgen_core.executors.orders import Start, Stop
from musicgen_core.executors.worker import serve
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo, Progress

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
"""Seconds between two restarts at most."""


class _Worker(NamedTuple):
    child: Child
    info: ModelInfo
    desk: Desk


class ProcessExecutor:
    """One spawned worker that holds the model, replaced when it dies.

    Args:
        factory: builds the core in the child; picklable.
        patience: seconds without a sign of life, while clips are made, after which the worker is
            given up; compiling a large model's graphs is silent for minutes.
        cancel_grace: seconds that a cancelled clip has to stop before its worker is killed.
        pause: seconds before the second restart in a row, doubled with each further one.
        preview_seconds: how much of a clip is told with its progress as soon as it is made.
    """

    def __init__(
        self,
        factory: Callable[[], Core],
        *,
        patience: float = 600.0,
        cancel_grace: float = 30.0,
        pause: float = 1.0,
        preview_seconds: float = 0.0,
    ) -> None:
        self._factory = factory
        self._patience, self._cancel_grace, self._pause = patience, cancel_grace, pause
        self._preview_seconds = preview_seconds
        self._child: Child | None = None
        self._listening: asyncio.Task[None] | None = None
        self._limit: asyncio.Timeout | None = None
        self._starting: asyncio.Task[_Worker] | None = None
        self._starts = 0
        """Since a clip was last done."""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        return self._child.pid if self._child else None

    async def start(self) -> ModelInfo:
        """Start the worker unless it runs, and wait until it has loaded the model.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            WorkerLost: the worker died while it loaded.
        """
        return (await self._worker()).info

    async def generate(
        self, request: GenerationRequest, on_progress: Callable[[Progress], None]
    ) -> Clip:
        """See Executor.generate; a dead worker is replaced first."""
        worker = await self._worker()
        if not worker.desk.busy and self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._patience)
        key, made = worker.desk.open(on_progress)
        try:
            await worker.child.send(Start(key, request))
            await asyncio.wait({made})
            clip = made.result()
        except asyncio.CancelledError:
            await self._stop(worker.child, key, made)
            raise
        finally:
            worker.desk.close(key)
        self._starts = 0
        return clip

    async def close(self) -> None:
        """End the worker, in mid-clip too; takes at most about two seconds."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._child is not None:
            await self._child.close()
        if self._listening is not None:
            await asyncio.wait({self._listening})

    async def _worker(self) -> _Worker:
        if self._closed:
            raise BackendError("The music engine is closed.")
        alive = self._child is not None and self._child.alive
        if self._starting is None or (self._starting.done() and not alive):
            self._starting = asyncio.create_task(self._launch())
        # A start outlives the job that waited for it: the next one needs the worker as well.
        return await asyncio.shield(self._starting)

    async def _launch(self) -> _Worker:
        if self._starts > 1:
            await asyncio.sleep(min(LONGEST_PAUSE, self._pause * 2 ** (self._starts - 2)))
        self._starts += 1
        if self._child is not None:
            await self._child.close(grace=0.0)
        level = logging.getLogger().getEffectiveLevel()
        child = self._child = Child(
            "music worker", serve, self._factory, level, self._preview_seconds
        )
        ready: ModelInfo | MusicGenError = await child.receive()
        if isinstance(ready, MusicGenError):
            await child.close()
            raise ready
        log.info("Worker %s holds %s", child.pid, ready.name)
        desk = Desk()
        self._listening = asyncio.create_task(self._listen(child, desk), name="music worker")
        return _Worker(child, ready, desk)

    async def _listen(self, child: Child, desk: Desk) -> None:
        """Hand on what the worker reports, until it is gone."""
        try:
            while True:
                async with asyncio.timeout(self._patience if desk.busy else None) as self._limit:
                    report = await child.receive()
                desk.deliver(report)
        except WorkerLost as lost:
            desk.fail(lost)
        except TimeoutError:
            child.kill()
            desk.fail(WorkerLost(f"The worker made no progress for {self._patience:g} s."))
        finally:
            self._limit = None

    async def _stop(self, child: Child, key: int, made: asyncio.Future[Clip]) -> None:
        """Cancel a clip and see it end; a worker that does not obey is killed."""
        try:
            async with asyncio.timeout(self._cancel_grace):
                await child.send(Stop(key))
                await asyncio.wait({made})
        except TimeoutError:
            log.warning("The worker did not stop a clip within %g s", self._cancel_grace)
        except WorkerLost as exc:
            log.warning("%s", exc)
        finally:
            if not made.done():
                child.kill()
