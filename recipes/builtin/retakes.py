"""What one clip in ten decides, on more clips than measure.py makes: pairs of prompts, 30 s clips.

    python -m recipes.builtin.retakes REPORT.json [CHECKPOINT] [--pairs 60] [--seeds 3]

The product's own engine plays, numba in eight bits, so PyTorch is not needed. The figures replace
those of measure.py in the report; clips are kept beside it, in REPORT.clips.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from musicgen_core.checkpoint.loading import load_checkpoint
from recipes.builtin import figures
from recipes.builtin.figures import Figures, Generate
from recipes.builtin.kept_clips import KeptClips
from recipes.builtin.prompts import contrasting_pairs, held_out_prompts
from recipes.builtin.rounding import Engine
from recipes.builtin.voices import Codes

_ENGINE, _PRECISION = "numba", "int8"
_BUILTIN = Path(__file__).parents[2] / "musicgen_core" / "checkpoint" / "builtin"
_PAIRED, _LONG = 1000, 1500
"""Frames."""
_LONG_CLIPS, _LONG_SEEDS = 60, 2


class Kept:
    """A way of generating that asks for nothing twice."""

    def __init__(self, generate: Generate, clips: KeptClips) -> None:
        self._generate, self._clips = generate, clips

    def __call__(self, texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        """Codes [9, frames] for every text."""
        asked = (_ENGINE, _PRECISION, list(texts), frames, seed)
        return list(self._clips.get(asked, lambda: np.stack(self._generate(texts, frames, seed))))


def retaken(generate: Generate, pairs: int, seeds: Sequence[int]) -> Figures:
    """Two groups of the report, and how they were measured."""
    long = figures.listen(held_out_prompts(_LONG_CLIPS), range(1, _LONG_SEEDS + 1), _LONG, generate)
    return {
        "pairs": figures.pairs_told_apart(contrasting_pairs(pairs), seeds, _PAIRED, generate),
        "30 s clips": {**figures.rhythm(long), "adherence": figures.adherence(long)},
        "retaken": {
            "engine": f"{_ENGINE}, {_PRECISION}",
            "pairs": pairs,
            "seeds of pairs": len(seeds),
            "30 s clips": _LONG_CLIPS,
            "seeds of 30 s clips": _LONG_SEEDS,
        },
    }


def main() -> None:
    """Read the command line, measure, write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("checkpoint", type=Path, nargs="?", default=_BUILTIN)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    engine = Engine(load_checkpoint(str(options.checkpoint)), _PRECISION)
    kept = Kept(engine, KeptClips(options.report.with_suffix(".clips"), options.checkpoint))
    found = retaken(kept, options.pairs, range(1, options.seeds + 1))
    report = json.loads(options.report.read_text("utf-8")) | found
    text = json.dumps(report, ensure_ascii=False, indent=1)
    options.report.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{json.dumps(found, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main()
