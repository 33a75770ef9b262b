"""What a step takes at a context, asked of an ensemble itself."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Sequence

import numpy as np

from musicgen_core.model.protocols import Engine, Row
from musicgen_core.requests import GenerationDefaults, SamplingParams

CONTEXTS = (50, 500, 1500)
_STEPS, _WARM_UP = 20, 2
_TEXT = tuple(range(2, 14))
_TOKENS = 32
"""Which tokens makes no difference; every codebook has so many."""


def contexts_of(frames: int) -> tuple[int, ...]:
    """Return those of CONTEXTS that a clip of `frames` reaches, or its own length if none."""
    return tuple(context for context in CONTEXTS if context <= frames) or (frames,)


def median_step(engine: Engine, codebooks: int, batch: int, context: int) -> float:
    """Return milliseconds: the median of 20 steps around `context`, guidance and sampling included.

    `batch` people with text have two rows each; a prompt of random tokens brings them there.

    Raises:
        InvalidRequest: the model does not reach so far.
    """
    rng = np.random.default_rng(context)
    before = max(0, context - _STEPS // 2)
    prompt = rng.integers(0, _TOKENS, (codebooks, before)) if before else None
    sampling = SamplingParams().over(GenerationDefaults())
    ensemble = engine.ensemble()
    for seed in range(batch):
        ensemble.join(Row(_STEPS + _WARM_UP, seed, sampling, _TEXT, prompt))
    taken = []
    for _ in range(_WARM_UP + _STEPS):
        begun = time.perf_counter()
        ensemble.step(lambda: None)
        taken.append(time.perf_counter() - begun)
    # The first step reads the texts and the prompts.
    return 1000 * statistics.median(taken[_WARM_UP:])


def median_gap(ticks: Sequence[float]) -> dict[int, float]:
    """Return the middle step's context -> the median time between ticks, in milliseconds."""
    gaps = [later - sooner for sooner, later in itertools.pairwise(ticks)]
    return {len(ticks) // 2: 1000 * statistics.median(gaps)}
