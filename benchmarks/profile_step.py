"""Who takes the time: in a step, in a clip, in a cold start of the engines openvino and numba.

    .venv/bin/python -m benchmarks.profile_step [--size small|builtin] [--precision int8]
        [--engine openvino|numba] [--only start|clip|step] [--contexts 50 500 1500] [--seconds 5]

Of a step, OpenVINO tells its nodes; Numba's is one function, of which there is nothing to tell.

A share is of what was measured in this run, with random weights or the built-in checkpoint;
benchmarks.memory_probe says what memory alone would allow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.timed_parts import Stopwatch, Times, timed_core
from musicgen_core.benchmark.random_folder import write_random_folder
from musicgen_core.benchmark.workload import prompt
from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from musicgen_core.model.sampling import Choice, RowSampler, guidance
from musicgen_core.requests import (
    AudioPrompt,
    GenerationDefaults,
    GenerationRequest,
    SamplingParams,
)

if TYPE_CHECKING:
    from musicgen_core.engines.openvino.decoder import OpenVINODecoder

ROOT = Path(__file__).resolve().parents[1]
STEPS, WARM_UP = 20, 2
SMALL = 0.005
LOAD = """import sys
from musicgen_core.musicgen import MusicGen
MusicGen.load(sys.argv[1], engine=sys.argv[2], precision=sys.argv[3])"""
GROUPS = {
    "FullyConnected": "weights",
    "FullyConnectedCompressed": "weights",
    "ScaledDotProductAttention": "attention",
    "ScaledDotProductAttentionWithKVCache": "attention",
    "MatMul": "attention",
    "Softmax": "attention",
    "ReadValue": "attention",
    "Assign": "attention",
    "MemoryInput": "attention",
    "MemoryOutput": "attention",
    "Gather": "embedding",
    "ReduceSum": "embedding",
}
"""OpenVINO's node types by what they do for us; the rest are norms, sums and activations."""


def show(title: str, seconds: Mapping[str, float]) -> None:
    """Print a table of times, the longest first, with their shares; small ones are summed."""
    whole = sum(seconds.values())
    large = {part: taken for part, taken in seconds.items() if abs(taken) >= SMALL * whole}
    rows = sorted(large.items(), key=lambda item: -item[1])
    rows.append(("others", whole - sum(large.values())))
    print(f"\n{title}: {1000 * whole:.2f} ms\n\n| part | ms | share |\n|---|---|---|")
    for part, taken in rows:
        print(f"| {part} | {1000 * taken:.3f} | {100 * taken / whole:.1f} % |")


def profile_start(folder: Path, engine: str, precision: str) -> None:
    """Sum the imports of a start by package; everything else is reading and compiling."""
    command = [sys.executable, "-X", "importtime", "-c", LOAD, str(folder), engine, precision]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for _ in range(2):  # the second start finds its graphs on disk
        begun = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        wall = time.perf_counter() - begun
    imports = import_times(done.stderr)
    imports["everything but imports"] = wall - sum(imports.values())
    show("A start up to the loaded model", imports)


def import_times(report: str) -> Times:
    """Sum what `-X importtime` reports as each module's own seconds by top-level package."""
    seconds: Times = defaultdict(float)
    for line in report.splitlines():
        if not line.startswith("import time:") or "[us]" in line:
            continue
        own, _, name = line.removeprefix("import time:").split("|")
        seconds[f"import {name.strip().split('.')[0]}"] += int(own) / 1e6
    return seconds


def profile_clip(checkpoint: Checkpoint, engine: str, precision: str, length: float) -> None:
    """Time the parts of a clip that goes on from a second of sound."""
    watch = Stopwatch()
    core = timed_core(checkpoint, engine, precision, watch)
    rate = checkpoint.config.codec.sample_rate
    noise = np.random.default_rng(0).standard_normal((1, rate), dtype=np.float32)
    heard = AudioPrompt(noise * np.float32(0.1), rate)
    for take in range(2):  # the first compiles
        watch.seconds.clear()
        request = GenerationRequest(prompt(take), length, audio=heard, seed=take)
        begun = time.perf_counter()
        core.generate([request])
        wall = time.perf_counter() - begun
    parts = watch.seconds.copy()
    parts["sampling, guidance, Python between"] = wall - sum(parts.values())
    show(f"A clip of {length:g} s behind 1 s of sound", parts)


def profile_step(checkpoint: Checkpoint, precision: str, context: int) -> None:
    """Time a step's nodes as OpenVINO counts them, the sampler, and the rest around them."""
    from musicgen_core.engines.openvino import load_language_model
    from musicgen_core.engines.openvino.graphs import default_cache

    # A graph of its own for each context: its counters start at zero.
    lm = load_language_model(checkpoint, precision, graph_cache=default_cache())
    choice = Choice.of(SamplingParams().over(GenerationDefaults()))
    choose = RowSampler(choice, seed=0)
    rng = np.random.default_rng(0)
    text = rng.standard_normal((12, checkpoint.config.text.hidden), dtype=np.float32)
    before = max(0, context - STEPS // 2)
    decoder = lm.begin([text, None], before + WARM_UP + STEPS)
    columns = rng.integers(0, lm.start_token, (lm.codebooks, before))
    for row in range(2) if before else ():
        decoder.prefill(row, columns)
    groups: Times = defaultdict(float)
    guided = guidance([choice.guidance_scale])
    column = np.full(lm.codebooks, lm.start_token)
    runs = WARM_UP + bool(before)
    for number in range(WARM_UP + STEPS):
        if number == WARM_UP:
            warmed = node_totals(decoder, runs)
        begun = time.perf_counter()
        logits = decoder.step(np.stack([column, column]), guided)
        stepped = time.perf_counter()
        column = choose(logits[0])
        if number >= WARM_UP:
            groups["sampling"] += (time.perf_counter() - stepped) / STEPS
            groups["OpenVINO between nodes, Python"] += (stepped - begun) / STEPS
    types: Times = defaultdict(float)
    for (kind, kernel), total in node_totals(decoder, runs + STEPS).items():
        taken = (total - warmed[kind, kernel]) / STEPS
        types[f"{kind} ({kernel})"] += taken
        groups[GROUPS.get(kind, "norms, sums, activations")] += taken
        groups["OpenVINO between nodes, Python"] -= taken
    show(f"A step at context {context}", groups)
    show(f"Its nodes at context {context}, by type and kernel", types)


def node_totals(decoder: OpenVINODecoder, runs: int) -> defaultdict[tuple[str, str], float]:
    """Return seconds by a node's type and kernel since the graph was compiled, `runs` runs ago."""
    seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
    # Nobody else asks a running batch for its request. The CPU plugin reports means of all runs.
    for node in decoder._request.get_profiling_info():
        seconds[node.node_type, node.exec_type] += runs * node.real_time.total_seconds()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="small", choices=("tiny", "small", "medium", "builtin"))
    parser.add_argument("--precision", default="int8", choices=("int8", "fp32"))
    parser.add_argument("--engine", default="openvino", choices=("openvino", "numba"))
    parser.add_argument("--only", choices=("start", "clip", "step"))
    parser.add_argument("--contexts", type=int, nargs="+", default=[50, 500, 1500])
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindjam-profile-") as place:
        os.environ["XDG_CACHE_HOME"] = place
        folder = BUILTIN_FOLDER
        if options.size != "builtin":
            folder = Path(place, f"random-{options.size}")
            write_random_folder(options.size, folder)
        if options.only in {None, "start"}:
            profile_start(folder, options.engine, options.precision)
        checkpoint = load_checkpoint(str(folder))
        if options.only in {None, "clip"}:
            profile_clip(checkpoint, options.engine, options.precision, options.seconds)
        if options.only in {None, "step"} and options.engine == "openvino":
            from musicgen_core.engines.openvino.runtime import core

            core().set_property("CPU", {"PERF_COUNT": True})  # what is compiled now counts
            for context in options.contexts:
                profile_step(checkpoint, options.precision, context)


if __name__ == "__main__":
    main()
