"""What a step takes at a context, asked of the language model itself."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Sequence

import numpy as np

from musicgen_core.model.decoding import GuidedSampler
from musicgen_core.model.protocols import LanguageModel, Row
from musicgen_core.requests import GenerationDefaults, SamplingParams

CONTEXTS = (50, 500, 1500)
_STEPS, _WARM_UP = 20, 2
_TEXT_TOKENS = 12


def contexts_of(frames: int) -> tuple[int, ...]:
    """Return those of CONTEXTS that a clip of `frames` reaches, or its own length if none."""
    return tuple(context for context in CONTEXTS if context <= frames) or (frames,)


def median_step(lm: LanguageModel, text_hidden: int, batch: int, context: int) -> float:
    """Return milliseconds: the median of 20 steps around `context`, guidance and sampling included.

    `batch` people with text have two rows each; a prompt of random tokens brings them there.

    Raises:
        InvalidRequest: the model does not reach so far.
    """
    sampling = SamplingParams().over(GenerationDefaults())
    choose = GuidedSampler([Row(1, seed, sampling, text_ids=(1,)) for seed in range(batch)])
    rng = np.random.default_rng(context)
    text = rng.standard_normal((_TEXT_TOKENS, text_hidden), dtype=np.float32)
    rows = choose.model_rows
    before = max(0, context - _STEPS // 2)
    decoder = lm.begin(
        [None if row.unconditional else text for row in rows], before + _WARM_UP + _STEPS
    )
    prompt = rng.integers(0, lm.start_token, (lm.codebooks, before))
    for row in rows if before else ():
        decoder.prefill(row.index, prompt)
    column = np.full((batch, lm.codebooks), lm.start_token)
    taken = []
    for _ in range(_WARM_UP + _STEPS):
        begun = time.perf_counter()
        column = choose(decoder.step(choose.spread(column)))
        taken.append(time.perf_counter() - begun)
    # The first step reads the prompt where an engine has put that off.
    return 1000 * statistics.median(taken[_WARM_UP:])


def median_gap(ticks: Sequence[float]) -> dict[int, float]:
    """Return the middle step's context -> the median time between ticks, in milliseconds."""
    gaps = [later - sooner for sooner, later in itertools.pairwise(ticks)]
    return {len(ticks) // 2: 1000 * statistics.median(gaps)}
