"""How fast this host reads memory, and what that leaves for a step.

    .venv/bin/python -m benchmarks.memory_probe [--threads 2] [--gigabytes 1] [--repeat 7]

A step reads every weight once, so it takes at least the weights' bytes divided by this figure.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import DecoderConfig, ModelConfig
from musicgen_core.checkpoint.random_weights import SIZES
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.host import usable_cores

WEIGHT_BYTES = {"int8": 1, "fp32": 4}
CACHE_BYTES = {"int8": 1, "fp32": 4}
READERS: dict[str, Callable[[npt.NDArray[np.float32]], Any]] = {
    "sum": np.sum,
    "max": np.max,
    "dot": lambda part: np.dot(part, part),
}
"""All let other threads run meanwhile; which keeps up with memory depends on the processor."""


def bandwidth(gigabytes: float, threads: int, repeat: int) -> float:
    """Return bytes a second: the best of `repeat` passes of the best reader over one array."""
    # Ones, not zeros: fresh zeros share one page of memory until they are written to.
    array = np.ones(int(gigabytes * 1e9) // 4, np.float32)
    parts = np.array_split(array, threads)
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for reader in READERS.values():
            for _ in range(repeat):
                begun = time.perf_counter()
                list(pool.map(reader, parts))
                best = min(best, time.perf_counter() - begun)
    return array.nbytes / best


def weights_read(config: ModelConfig) -> int:
    """Return how many weights a step reads; the text's keys and values are computed only once."""
    total = 0
    for name, shape in tensor_shapes(config):
        linear = name.startswith("decoder.") and len(shape) == 2 and "embed" not in name
        if linear and ".encoder_attn.k_proj" not in name and ".encoder_attn.v_proj" not in name:
            total += int(np.prod(shape))
    return total


def cache_read(config: DecoderConfig, context: int, rows: int = 2) -> int:
    """Return how many keys and values a step of one person with guidance attends to."""
    return 2 * config.layers * rows * context * config.hidden


def bound_ms(config: ModelConfig, precision: str, context: int, bytes_per_second: float) -> float:
    """Return the least milliseconds that a step's reading takes."""
    weights = weights_read(config) * WEIGHT_BYTES[precision]
    cache = cache_read(config.decoder, context) * CACHE_BYTES[precision]
    return 1000 * (weights + cache) / bytes_per_second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=usable_cores())
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    speed = bandwidth(options.gigabytes, options.threads, options.repeat)
    print(f"{options.threads} threads read {speed / 1e9:.1f} GB/s")
    for size, config in SIZES.items():
        for precision in WEIGHT_BYTES:
            bounds = ", ".join(
                f"{bound_ms(config, precision, context, speed):.2f} at {context}"
                for context in (50, 500, 1500)
            )
            millions = weights_read(config) / 1e6
            print(f"{size} {precision}: {millions:.0f} M weights, at least {bounds} ms a step")


if __name__ == "__main__":
    main()
