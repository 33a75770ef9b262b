"""What whole clips take, from text to sound."""

from __future__ import annotations

import time
from dataclasses import dataclass

from musicgen_core.benchmark.workload import Workload
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest, Progress


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


def first_sound(core: MusicGen, request: GenerationRequest) -> float:
    """Return the seconds from asking for a clip to its first piece."""
    begun = time.perf_counter()
    next(core.stream(request))
    return time.perf_counter() - begun
