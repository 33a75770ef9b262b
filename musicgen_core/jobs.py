"""A job and what can be told about it: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from musicgen_core.errors import MusicGenError
from musicgen_core.requests import Clip, GenerationRequest, Progress


class JobState(StrEnum):
    """Where a job is; the last three are ends, and every job comes to exactly one of them."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted request."""

    id: str
    request: GenerationRequest
    owner: str
    group: str = ""
    """Whose people share with other groups' people alike: a server."""
    model: str = ""
    """What makes it."""


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """A job as it stands."""

    job: Job
    state: JobState
    position: int = 0
    """1 is next in line; 0 when not queued."""
    progress: Progress | None = None
    """Of this job's clip."""
    seconds_left: float | None = None
    """Until the clip is there, from measured speed; None before any was measured."""
    preview: Clip | None = None
    """The first seconds of the clip, as soon as they are made, where previews are asked for."""
    attempt: int = 1
    """2: the worker died and the job starts over."""
    clip: Clip | None = None
    """Set when DONE."""
    error: MusicGenError | None = None
    """Set when FAILED or CANCELLED; its text may be shown."""

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def sound_bytes(self) -> int:
        """Bytes of the clip, and of what it continues."""
        audio = self.job.request.audio
        given = audio.samples.nbytes if audio is not None else 0
        return given + (self.clip.samples.nbytes if self.clip is not None else 0)
