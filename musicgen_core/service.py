"""MusicService: the bot's one door to music."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Protocol, Self

from musicgen_core.errors import (
    BackendError,
    InvalidRequest,
    JobCancelled,
    MusicGenError,
    WorkerLost,
)
from musicgen_core.executors.base import Executor, contained
from musicgen_core.jobs import Job, JobState, JobUpdate
from musicgen_core.ledger import Ledger
from musicgen_core.pace import Pace
from musicgen_core.requests import AudioPrompt, Clip, GenerationRequest, ModelInfo, Progress
from musicgen_core.scheduler import Scheduler

__all__ = ["AudioReader", "Job", "JobState", "JobUpdate", "MusicService"]

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 2
APOLOGY = "Sorry, the music engine broke down twice over this clip, so I gave it up."
LONGEST_PROMPT = 1000
"""Characters; what the tokenizer can take is checked where the tokenizer is."""
GUESS = 60.0
"""Seconds until there is room in a full queue, as long as no speed was measured."""
REFRESH_EVERY = 1.0
"""Seconds between two estimates for those who wait."""


class AudioReader(Protocol):
    """What decodes people's files; AudioSandbox is one."""

    async def read(self, data: bytes, max_seconds: float) -> AudioPrompt:
        """Decode a file's bytes, or raise InvalidRequest."""
        ...

    async def close(self) -> None:
        """Stop what runs."""
        ...


class MusicService:
    """Takes requests, lets them wait their turn, and makes clips of them.

    Every accepted job comes to exactly one end: DONE, FAILED or CANCELLED.

    Args:
        executor: where batches run.
        sandbox: what decodes people's files.
        max_queue: jobs that may wait.
        max_batch: requests that are made together.
        max_batch_seconds: seconds of audio that are made together.
        max_audio_seconds: the longest audio prompt.
        keep: ended jobs that late watchers can still ask for.
        keep_seconds: how long they can.
    """

    def __init__(
        self,
        executor: Executor,
        sandbox: AudioReader,
        *,
        max_queue: int = 50,
        max_batch: int = 4,
        max_batch_seconds: float = 120.0,
        max_audio_seconds: float = 60.0,
        keep: int = 32,
        keep_seconds: float = 900.0,
    ) -> None:
        self._executor, self._sandbox = executor, sandbox
        self._max_audio_seconds = max_audio_seconds
        self._scheduler = Scheduler(
            max_queue=max_queue, max_batch=max_batch, max_batch_seconds=max_batch_seconds
        )
        self._ledger = Ledger(keep, keep_seconds)
        self._pace = Pace()
        self._info: ModelInfo | None = None
        self._work: asyncio.Task[None] | None = None
        self._submitted = asyncio.Event()
        self._batch: Sequence[Job] = ()
        self._generation: asyncio.Task[list[Clip]] | None = None
        self._refreshed = 0.0
        self._closed = False

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def info(self) -> ModelInfo:
        """What the model is and can do, once started."""
        if self._info is None:
            raise BackendError("The music service has not been started.")
        return self._info

    async def start(self) -> ModelInfo:
        """Load the model and begin to take jobs.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        self._info = await self._executor.start()
        if self._work is None:
            self._work = asyncio.create_task(self._work_on(), name="music service")
        return self._info

    async def read_audio(self, data: bytes) -> AudioPrompt:
        """Decode a person's file.

        Raises:
            InvalidRequest: the text says what is wrong with it.
        """
        return await self._sandbox.read(data, self._max_audio_seconds)

    async def submit(self, request: GenerationRequest, owner: str) -> Job:
        """Accept a request.

        Raises:
            InvalidRequest: this model cannot make it.
            QueueFull: too many wait.
        """
        if self._closed:
            raise BackendError("The music service is shutting down.")
        _check(request, self.info)
        job = Job(uuid.uuid4().hex, request, owner)
        self._scheduler.add(job, retry_after=max(1.0, self._pace.seconds_left() or GUESS))
        self._ledger.publish(JobUpdate(job, JobState.QUEUED))
        self._refresh_queue()
        self._submitted.set()
        return job

    def watch(self, job_id: str) -> AsyncIterator[JobUpdate]:
        """Iterate over the job's current state and its changes, up to and including its end.

        Raises:
            InvalidRequest: the job is not known, or ended too long ago.
        """
        return self._ledger.watch(job_id)

    async def cancel(self, job_id: str) -> bool:
        """Cancel a job that waits or runs; False: it has ended, or is not known."""
        update = self._ledger.latest(job_id)
        if update is None or update.state.ended:
            return False
        self._scheduler.remove(update.job)
        self._end(update.job, JobState.CANCELLED, error=JobCancelled())
        if self._generation is not None and not self._wanted(self._batch):
            self._generation.cancel()
        self._refresh_queue()
        return True

    async def close(self) -> None:
        """Refuse new jobs, cancel those that wait or run, and stop the worker."""
        self._closed = True
        for job in self._ledger.open():
            await self.cancel(job.id)
        tasks = [task for task in (self._work, self._generation) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(self._executor.close(), self._sandbox.close())
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_on(self) -> None:
        while True:
            if not (batch := self._scheduler.take()):
                self._submitted.clear()
                await self._submitted.wait()
                continue
            try:
                await self._run(batch)
            except Exception:
                log.exception("A batch of %s broke the service", len(batch))
                for job in batch:
                    self._end(job, JobState.FAILED, error=BackendError("Making the clip failed."))

    async def _run(self, jobs: Sequence[Job], attempt: int = 1) -> None:
        """Bring jobs to their ends; what fails together is tried again one by one."""
        if not (jobs := self._wanted(jobs)):
            return
        outcome = await self._generate(jobs, attempt)
        if not isinstance(outcome, MusicGenError):
            for job, clip in zip(jobs, outcome, strict=True):
                self._end(job, JobState.DONE, clip=clip)
            return
        state = JobState.CANCELLED if isinstance(outcome, JobCancelled) else JobState.FAILED
        again = isinstance(outcome, WorkerLost)
        if state is JobState.FAILED and (len(jobs) > 1 or (again and attempt < MOST_ATTEMPTS)):
            log.warning("Attempt %s at %s jobs failed: %s", attempt, len(jobs), outcome)
            self._publish_running(jobs, attempt + again)
            for job in jobs:
                await self._run([job], attempt + again)
            return
        for job in jobs:
            self._end(job, state, error=WorkerLost(APOLOGY) if again else outcome)

    async def _generate(self, jobs: Sequence[Job], attempt: int) -> list[Clip] | MusicGenError:
        self._pace.begin(self._frames(jobs))
        self._batch = jobs
        self._publish_running(jobs, attempt)
        self._refresh_queue()
        making = self._generation = asyncio.create_task(self._make(jobs, attempt))
        try:
            await asyncio.wait({making})
            return JobCancelled() if making.cancelled() else making.result()
        except MusicGenError as error:
            return error
        finally:
            making.cancel()  # unless it is done: the service itself was stopped
            self._batch, self._generation = (), None
            self._pace.begin(0)

    async def _make(self, jobs: Sequence[Job], attempt: int) -> list[Clip]:
        requests = [job.request for job in jobs]
        with contained("Making the clip"):
            clips = await self._executor.generate(
                requests, partial(self._on_progress, jobs, attempt)
            )
        self._pace.finish()
        return clips

    def _on_progress(self, jobs: Sequence[Job], attempt: int, progress: Progress) -> None:
        self._pace.advance(progress)
        self._publish_running(jobs, attempt, progress)
        if time.monotonic() - self._refreshed >= REFRESH_EVERY:
            self._refresh_queue()

    def _publish_running(
        self, jobs: Sequence[Job], attempt: int, progress: Progress | None = None
    ) -> None:
        left = self._pace.seconds_left()
        for job in jobs:
            self._ledger.publish(
                JobUpdate(
                    job, JobState.RUNNING, progress=progress, seconds_left=left, attempt=attempt
                )
            )

    def _refresh_queue(self) -> None:
        """Tell those who wait their place and time."""
        self._refreshed = time.monotonic()
        left = self._pace.seconds_left()
        position = 0
        for batch in self._scheduler.plan():
            took = self._pace.seconds_for(self._frames(batch))
            left = None if left is None or took is None else left + took
            for job in batch:
                position += 1
                self._ledger.publish(
                    JobUpdate(job, JobState.QUEUED, position=position, seconds_left=left)
                )

    def _end(
        self,
        job: Job,
        state: JobState,
        *,
        clip: Clip | None = None,
        error: MusicGenError | None = None,
    ) -> None:
        update = self._ledger.latest(job.id)
        attempt = update.attempt if update else 1
        self._ledger.publish(JobUpdate(job, state, attempt=attempt, clip=clip, error=error))

    def _wanted(self, jobs: Sequence[Job]) -> list[Job]:
        """Return those that have not been cancelled."""
        updates = [self._ledger.latest(job.id) for job in jobs]
        return [update.job for update in updates if update and not update.state.ended]

    def _frames(self, jobs: Sequence[Job]) -> int:
        """Return the longest row's frames, which are the batch's steps."""
        return max(job.request.frames(self.info.frame_rate) for job in jobs)


def _check(request: GenerationRequest, info: ModelInfo) -> None:
    if request.seconds > info.max_seconds:
        raise InvalidRequest(f"I make at most {info.max_seconds:g} s; please ask for less.")
    if request.prompt is not None and len(request.prompt) > LONGEST_PROMPT:
        raise InvalidRequest(
            f"The description has {len(request.prompt)} characters; "
            f"I read at most {LONGEST_PROMPT}."
        )
