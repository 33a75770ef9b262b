"""MusicGen by mindjam's engines; see compare.py."""

from __future__ import annotations

import json
import sys
import time

from musicgen_core.benchmark.step_times import median_step
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest


def main() -> None:
    """Answer each line of JSON on stdin with one on stdout."""
    folder, engine_name, precision = sys.argv[1:4]
    checkpoint = load_checkpoint(folder)
    engine = choose_engine(engine_name, precision).create(checkpoint)
    core, books = MusicGen(checkpoint, engine), checkpoint.config.decoder.codebooks
    core.generate([GenerationRequest("warm", 3.0, seed=1)])  # compiles EnCodec's windows
    print(json.dumps({"ready": f"mindjam, {engine.name} {engine.precision}"}), flush=True)
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        if "context" in order:
            found = median_step(engine, books, 1, order["context"])
        else:
            began = time.perf_counter()
            text = f"80s pop track with bassy drums and synth take {number}"
            core.generate([GenerationRequest(text, order["seconds"], seed=number)])
            found = time.perf_counter() - began
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
