"""Who is next: a fair queue.

Plain data without asyncio. Each owner gets an equal share of the music that is made (start-time
fair queueing, Goyal et al. 1996, in seconds of audio); one owner's jobs keep their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from musicgen_core.errors import QueueFull
from musicgen_core.jobs import Job


@dataclass(slots=True)
class _Queue:
    """The waiting jobs and everybody's share so far."""

    lanes: dict[str, deque[Job]] = field(default_factory=dict)
    """Each owner's waiting jobs; who came first comes first."""
    served: dict[str, float] = field(default_factory=dict)
    """Up to where an owner's share of the virtual time is used, in seconds of audio."""
    now: float = 0.0
    """The virtual time: the start of what was taken last."""

    def copy(self) -> _Queue:
        lanes = {owner: deque(lane) for owner, lane in self.lanes.items()}
        return _Queue(lanes, dict(self.served), self.now)

    def first(self) -> Job | None:
        """The job whose start is earliest; of equals the shortest, of those the first to come."""
        heads = [lane[0] for lane in self.lanes.values()]
        return min(heads, key=lambda job: (self._start(job), _extent(job)), default=None)

    def take(self, job: Job) -> None:
        """Take the first job of its owner's lane."""
        self.now = max(self.now, self._start(job))
        self.served[job.owner] = self._start(job) + _extent(job)
        lane = self.lanes.pop(job.owner)
        lane.popleft()
        if lane:  # behind everybody whose start is the same
            self.lanes[job.owner] = lane
        # Who is behind the virtual time has no claim on what they did not ask for.
        self.served = {o: at for o, at in self.served.items() if at > self.now or o in self.lanes}

    def _start(self, job: Job) -> float:
        return max(self.now, self.served.get(job.owner, 0.0))


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
        self._queue = _Queue()

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._queue.lanes.values())

    def add(self, job: Job, *, retry_after: float) -> None:
        """Queue a job behind its owner's others.

        Raises:
            QueueFull: no room; `retry_after` is the caller's guess when there will be some.
        """
        if len(self) >= self._max_queue:
            raise QueueFull(retry_after)
        self._queue.lanes.setdefault(job.owner, deque()).append(job)

    def remove(self, job: Job) -> bool:
        """Take a job out of the queue; False: it is not in it."""
        lane = self._queue.lanes.get(job.owner, deque())
        if job not in lane:
            return False
        lane.remove(job)
        if not lane:
            del self._queue.lanes[job.owner]
        return True

    def limit_seconds(self, seconds: float) -> None:
        """Make no more than so many seconds together, where memory has room for no more."""
        self._max_seconds = min(self._max_seconds, seconds)

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
        together = sum(_extent(other) for other in (*running, job))
        return not running or (len(running) < self._max_batch and together <= self._max_seconds)


def _extent(job: Job) -> float:
    audio = job.request.audio
    return job.request.seconds + (audio.seconds if audio else 0.0)
