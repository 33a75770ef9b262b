"""Who is next, and with whom: a fair queue that groups requests into batches.

Plain data without asyncio. Owners take turns (round-robin); one owner's jobs keep their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import zip_longest

from musicgen_core.errors import QueueFull
from musicgen_core.jobs import Job

LONGEST_TO_SHORTEST = 2.0
"""A batch ends with its longest row; nobody waits for one more than this times as long."""

Lanes = dict[str, deque[Job]]
"""Each owner's waiting jobs; the owner whose turn it is comes first."""


class Scheduler:
    """The waiting jobs.

    Args:
        max_queue: jobs that may wait.
        max_batch: rows in a batch.
        max_batch_seconds: seconds of audio in a batch, audio prompts included; a single job may
            pass it.
    """

    def __init__(self, *, max_queue: int, max_batch: int, max_batch_seconds: float) -> None:
        self._max_queue = max_queue
        self._max_batch, self._max_seconds = max_batch, max_batch_seconds
        self._lanes: Lanes = {}

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def add(self, job: Job, *, retry_after: float) -> None:
        """Queue a job behind its owner's others.

        Raises:
            QueueFull: no room; `retry_after` is the caller's guess when there will be some.
        """
        if len(self) >= self._max_queue:
            raise QueueFull(retry_after)
        self._lanes.setdefault(job.owner, deque()).append(job)

    def remove(self, job: Job) -> bool:
        """Take a job out of the queue; False: it is not in it."""
        lane = self._lanes.get(job.owner, deque())
        if job not in lane:
            return False
        lane.remove(job)
        if not lane:
            del self._lanes[job.owner]
        return True

    def take(self) -> list[Job]:
        """Remove and return the next batch; empty when nobody waits."""
        return self._take(self._lanes)

    def plan(self) -> list[list[Job]]:
        """Return the batches that `take` would give, without taking them."""
        lanes = {owner: deque(lane) for owner, lane in self._lanes.items()}
        batches = []
        while lanes:
            batches.append(self._take(lanes))
        return batches

    def _take(self, lanes: Lanes) -> list[Job]:
        batch: list[Job] = []
        passed_over: set[str] = set()
        for job in _by_turns(lanes):
            if job.owner in passed_over:
                continue
            if not batch or self._fits(job, batch):
                batch.append(job)
            else:
                passed_over.add(job.owner)  # a later job of theirs must not overtake this one
        for job in batch:
            _serve(lanes, job)
        return batch

    def _fits(self, job: Job, batch: list[Job]) -> bool:
        lengths = [other.request.seconds for other in (*batch, job)]
        return (
            len(lengths) <= self._max_batch
            and max(lengths) <= LONGEST_TO_SHORTEST * min(lengths)
            and sum(_extent(other) for other in (*batch, job)) <= self._max_seconds
        )


def _by_turns(lanes: Lanes) -> Iterator[Job]:
    """Yield every owner's first job, then every owner's second, and so on."""
    for turn in zip_longest(*lanes.values()):
        yield from (job for job in turn if job is not None)


def _serve(lanes: Lanes, job: Job) -> None:
    """Take the first job of its owner's lane; the owner's next turn comes after everybody's."""
    lane = lanes.pop(job.owner)
    lane.popleft()
    if lane:
        lanes[job.owner] = lane


def _extent(job: Job) -> float:
    prompt = job.request.audio
    return job.request.seconds + (prompt.seconds if prompt else 0.0)
