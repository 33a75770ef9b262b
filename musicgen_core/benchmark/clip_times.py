"""What whole clips take, from text to sound."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from musicgen_core.benchmark.workload import Workload
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest, Progress, Samples


@dataclass(frozen=True, slots=True)
class Run:
    """One batch of clips."""

    wall: float
    """Seconds."""
    ticks: list[float]
    """When each step was done."""


def clip_run(core: MusicGen, work: Workload, take: int) -> Run:
    """Make everybody's clip at once."""
    ticks: list[float] = []

    def tick(progress: Progress) -> None:
        del progress
        ticks.append(time.perf_counter())

    requests = work.requests(take)
    begun = time.perf_counter()
    core.generate(requests, tick)
    return Run(time.perf_counter() - begun, ticks)


def first_sound(core: MusicGen, request: GenerationRequest) -> float | None:
    """Return the seconds from asking for a clip to its first chunk; None where nothing streams."""
    begun = time.perf_counter()
    chunks = stream(core, request)
    if chunks is None:
        return None
    next(chunks)
    return time.perf_counter() - begun


def stream(core: MusicGen, request: GenerationRequest) -> Iterator[Samples] | None:
    """Return the clip's chunks [C, n] as they are made; None: MusicGen makes whole clips only."""
    # Once MusicGen.stream is here: return iter(core.stream(request))
    del core, request
    return None
