"""What came of a job, put into the database and the clips' folder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from musicgen_core.errors import BackendError, JobCancelled, MusicGenError, StorageUnavailable
from musicgen_core.jobs import JobState
from musicgen_core.requests import Clip
from musicgen_core.storage import ClipRecord, JobRecord, NewClip, Storage

log = logging.getLogger(__name__)


class Outcome:
    """Records how jobs begin and end; a database or a disk that fails is only logged."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def begun(self, job: JobRecord) -> bool:
        """Store that a job runs; False: it has been deleted or cancelled meanwhile."""
        try:
            return await self._storage.jobs.claim(job.id) is not None
        except StorageUnavailable as exc:
            log.error("The beginning of job %s cannot be stored: %s", job.id, exc)  # noqa: TRY400
            return True

    async def done(self, job: JobRecord, made: Sequence[Clip]) -> tuple[ClipRecord, ...]:
        """Store a job's clips and that it is done; nothing where the disk does not take them.

        The clips can still be delivered then.
        """
        try:
            clips = [await self._stored(job, clip) for clip in made]
            return tuple(await self._storage.jobs.finish(job.id, clips) or ())
        except StorageUnavailable as exc:
            log.error("Job %s is done, but cannot be kept: %s", job.id, exc)  # noqa: TRY400
            await self.failed(job, exc)
            return ()

    async def failed(self, job: JobRecord, error: Exception) -> dict[str, Any]:
        """Store that a job failed or was cancelled; return the new `state` and `error`."""
        if not isinstance(error, MusicGenError):
            log.error("Job %s", job.id, exc_info=error)
            error = BackendError(f"{type(error).__name__}: {error}")
        cancelled = isinstance(error, JobCancelled)
        try:
            if cancelled:
                await self._storage.jobs.cancel(job.id)
            else:
                await self._storage.jobs.fail(job.id, str(error))
        except StorageUnavailable as exc:
            log.error("The end of job %s cannot be stored: %s", job.id, exc)  # noqa: TRY400
        state = JobState.CANCELLED if cancelled else JobState.FAILED
        return {"state": state, "error": error}

    async def _stored(self, job: JobRecord, clip: Clip) -> NewClip:
        file = await self._storage.files.write(await asyncio.to_thread(clip.encode), "wav")
        return NewClip(
            file=file,
            seconds=clip.seconds,
            sample_rate=clip.sample_rate,
            channels=clip.samples.shape[0],
            title=job.title,
        )
