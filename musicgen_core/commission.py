"""A commission: an accepted job as it stands, put together from the clips that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from musicgen_core.errors import MusicGenError
from musicgen_core.jobs import JobState, JobUpdate
from musicgen_core.requests import (
    MAX_SEED,
    AudioPrompt,
    Clip,
    GenerationRequest,
    SamplingParams,
)
from musicgen_core.storage import ClipRecord, JobRecord, NewJob
from musicgen_core.wording import worded


@dataclass(frozen=True, slots=True)
class Commission:
    """An accepted job as it stands."""

    job: JobRecord
    state: JobState = JobState.QUEUED
    position: int = 0
    """1 is next in line; 0 when not queued."""
    share: float | None = None
    """Made, of all that it asks for, from 0 to 1; None: not begun."""
    seconds_left: float | None = None
    """Until all is made, from measured speed; None before any was measured."""
    preview: Clip | None = None
    """The first seconds of a clip, once they are made, where previews are asked for."""
    attempt: int = 1
    """2: the worker died and a clip starts over."""
    clips: tuple[ClipRecord, ...] = ()
    """Set when DONE; empty where the disk did not take them."""
    made: tuple[Clip, ...] = ()
    """Set when DONE."""
    error: MusicGenError | None = None
    """Set when FAILED or CANCELLED; its text may be shown."""

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def sound_bytes(self) -> int:
        """Bytes of the clips that were made."""
        return sum(clip.samples.nbytes for clip in self.made)

    def at(self, updates: Sequence[JobUpdate]) -> Commission:
        """Return how it stands while its clips stand so."""
        running = [u for u in updates if u.state is not JobState.QUEUED]
        lefts = [u.seconds_left for u in updates if not u.state.ended]
        known = [left for left in lefts if left is not None]
        return replace(
            self,
            state=JobState.RUNNING if running else JobState.QUEUED,
            position=0 if running else min(u.position for u in updates),
            share=sum(map(_share, updates)) / len(updates) if any(map(_share, updates)) else None,
            seconds_left=max(known) if len(known) == len(lefts) and known else None,
            preview=next((u.preview for u in updates if u.preview is not None), None),
            attempt=max(u.attempt for u in updates),
        )


def requests_of(job: NewJob, audio: AudioPrompt | None) -> list[GenerationRequest]:
    """Return what a job asks of the model: a request for each variation, each with its seed.

    Raises:
        InvalidRequest: a value is out of its range.
    """
    sampling = SamplingParams(
        do_sample=job.do_sample,
        guidance_scale=job.guidance,
        temperature=job.temperature,
        top_k=job.top_k,
        top_p=job.top_p,
    )
    first = GenerationRequest(
        prompt=worded(job.prompt, job.style, job.tempo, job.key),
        seconds=job.seconds,
        audio=audio,
        from_second=job.from_second if audio is not None else None,
        hear_seconds=job.hear_seconds if audio is not None else None,
        sampling=sampling,
        seed=job.seed,
    )
    seeds = [None if job.seed is None else (job.seed + n) % (MAX_SEED + 1)
             for n in range(job.variations)]  # fmt: skip
    return [replace(first, seed=seed) for seed in seeds]


def _share(update: JobUpdate) -> float:
    if update.state is JobState.DONE:
        return 1.0
    return update.progress.done / update.progress.total if update.progress else 0.0
