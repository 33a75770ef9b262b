"""What eight bits cost the built-in checkpoint: the same prompts and seeds by int8 and by float32.

    python -m recipes.builtin.rounding [CHECKPOINT] [--prompts 32] [--seeds 1] [--frames 1000]

Codes come from the language model's loop of the engine numba, as they do in a clip; what of a
prompt is met is heard from them. A sampled clip differs wholly once one token does, so the two are
compared by how many prompts only one of them gets right (McNemar 1947).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from math import comb

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.model.protocols import Row
from musicgen_core.requests import SamplingParams
from recipes.builtin import figures
from recipes.builtin.figures import Heard
from recipes.builtin.prompts import held_out_prompts
from recipes.builtin.voices import Codes

_ROWS = 16
"""Clips generated at once."""


class Engine:
    """The checkpoint on the engine numba in one precision."""

    def __init__(self, checkpoint: Checkpoint, precision: str) -> None:
        self._checkpoint = checkpoint
        self._engine = choose_engine("numba", precision).create(checkpoint)

    def __call__(self, texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        """Codes [9, frames] for every text, each with a seed of its own."""
        found: list[Codes] = []
        for at in range(0, len(texts), _ROWS):
            found += self._together(texts[at : at + _ROWS], frames, seed * 1000 + at)
        return found

    def _together(self, texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        sampling = SamplingParams().over(self._checkpoint.defaults)
        tokenize = self._checkpoint.processor.tokenize
        ensemble = self._engine.ensemble()
        seats = [
            ensemble.join(Row(frames, seed + n, sampling, None if text is None else tokenize(text)))
            for n, text in enumerate(texts)
        ]
        while not all(seat.done for seat in seats):
            ensemble.step(lambda: None)
        return [seat.codes(0) for seat in seats]


def compared(rounded: Sequence[Heard], exact: Sequence[Heard]) -> dict[str, object]:
    """Count the attributes that only one of two clips of a prompt misses.

    `chance` is how likely so uneven a split is where both are equally good.
    """
    only: Counter[str] = Counter()
    for one, other in zip(rounded, exact, strict=True):
        only["int8"] += len(set(one.missed) - set(other.missed))
        only["fp32"] += len(set(other.missed) - set(one.missed))
    return {"missed only by": dict(only), "chance": round(sign_test(*only.values()), 4)}


def sign_test(one: int, other: int) -> float:
    """Return how likely a fair coin falls at least so unevenly, to either side."""
    tosses, most = one + other, max(one, other)
    tail = sum(comb(tosses, heads) for heads in range(most, tosses + 1))
    return min(1.0, 2 * tail / 2**tosses)


def main() -> None:
    """Generate, hear and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", nargs="?", default="builtin")
    parser.add_argument("--prompts", type=int, default=32)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--frames", type=int, default=1000)
    options = parser.parse_args()
    checkpoint = load_checkpoint(options.checkpoint)
    prompts, seeds = held_out_prompts(options.prompts), range(1, options.seeds + 1)
    heard = {
        precision: figures.listen(prompts, seeds, options.frames, Engine(checkpoint, precision))
        for precision in ("int8", "fp32")
    }
    for precision, found in heard.items():
        report = {"adherence": figures.adherence(found), "rhythm": figures.rhythm(found)}
        sys.stdout.write(f"{precision}: {json.dumps(report)}\n")
    sys.stdout.write(f"{json.dumps(compared(heard['int8'], heard['fp32']))}\n")


if __name__ == "__main__":
    main()
