"""What is being made at the moment, how fast, and what must be made again, alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

from musicgen_core.crowd import Bearable
from musicgen_core.jobs import Job, JobState, JobUpdate
from musicgen_core.pace import Lap, Pace
from musicgen_core.requests import Clip, Progress

GUESS = 60.0
"""Seconds until there is room in a full queue, as long as no speed was measured."""


@dataclass(slots=True)
class Making:
    """A job that is being made."""

    job: Job
    lap: Lap
    attempt: int
    alone: bool
    """Whether nothing may be made beside it: it saw something fail."""
    accompanied: bool = False
    """Whether anything was."""
    progress: Progress | None = None
    preview: Clip | None = None
    task: asyncio.Task[None] | None = None

    def update(self) -> JobUpdate:
        """Return what can be told about it."""
        return JobUpdate(
            self.job,
            JobState.RUNNING,
            progress=self.progress,
            seconds_left=self.lap.seconds_left(),
            attempt=self.attempt,
            preview=self.preview,
        )


class Workbench:
    """The jobs that are being made, at most `most` at once, all by the same model."""

    def __init__(self, most: int, bearable: Bearable) -> None:
        self.paces: defaultdict[str, Pace] = defaultdict(Pace)
        """By model: each has a speed of its own."""
        self._most, self._bearable = most, bearable
        self._making: dict[str, Making] = {}
        self._again: deque[tuple[Job, int]] = deque()
        """Jobs and attempts that will be made alone, because something failed beside them."""

    def __len__(self) -> int:
        return len(self._making)

    @property
    def jobs(self) -> list[Job]:
        """What is being made."""
        return [making.job for making in self._making.values()]

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that make it."""
        return [making.task for making in self._making.values() if making.task is not None]

    @property
    def taken(self) -> bool:
        """Whether a job is at work that nothing may be made beside."""
        return any(making.alone for making in self._making.values())

    @property
    def worth_one_more(self) -> bool:
        """Whether another clip makes more music a second and leaves the others fast enough."""
        crowd = self.paces[self.model].crowd
        return crowd.worth_one_more(len(self), self._bearable)

    @property
    def model(self) -> str:
        """What makes them; empty: nothing is made."""
        return next((making.job.model for making in self._making.values()), "")

    def find(self, job: Job) -> Making | None:
        """Return a job's making, None if it is not being made."""
        return self._making.get(job.id)

    def begin(
        self, job: Job, frames: int, attempt: int, *, alone: bool, loading: float = 0.0
    ) -> Making:
        """Put a job on the bench, whose model is yet to be loaded for so many seconds."""
        making = Making(job, self.paces[job.model].begin(frames, loading), attempt, alone)
        self._making[job.id] = making
        for other in self._making.values():
            other.accompanied |= len(self) > 1
        return making

    def advance(self, making: Making, progress: Progress) -> None:
        """A clip got on."""
        making.lap.advance(progress, len(self))
        making.progress = Progress(progress.done, progress.total)
        making.preview = progress.preview or making.preview

    def clear(self, making: Making) -> None:
        """Take a job off the bench."""
        del self._making[making.job.id]

    def retry(self, job: Job, attempt: int) -> None:
        """Let a job be made alone, as soon as nothing else is made."""
        self._again.append((job, attempt))

    def retries(self, job: Job) -> bool:
        """Tell whether a job will be made again."""
        return job in [other for other, _ in self._again]

    def next_retry(self, wanted: Callable[[Job], bool]) -> tuple[Job, int] | None:
        """Return the first that is to be made again and is still wanted; it stays in line."""
        while self._again and not wanted(self._again[0][0]):
            self._again.popleft()
        return self._again[0] if self._again else None

    def take_retry(self) -> None:
        """Take the first out of the line."""
        self._again.popleft()

    def free_times(self) -> list[float] | None:
        """In how many seconds each place is free, a heap; None: no speed was measured."""
        left = [making.lap.seconds_left() for making in self._making.values()]
        known = [seconds for seconds in left if seconds is not None]
        if len(known) < len(left):
            return None
        free = known + [0.0] * (self._places(self.model) - len(known))
        heapify(free)
        return free

    def forecast(
        self,
        waiting: Sequence[Job],
        frames: Callable[[Job], int],
        loading: Callable[[str], float],
    ) -> Iterator[float | None]:
        """Yield in how many seconds each waiting job is done; None: no speed was measured.

        Args:
            waiting: in the order in which they are begun.
            frames: how long a job's clip is.
            loading: how long it takes until a model can play.
        """
        free, model = self.free_times(), self.model
        for job in waiting:
            took = self.paces[job.model].seconds_for(frames(job))
            if free is not None and job.model != model:
                # It begins when the other model has done what it was at.
                free = [max(free) + loading(job.model)] * self._places(job.model)
            model = job.model
            if free is None or took is None:
                free = None  # nor can be told when what is behind it begins
                yield None
                continue
            left = free[0] + took
            heapreplace(free, left)
            yield left

    def _places(self, model: str) -> int:
        return self.paces[model].crowd.most(self._most, self._bearable)

    def soon(self) -> float:
        """Seconds until there is likely room in a full queue."""
        left = [making.lap.seconds_left() or GUESS for making in self._making.values()]
        return max(1.0, min(left, default=1.0))
