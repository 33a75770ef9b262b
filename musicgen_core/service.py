"""MusicService: the bot's one door to music."""

from __future__ import annotations

import asyncio
import logging
import math
import time
import uuid
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Protocol, Self

from musicgen_core.crowd import Bearable
from musicgen_core.errors import (
    BackendError,
    JobCancelled,
    MusicGenError,
    WorkerLost,
)
from musicgen_core.executors.base import Executor, contained
from musicgen_core.executors.lineup import Lineup
from musicgen_core.host import available_memory
from musicgen_core.jobs import Job, JobState, JobUpdate
from musicgen_core.ledger import Ledger
from musicgen_core.making import Making, Workbench
from musicgen_core.requests import (
    AudioPrompt,
    Clip,
    GenerationRequest,
    ModelInfo,
    Progress,
    check_possible,
)
from musicgen_core.scheduler import Scheduler

__all__ = ["AudioReader", "Job", "JobState", "JobUpdate", "MusicService"]

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 2
APOLOGY = "Sorry, the music engine broke down twice over this clip, so I gave it up."
MEMORY_SHARE = 0.7
"""How much of what memory is left may be caches: EnCodec and others want some, too."""
REFRESH_EVERY = 1.0
"""Seconds between two estimates for those who wait."""


class AudioReader(Protocol):
    """What decodes people's files; AudioSandbox is one."""

    async def read(self, data: bytes, max_seconds: float, until: float | None) -> AudioPrompt:
        """Decode a file's bytes up to a second, None: all of it; or raise InvalidRequest."""
        ...

    async def close(self) -> None:
        """Stop what runs."""
        ...


class MusicService:
    """Takes requests, lets them wait their turn, and makes clips of them.

    Every accepted job comes to exactly one end: DONE, FAILED or CANCELLED.

    Args:
        executor: where clips are made; a Lineup where there are several models.
        sandbox: what decodes people's files.
        max_queue: jobs that may wait.
        max_batch: requests that are made at once.
        max_batch_seconds: seconds of audio that are made at once.
        bearable: how slow a clip may become by those beside it.
        available: bytes that may yet be taken, None if nobody knows; asked when a model was
            loaded or has left.
        max_audio_seconds: the longest audio prompt, up to where it is continued.
        keep: ended jobs that late watchers can still ask for.
        keep_seconds: how long they can.
    """

    def __init__(
        self,
        executor: Executor | Lineup,
        sandbox: AudioReader,
        *,
        max_queue: int = 50,
        max_batch: int = 4,
        max_batch_seconds: float = 240.0,
        bearable: Bearable | None = None,
        available: Callable[[], int | None] = available_memory,
        max_audio_seconds: float = 60.0,
        keep: int = 32,
        keep_seconds: float = 900.0,
    ) -> None:
        self.lineup = executor if isinstance(executor, Lineup) else Lineup.of(executor)
        self.lineup.changed = self._measure_room
        self._sandbox = sandbox
        self._max_audio_seconds = max_audio_seconds
        self._scheduler = Scheduler(
            max_queue=max_queue, max_batch=max_batch, max_batch_seconds=max_batch_seconds
        )
        self._ledger: Ledger[JobUpdate] = Ledger(keep, keep_seconds)
        self._bench = Workbench(max_batch, bearable or Bearable())
        self._available = available
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
        """What the default model is and can do, once started."""
        info = self.lineup.info(self.lineup.default)
        if info is None:
            raise BackendError("The music service has not been started.")
        return info

    @property
    def models(self) -> tuple[str, ...]:
        """The short names of the models; the first plays where nobody names one."""
        return self.lineup.names

    def model(self, name: str | None) -> str:
        """Return the model that plays where one was named: that one, or the default.

        A model may have been named before somebody took it away.
        """
        return self.lineup.find(name) or self.lineup.default

    def info_of(self, model: str) -> ModelInfo | None:
        """Return what a model is and can do; None: it was never loaded."""
        return self.lineup.info(model)

    def speed_of(self, model: str) -> float | None:
        """Return the seconds of a clip that are made in a second; None: it was not measured."""
        took = self._bench.paces[model].seconds_for(1)
        return 1 / (took * self._info(model).frame_rate) if took else None

    async def start(self) -> ModelInfo:
        """Load the default model and begin to take jobs.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return await self.lineup.start()

    async def read_audio(self, data: bytes, until: float | None = None) -> AudioPrompt:
        """Decode a person's file, no further than the second `until` needs.

        Raises:
            InvalidRequest: the text says what is wrong with it.
        """
        return await self._sandbox.read(data, self._max_audio_seconds, until)

    def check(
        self, request: GenerationRequest, places: int = 1, *, model: str | None = None
    ) -> None:
        """Refuse what could not be submitted now, so many times.

        Raises:
            InvalidRequest: this model cannot make it.
            QueueFull: too many wait.
        """
        if self._closed:
            raise BackendError("The music service is shutting down.")
        check_possible(request, self.lineup.info(self.model(model)))
        self._scheduler.require(places, retry_after=self._bench.soon())

    async def submit(
        self,
        request: GenerationRequest,
        owner: str,
        group: str = "",
        *,
        model: str | None = None,
        promised: bool = False,
    ) -> Job:
        """Accept a request; one that was promised a place before waits in a full queue too.

        Groups have equal shares of what is made, and the owners in each of its share, whichever
        models they ask for. One model plays at a time, so that who waits can be told how long.

        Raises:
            InvalidRequest: this model cannot make it.
            QueueFull: too many wait.
        """
        self.check(request, places=0 if promised else 1, model=model)
        job = Job(uuid.uuid4().hex, request, owner, group, self.model(model))
        self._scheduler.add(job)
        self._ledger.publish(JobUpdate(job, JobState.QUEUED))
        self._refresh_queue()
        # Later, so that whoever submitted can watch the job wait.
        asyncio.get_running_loop().call_soon(self._fill)
        return job

    def watch(self, job_id: str) -> AsyncIterator[JobUpdate]:
        """Iterate over the job's current state and its changes, up to and including its end.

        Raises:
            InvalidRequest: the job is not known, or ended too long ago.
        """
        return self._ledger.watch(job_id)

    async def quiet(self, seconds: float) -> None:
        """Wait until no job waits or is being made, so long at most."""
        await self._ledger.quiet(seconds)

    async def cancel(self, job_id: str) -> bool:
        """Cancel a job that waits or runs; False: it has ended, or is not known."""
        update = self._ledger.latest(job_id)
        if update is None or update.state.ended:
            return False
        self._scheduler.remove(update.job)
        self._end(update.job, JobState.CANCELLED, error=JobCancelled())
        making = self._bench.find(update.job)
        if making is not None and making.task is not None:
            making.task.cancel()
        self._refresh_queue()
        return True

    async def close(self) -> None:
        """Refuse new jobs, cancel those that wait or run, and stop the worker."""
        self._closed = True
        for update in self._ledger.open():
            await self.cancel(update.job_id)
        tasks = self._bench.tasks
        await asyncio.gather(self.lineup.close(), self._sandbox.close())
        await asyncio.gather(*tasks, return_exceptions=True)

    def _info(self, model: str) -> ModelInfo:
        """Return what is known of a model; where it was never loaded, the default's."""
        return self.lineup.info(model) or self.info

    def _measure_room(self) -> None:
        """Find out for how many seconds memory has room in each loaded model, and use them."""
        room = self._available()
        for model in self.models:
            info = self.lineup.info(model)
            if info is not None and self.lineup.awake(model):
                fitting = math.inf
                if room is not None and info.cache_bytes_per_second:
                    fitting = MEMORY_SHARE * room / info.cache_bytes_per_second
                self._scheduler.limit_seconds(model, fitting)
        self._fill()

    def _fill(self) -> None:
        """Begin what may be begun."""
        while not self._closed and (chosen := self._next()) is not None:
            job, attempt, alone = chosen
            frames, loading = self._frames(job), self.lineup.loading(job.model)
            making = self._bench.begin(job, frames, attempt, alone=alone, loading=loading)
            making.task = asyncio.create_task(self._make(making), name=f"job {job.id}")
            # Not at the task's own end: one that is cancelled before it begins has none.
            making.task.add_done_callback(partial(self._clear, making))
            self._ledger.publish(making.update())
        self._refresh_queue()

    def _next(self) -> tuple[Job, int, bool] | None:
        """Return the next job, its attempt, and whether it must be alone; None: nobody may."""
        if (again := self._bench.next_retry(self._wanted)) is not None:
            if len(self._bench):
                return None
            self._bench.take_retry()
            return *again, True
        if self._bench.taken:
            return None
        # Before a model was loaded nobody knows for how many memory has room.
        known = not len(self._bench) or self.lineup.info(self._bench.model) is not None
        more = known and self._bench.worth_one_more
        job = self._scheduler.take(self._bench.jobs, more=more)
        return None if job is None else (job, 1, False)

    async def _make(self, making: Making) -> None:
        """Bring a job to its end, or to a turn of its own after a failure."""
        job = making.job
        try:
            with contained("Making the clip"):
                async with self.lineup.playing(job.model) as executor:
                    # When it was submitted, nothing may have been known of its model.
                    check_possible(job.request, self.lineup.info(job.model))
                    clip = await executor.generate(job.request, partial(self._on_progress, making))
            making.lap.finish()
            self._end(job, JobState.DONE, clip=clip)
        except MusicGenError as error:
            self._failed(making, error)

    def _clear(self, making: Making, _: asyncio.Task[None]) -> None:
        self._bench.clear(making)
        if self._wanted(making.job) and not self._bench.retries(making.job):
            # The task was cancelled though the job was not: it ends all the same.
            self._end(making.job, JobState.CANCELLED, error=JobCancelled())
        self._fill()

    def _failed(self, making: Making, error: MusicGenError) -> None:
        """End a job that failed, or let it try again, alone where others may have been at fault."""
        job, lost = making.job, isinstance(error, WorkerLost)
        if isinstance(error, JobCancelled):
            self._end(job, JobState.CANCELLED, error=error)
        elif (making.accompanied and isinstance(error, BackendError)) or (
            lost and making.attempt < MOST_ATTEMPTS
        ):
            log.warning("Attempt %s at a job failed: %s", making.attempt, error)
            self._bench.retry(job, making.attempt + lost)
            self._ledger.publish(JobUpdate(job, JobState.RUNNING, attempt=making.attempt + lost))
        else:
            self._end(job, JobState.FAILED, error=WorkerLost(APOLOGY) if lost else error)

    def _on_progress(self, making: Making, progress: Progress) -> None:
        self._bench.advance(making, progress)
        self._ledger.publish(making.update())
        if time.monotonic() - self._refreshed >= REFRESH_EVERY:
            self._refresh_queue()

    def _refresh_queue(self) -> None:
        """Tell those who wait their place and time."""
        self._refreshed = time.monotonic()
        plan = self._scheduler.plan()
        lefts = self._bench.forecast(plan, self._frames, self.lineup.loading)
        for position, (job, left) in enumerate(zip(plan, lefts, strict=True), 1):
            self._ledger.publish(
                JobUpdate(job, JobState.QUEUED, position=position, seconds_left=left)
            )

    def _frames(self, job: Job) -> int:
        return job.request.frames(self._info(job.model).frame_rate)

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

    def _wanted(self, job: Job) -> bool:
        """Whether a job has not ended."""
        update = self._ledger.latest(job.id)
        return update is not None and not update.state.ended
