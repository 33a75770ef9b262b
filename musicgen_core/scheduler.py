"""Which jobs wait and which may be made together, within bounds; plain data without asyncio."""

from __future__ import annotations

import math
from collections.abc import Sequence

from musicgen_core.errors import QueueFull
from musicgen_core.fair_queue import FairQueue, extent
from musicgen_core.jobs import Job


class Scheduler:
    """The waiting jobs.

    Args:
        max_queue: jobs that may wait.
        max_batch: jobs that are made together.
        max_batch_seconds: seconds of audio that are made together, audio prompts included; a
            single job may pass it.
    """

    def __init__(self, *, max_queue: int, max_batch: int, max_batch_seconds: float) -> None:
        self._max_queue = max_queue
        self._max_batch, self._max_seconds = max_batch, max_batch_seconds
        self._room: dict[str, float] = {}
        """Seconds of audio that memory has room for, by model."""
        self._queue = FairQueue()

    def __len__(self) -> int:
        return len(self._queue)

    def require(self, places: int, *, retry_after: float) -> None:
        """Refuse where so many more jobs may not wait.

        Raises:
            QueueFull: no room; `retry_after` is the caller's guess when there will be some.
        """
        if places and len(self) + places > self._max_queue:
            raise QueueFull(retry_after)

    def add(self, job: Job) -> None:
        """Queue a job behind its owner's others."""
        self._queue.add(job)

    def remove(self, job: Job) -> bool:
        """Take a job out of the queue; False: it is not in it."""
        return self._queue.remove(job)

    def limit_seconds(self, model: str, seconds: float) -> None:
        """Let a model make no more together, where memory has room for no more."""
        self._room[model] = seconds

    def take(self, running: Sequence[Job], *, more: bool = True) -> Job | None:
        """Remove and return the next job if it may join those that run; None: nobody may.

        Where `more` is false nobody may join, but a job may be made alone.
        """
        job = self._queue.first()
        if job is None or (running and not more) or not self._fits(job, running):
            return None
        self._queue.take(job)
        return job

    def plan(self) -> list[Job]:
        """Return the waiting jobs in the order in which they will be taken."""
        queue, order = self._queue.copy(), []
        while (job := queue.first()) is not None:
            queue.take(job)
            order.append(job)
        return order

    def _fits(self, job: Job, running: Sequence[Job]) -> bool:
        # The models share the cores: one of them plays at a time.
        if any(other.model != job.model for other in running):
            return False
        if not running:
            return True
        lengths = [extent(other) for other in (*running, job)]
        # Rows share a time axis, so that each takes the room of the longest.
        held = len(lengths) * max(lengths)
        return (
            len(lengths) <= self._max_batch
            and sum(lengths) <= self._max_seconds
            and held <= self._room.get(job.model, math.inf)
        )
