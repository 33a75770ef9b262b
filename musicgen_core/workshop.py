"""Workshop: jobs that outlive the process.

What is accepted is in the database before anybody is told so; whatever dies, the next start goes
on with it. The service below knows only the clips that are being made now.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from musicgen_core.commission import Commission, requests_of
from musicgen_core.errors import (
    BackendError,
    InvalidRequest,
    JobCancelled,
    MusicGenError,
    QueueFull,
    ShareUsed,
)
from musicgen_core.jobs import Job, JobState, JobUpdate
from musicgen_core.ledger import Ledger
from musicgen_core.outcome import Outcome
from musicgen_core.requests import MAX_SEED, Clip, GenerationRequest
from musicgen_core.service import MusicService
from musicgen_core.source import Source
from musicgen_core.storage import JobRecord, NewJob, Storage

__all__ = ["Commission", "Limits", "Workshop"]

MOST_STARTS = 5
"""Processes that may die over a job before it is given up."""
GIVEN_UP = InvalidRequest("I was restarted several times over this clip, so I gave it up.")
"""Told to people, unlike what else broke."""
SOON = 30.0
"""Seconds after which somebody with too much on its way is told to come back."""
MOST_SOUND = 1 << 30
"""Bytes of sound that may be on its way to be continued: it is held decoded until its end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs may wait or run at once."""

    per_person: int = 8
    per_server: int = 24


@dataclass(slots=True, eq=False)
class _Bench:
    """Where a job is worked at."""

    commission: Commission
    asked: list[Job] = field(default_factory=list)
    """What the service was asked for."""
    sound: int = 0
    """Bytes of what is continued."""
    cancelled: bool = False
    task: asyncio.Task[None] | None = None


def draw_seed() -> int:
    """Return a seed at random."""
    return secrets.randbelow(MAX_SEED + 1)


class Workshop:
    """Accepts jobs, has the service make their clips, and records what came of them.

    Every accepted job comes to exactly one end, in the database: DONE, FAILED or CANCELLED.

    Args:
        service: what makes clips; started, and closed by whoever started it.
        storage: opened, and closed by whoever opened it.
        limits: how much one person and one server may have on its way.
        draw: a seed for who names none; it is stored, so that a new start makes the same.
    """

    def __init__(
        self,
        service: MusicService,
        storage: Storage,
        limits: Limits | None = None,
        draw: Callable[[], int] = draw_seed,
    ) -> None:
        self.service, self.storage = service, storage
        self.source = Source(service, storage)
        self._outcome = Outcome(storage)
        self.paused = False
        """Whether new jobs are refused; what is accepted goes on."""
        self.limits = limits or Limits()
        """May be replaced at any time; what is accepted already stays."""
        self._draw_seed = draw
        self._ledger: Ledger[Commission] = Ledger(keep=8, keep_seconds=900.0)
        self._left: dict[str, Commission] = {}
        """How jobs of an earlier process ended, of which nobody was told."""
        self._benches: dict[str, _Bench] = {}
        self._entering: list[NewJob] = []
        """Jobs that are being stored: they count already."""
        self._closed = False

    async def resume(self) -> list[JobRecord]:
        """Go on with what the last process left; return that, and what nobody was told of yet.

        Once, before anything new is accepted.

        Raises:
            StorageUnavailable: the database cannot be used.
        """
        jobs = self.storage.jobs
        await jobs.requeue_running(MOST_STARTS, str(GIVEN_UP))
        waiting = await jobs.open()
        for record in waiting:
            self._begin(record, None)
        untold = await jobs.undelivered()
        for record in untold:
            self._left[record.id] = await self._as_it_ended(record)
        return waiting + untold

    async def _as_it_ended(self, record: JobRecord) -> Commission:
        """Return how a job of an earlier process ended."""
        error: MusicGenError | None = None
        if record.status is JobState.CANCELLED:
            error = JobCancelled()
        elif record.error is not None:
            told = record.error == str(GIVEN_UP)
            error = GIVEN_UP if told else BackendError(record.error)
        clips = await self.storage.clips.of_job(record.id)
        there = tuple(clip for clip in clips if clip.deleted is None)
        return Commission(record, record.status, clips=there, error=error)

    def require_open(self) -> None:
        """Make sure that something new may be taken.

        Raises:
            InvalidRequest: it may not, for now.
        """
        if self._closed or self.paused:
            raise InvalidRequest("I take nothing new at the moment; please try again later.")

    async def accept(self, new: NewJob, audio: bytes | None = None) -> JobRecord:
        """Accept a job; when this returns, it outlives the process.

        Args:
            new: what is asked for.
            audio: the bytes of a file to continue; they are judged and decoded here.

        Raises:
            InvalidRequest: the model cannot make it, the file is no audio, or its parent is gone.
            QueueFull: too many wait.
            ShareUsed: this person or server has too much on its way.
            StorageUnavailable: the database or the disk fails.
        """
        self.require_open()
        if new.seed is None:
            new = replace(new, seed=self._draw_seed())
        requests = requests_of(new, await self.source.of(new, audio))
        for request in requests:
            self.service.check(request, len(requests), model=new.model)
        self._require_memory(_sound(requests))
        with self._counted(new):
            if audio is not None:
                stored = await self.storage.files.write(audio, "audio")
                new = replace(new, audio_file=stored.name)
            record = await self.storage.jobs.accept(new)
        self._begin(record, requests)
        return record

    def watch(self, job_id: str) -> AsyncIterator[Commission]:
        """Iterate over a job's current state and its changes, up to and including its end.

        Raises:
            InvalidRequest: it is not known in this process, or ended too long ago.
        """
        left = self._left.pop(job_id, None)
        return self._ledger.watch(job_id) if left is None else _once(left)

    def on_its_way(self) -> list[Commission]:
        """Return the jobs that have not ended, in the order in which they came."""
        return self._ledger.open()

    async def cancel(self, job_id: str) -> bool:
        """Cancel a job that waits or runs; False: it has ended, or is not known."""
        bench = self._benches.get(job_id)
        if bench is None or bench.cancelled:
            return False
        bench.cancelled = True
        for job in bench.asked:
            await self.service.cancel(job.id)
        return True

    async def emptied(self) -> bool:
        """Wait until nothing is on its way; False: the workshop was closed before."""
        while tasks := [bench.task for bench in self._benches.values() if bench.task]:
            await asyncio.wait(tasks)
        return not self._closed

    async def close(self, grace: float = 0.0) -> None:
        """Refuse new jobs, give those that run so many seconds to end, and leave the rest.

        What is left stays accepted: the next start goes on with it.
        """
        self._closed = True
        working = [b.task for b in self._benches.values()
                   if b.task and b.commission.state is JobState.RUNNING]  # fmt: skip
        if working and grace:
            await asyncio.wait(working, timeout=grace)
        tasks = [bench.task for bench in self._benches.values() if bench.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def _counted(self, new: NewJob) -> Iterator[None]:
        """Hold a place of the person's and the server's share.

        Raises:
            ShareUsed: there is none.
        """
        there = [*(bench.commission.job for bench in self._benches.values()), *self._entering]
        own = [job for job in there if job.person_id == new.person_id]
        here = [job for job in there if job.server_id == new.server_id is not None]
        for whose, theirs, most in (
            ("person", own, self.limits.per_person),
            ("server", here, self.limits.per_server),
        ):
            if len(theirs) >= most:
                raise ShareUsed(whose, len(theirs), self._soon(theirs))
        self._entering.append(new)
        try:
            yield
        finally:
            self._entering.remove(new)

    def _require_memory(self, more: int) -> None:
        """Make sure that there is room for so many bytes of sound to be continued.

        Raises:
            QueueFull: there is not, for now.
        """
        if more and more + sum(bench.sound for bench in self._benches.values()) > MOST_SOUND:
            raise QueueFull(self._soon())

    def _soon(self, among: Sequence[NewJob] | None = None) -> float:
        """Return in how many seconds one of these jobs has likely ended; None: any job."""
        stand = [bench.commission for bench in self._benches.values()]
        lefts = [s.seconds_left for s in stand if among is None or s.job in among]
        return min((left for left in lefts if left), default=SOON)

    def _begin(self, record: JobRecord, requests: Sequence[GenerationRequest] | None) -> None:
        bench = _Bench(Commission(record), sound=_sound(requests or ()))
        self._benches[record.id] = bench
        self._ledger.publish(bench.commission)
        work = self._see_through(bench, requests)
        bench.task = asyncio.create_task(work, name=f"work {record.id}")

    async def _see_through(
        self, bench: _Bench, requests: Sequence[GenerationRequest] | None
    ) -> None:
        """Bring a job to its end, unless the process ends before."""
        record = bench.commission.job
        try:
            asked = requests or await self._asked_again(record)
            bench.sound = _sound(asked)
            made = await self._make(bench, asked)
            clips = await self._outcome.done(record, made)
            end = replace(bench.commission, state=JobState.DONE, made=tuple(made), clips=clips)
        except Exception as exc:  # noqa: BLE001 - a task's root; what is not ours to say is logged
            end = replace(bench.commission, **await self._outcome.failed(record, exc))
        finally:
            del self._benches[record.id]
        self._ledger.publish(end)

    async def _asked_again(self, record: JobRecord) -> list[GenerationRequest]:
        """Return what a job asked for before the process was started anew."""
        name = record.audio_file
        audio = await self.storage.files.read(name) if name is not None else None
        return requests_of(record, await self.source.of(record, audio))

    async def _make(self, bench: _Bench, requests: Sequence[GenerationRequest]) -> list[Clip]:
        """Return the clips that could be made, at least one.

        Raises:
            MusicGenError: none could, or the job was cancelled.
        """
        job = bench.commission.job
        group = f"server {job.server_id}" if job.server_id else f"person {job.person_id}"
        for request in requests:
            asked = await self.service.submit(
                request, str(job.person_id), group, model=job.model, promised=True
            )
            bench.asked.append(asked)
        updates = [JobUpdate(asked, JobState.QUEUED) for asked in bench.asked]
        async with asyncio.TaskGroup() as group_of_watchers:
            for number in range(len(updates)):
                group_of_watchers.create_task(self._watch(bench, updates, number))
            if bench.cancelled:  # while it was being handed over
                for asked in bench.asked:
                    await self.service.cancel(asked.id)
        made = [update.clip for update in updates if update.clip is not None]
        errors = [update.error for update in updates if update.error is not None]
        if bench.cancelled:
            raise JobCancelled
        if not made:
            raise errors[0] if errors else BackendError("The job ended without a clip.")
        return made

    async def _watch(self, bench: _Bench, updates: list[JobUpdate], number: int) -> None:
        """Publish how the job stands, as one of its clips gets on."""
        async for update in self.service.watch(bench.asked[number].id):
            updates[number] = update
            stands = bench.commission.at(updates)
            if stands.state is JobState.RUNNING is not bench.commission.state:
                bench.commission = stands
                if not await self._outcome.begun(bench.commission.job):
                    await self.cancel(bench.commission.job_id)
            bench.commission = stands
            self._ledger.publish(stands)


def _sound(requests: Sequence[GenerationRequest]) -> int:
    """Return the bytes of what is continued, which all takes share."""
    return max((r.audio.samples.nbytes for r in requests if r.audio is not None), default=0)


async def _once(commission: Commission) -> AsyncIterator[Commission]:
    yield commission
