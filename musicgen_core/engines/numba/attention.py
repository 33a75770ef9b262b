"""Attention of one column to what its row has seen, and to its text, compiled."""

from __future__ import annotations

import numpy as np

from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.engines.numba.exponentials import power
from musicgen_core.engines.numba.floats import maximum
from musicgen_core.engines.numba.kept import compare, mix
from musicgen_core.engines.numba.linear import Numbers, add_rows, score
from musicgen_core.engines.numba.vectors import COMPARED
from musicgen_core.model.protocols import Floats


@compiled
def soften(scores: Floats) -> None:  # pragma: no cover
    """Softmax, in place."""
    most = maximum(scores)
    for t in range(len(scores)):
        scores[t] = power(scores[t] - most)
    total = np.float32(0)
    for t in range(len(scores)):
        total += scores[t]
    for t in range(len(scores)):
        scores[t] /= total


@compiled
def attend(
    queries: Floats,
    keys: Numbers,
    key_scales: Floats,
    values: Numbers,
    value_scales: Floats,
    length: int,
    first: int,
    last: int,
    found: Floats,
) -> None:  # pragma: no cover
    """Queries [H * D] to the first `length` of kept keys and values -> found [H * D].

    Of the heads first to last - 1, as all that follows.
    """
    width = len(queries) // len(keys)
    # Whole numbers are compared some at a time, and weighted in pairs.
    scores = np.empty((length + COMPARED - 1) // COMPARED * COMPARED, np.float32)
    for head in range(first, last):
        query, mixed = queries[head * width : (head + 1) * width], found[head * width :]
        compare(query, keys[head], key_scales[head], length, scores)
        soften(scores[:length])
        scale = value_scales[head]
        for t in range(length):
            scores[t] *= scale[t]
        for i in range(width):
            mixed[i] = 0
        mix(scores[:length], values[head], mixed[:width])


@compiled
def attend_text(
    queries: Floats,
    keys: Floats,
    values: Floats,
    length: int,
    first: int,
    last: int,
    found: Floats,
) -> None:  # pragma: no cover
    """Queries to the first `length` of a text's keys and values [H, S, D], added to found.

    Where projections are folded into them [H, S, E], a state [E] is every head's query, and every
    head adds to all of found [E]; else both have a part for each head, [H * D].
    """
    heads, _, width = keys.shape
    whole = len(queries) != heads * width
    scores, ones = np.empty(length, np.float32), np.empty(length, np.float32)
    for s in range(length):
        ones[s] = 1
    for head in range(first, last):
        start = 0 if whole else head * width
        score(queries[start : start + width], keys[head], ones, scores)
        soften(scores)
        add_rows(scores, values[head], found[start : start + width])
