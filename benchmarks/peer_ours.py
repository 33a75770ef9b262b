"""mindjam's side of peers.py: measures what each line of JSON on standard input asks for.

peer_ours.py FOLDER ENGINE/PRECISION
"""

from __future__ import annotations

import json
import sys
import time
from importlib import metadata
from typing import Any

from musicgen_core.benchmark.step_times import median_step
from musicgen_core.benchmark.workload import prompt
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.host import usable_cores
from musicgen_core.model.decoding import NativeEngine
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest


class Ours:
    """A loaded model."""

    def __init__(self, folder: str, engine: str, precision: str) -> None:
        checkpoint = load_checkpoint(folder)
        self._engine = choose_engine(engine, precision).create(checkpoint)
        if not isinstance(self._engine, NativeEngine):
            raise SystemExit(f"{engine} has no steps of its own to measure.")
        self._core = MusicGen(checkpoint, self._engine)
        self._codebooks = checkpoint.config.decoder.codebooks

    def step_ms(self, context: int) -> float:
        """One person's median step, guidance and sampling included."""
        return median_step(self._engine, self._codebooks, 1, context)

    def clip_seconds(self, seconds: float, take: int) -> float:
        """Wall time of one clip, text to sound."""
        request = GenerationRequest(prompt(take), seconds, seed=take)
        begun = time.perf_counter()
        self._core.generate([request])
        return time.perf_counter() - begun


def main() -> None:
    folder, choice = sys.argv[1:]
    engine, precision = choice.split("/")
    # Answers go to the parent alone; what libraries print goes where errors go.
    answers, sys.stdout = sys.stdout, sys.stderr
    ours = Ours(folder, engine, precision)
    package = "mindspore" if engine == "mindspore" else "openvino"
    about = f"mindjam {choice}, {package} {metadata.version(package)}"

    def answer(value: dict[str, Any]) -> None:
        print(json.dumps(value), file=answers, flush=True)

    answer({"about": about, "threads": usable_cores()})
    for line in sys.stdin:
        task = json.loads(line)
        if "context" in task:
            answer({"value": ours.step_ms(task["context"])})
        else:
            answer({"value": ours.clip_seconds(task["seconds"], task["take"])})


if __name__ == "__main__":
    main()
