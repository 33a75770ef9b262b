"""How fast a model of a size is on this host, measured in a fresh process."""

from __future__ import annotations

import itertools
import multiprocessing
import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.random_weights import random_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.errors import WorkerLost
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest, Progress

SIZES = ("builtin", "tiny", "small", "medium")
_WARM_UP_SECONDS = 0.08


@dataclass(frozen=True, slots=True)
class Workload:
    """`batch` people at once ask for `seconds` each, with text and guidance."""

    size: str = "builtin"
    engine: str = "auto"
    precision: str = "auto"
    batch: int = 1
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times in seconds but where a name says otherwise."""

    engine: str
    precision: str
    batch: int
    seconds: float
    ms_per_step: float
    """Median over the steps of one run, guidance and sampling included."""
    rtf: float
    """One person's audio seconds per wall second, whole pipeline, warm."""
    aggregate_rtf: float
    """The same, all people's audio together."""
    cold_start_s: float
    """From process start to the first clip of four frames, making random weights excluded."""
    peak_rss_mb: float


def measure(work: Workload) -> Figures:
    """Run `work` in a process of its own, so that start and memory are its own too.

    Raises:
        ModelUnavailable: the engine cannot run here.
        WorkerLost: the process died, most likely for want of memory.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        try:
            return pool.submit(_measure_here, work, time.time()).result()
        except BrokenProcessPool as exc:
            raise WorkerLost("The benchmark's process died; is there enough memory?") from exc


def _measure_here(work: Workload, started: float) -> Figures:
    choice = choose_engine(work.engine, work.precision)
    making = time.perf_counter()
    checkpoint = _checkpoint(work.size)
    making = 0.0 if work.size == "builtin" else time.perf_counter() - making
    core = MusicGen(checkpoint, choice.create(checkpoint))
    core.generate(_requests(work, _WARM_UP_SECONDS))
    cold = time.time() - started - making
    steps: list[float] = []

    def tick(progress: Progress) -> None:
        steps.append(time.perf_counter())

    begun = time.perf_counter()
    core.generate(_requests(work, work.seconds), tick)
    wall = time.perf_counter() - begun
    gaps = [later - sooner for sooner, later in itertools.pairwise(steps)]
    return Figures(
        engine=choice.engine,
        precision=choice.precision,
        batch=work.batch,
        seconds=work.seconds,
        ms_per_step=round(1000 * statistics.median(gaps), 2),
        rtf=round(work.seconds / wall, 4),
        aggregate_rtf=round(work.batch * work.seconds / wall, 4),
        cold_start_s=round(cold, 2),
        peak_rss_mb=round(_peak_rss_mb(), 1),
    )


def _checkpoint(size: str) -> Checkpoint:
    return load_checkpoint("builtin") if size == "builtin" else random_checkpoint(size)


def _requests(work: Workload, seconds: float) -> list[GenerationRequest]:
    text = "80s pop track with bassy drums and synth"
    return [GenerationRequest(text, seconds, seed=seed) for seed in range(work.batch)]


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
