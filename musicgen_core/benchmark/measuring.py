"""A workload -> its figures, each start in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from musicgen_core.benchmark.clip_times import Run, clip_run, first_sound
from musicgen_core.benchmark.random_folder import write_random_folder
from musicgen_core.benchmark.step_times import contexts_of, median_gap, median_step
from musicgen_core.benchmark.workload import Figures, Workload, figure
from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.errors import WorkerLost
from musicgen_core.host import child_environment, inherited, usable_cores
from musicgen_core.model.decoding import NativeEngine
from musicgen_core.model.protocols import Engine
from musicgen_core.musicgen import MusicGen

_FOUR_FRAMES = 0.08
Result = TypeVar("Result")


def measure(work: Workload) -> Figures:
    """Run `work` in a process of its own, so that start and memory are its own too.

    Random weights are written by another process, and the graphs that an engine keeps on disk by
    a start before: the figures are those of somebody who has a checkpoint and has used it.

    Raises:
        ModelUnavailable: the engine cannot run here, or random weights find no room.
        WorkerLost: the process died, most likely for want of memory.
    """
    choose_engine(work.engine, work.precision)  # refuse before gigabytes are written
    with TemporaryDirectory(prefix="mindjam-bench-") as place:
        folder, cache = Path(place, f"random-{work.size}"), Path(place, "cache")
        if work.size != "builtin":
            _in_a_fresh_process(write_random_folder, work.size, folder)
        name = work.size if work.size == "builtin" else str(folder)
        _in_a_fresh_process(_start, work, name, cache)
        return _in_a_fresh_process(_measure_here, work, name, cache, time.time())


def _in_a_fresh_process(task: Callable[..., Result], *arguments: object) -> Result:
    spawn = multiprocessing.get_context("spawn")
    worker = child_environment(usable_cores())  # what the bot's worker is started with
    with inherited(worker), ProcessPoolExecutor(1, mp_context=spawn) as pool:
        try:
            return pool.submit(task, *arguments).result()
        except BrokenProcessPool as exc:
            raise WorkerLost("The benchmark's process died; is there enough memory?") from exc


def _start(work: Workload, name: str, cache: Path) -> None:
    """Start once, for what an engine keeps on disk; MindNLP keeps nothing."""
    if choose_engine(work.engine, work.precision).engine != "mindnlp":
        _loaded(work, name, cache)


def _loaded(work: Workload, name: str, cache: Path) -> tuple[Checkpoint, Engine]:
    """Load the model as everybody does, with graphs kept under `cache`, apart from the user's."""
    os.environ["XDG_CACHE_HOME"] = str(cache)
    checkpoint = load_checkpoint(name)
    return checkpoint, choose_engine(work.engine, work.precision).create(checkpoint)


def _measure_here(work: Workload, name: str, cache: Path, started: float) -> Figures:
    checkpoint, engine = _loaded(work, name, cache)
    core = MusicGen(checkpoint, engine)
    core.generate(work.requests(0, _FOUR_FRAMES))
    cold = time.time() - started
    if isinstance(engine, NativeEngine):
        clip_run(core, work, 1)  # what is compiled when it is first met is part of the load
    takes = range(2, 2 + work.repeat)
    runs = [clip_run(core, work, take) for take in takes]
    sounds = [first_sound(core, work.requests(take + work.repeat)[0]) for take in takes]
    peak = _peak_rss_mb()  # before prompts as long as 30 s are read all at once
    rates = [work.seconds / run.wall for run in runs]
    return Figures(
        engine=engine.name,
        precision=engine.precision,
        batch=work.batch,
        seconds=work.seconds,
        ms_per_step=_steps(work, checkpoint, engine, runs),
        rtf=figure(rates, 4),
        aggregate_rtf=figure([work.batch * rate for rate in rates], 4),
        first_sound_s=figure(sounds, 3),
        cold_start_s=round(cold, 2),
        peak_rss_mb=round(peak, 1),
    )


def _steps(
    work: Workload, checkpoint: Checkpoint, engine: Engine, runs: list[Run]
) -> dict[int, float]:
    """Return the median step in ms at each context; stock generation only has its clip's own."""
    if isinstance(engine, NativeEngine):
        books = checkpoint.config.decoder.codebooks
        frames = work.requests(0)[0].frames(engine.codec.sample_rate / engine.codec.hop)
        times = {
            context: median_step(engine, books, work.batch, context)
            for context in contexts_of(frames)
        }
    else:
        gaps = [median_gap(run.ticks) for run in runs]
        times = {context: statistics.median(gap[context] for gap in gaps) for context in gaps[0]}
    return {context: round(ms, 2) for context, ms in times.items()}


def _peak_rss_mb() -> float:
    try:
        # getrusage would count what the parent held when this process was forked from it.
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    return next(int(line.split()[1]) / 2**10 for line in status.splitlines() if "VmHWM" in line)
