"""Attention of one column to what its row has seen, and to its text, compiled.

Keys are to a query what a layer's weights are to its states, and are kept like them: as float32, or
as whole numbers with scales.
"""

from __future__ import annotations

import math

import numpy as np

from musicgen_core.engines.numba.compiling import (
    compiled,
    compiled_for_numbers,
    compiled_strictly,
)
from musicgen_core.engines.numba.linear import Numbers, magnitude, score
from musicgen_core.model.protocols import Floats

_LOG2_E = np.float32(math.log2(math.e))
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
"""The logarithm of 2 in two parts: whole numbers of the first are exact."""
_LEAST = np.float32(-60.0)
"""Less counts as it: nobody hears a chance of 1e-26, and still smaller numbers take long."""
_ROUND = np.float32(1.5 * 2**23)
"""Added and taken away, it leaves the nearest whole number."""
_HALVES = np.float32(0.5) ** np.arange(88, dtype=np.float32)
"""By how often one is halved."""


@compiled_strictly
def exponentiate(scores: Floats) -> None:  # pragma: no cover
    """Replace scores of at most 0 by e to their power, to the last bit or two.

    The compiler has no such function for whole registers: this is 2 to the whole part, from a
    table, times a polynomial of the rest (Cody and Waite's reduction, Taylor's coefficients).
    """
    for t in range(len(scores)):
        exponent = max(scores[t], _LEAST)
        whole = (exponent * _LOG2_E + _ROUND) - _ROUND
        rest = exponent - whole * _LN_2_HIGH - whole * _LN_2_LOW
        power = np.float32(1 / 720)
        power = power * rest + np.float32(1 / 120)
        power = power * rest + np.float32(1 / 24)
        power = power * rest + np.float32(1 / 6)
        power = power * rest + np.float32(0.5)
        power = power * rest + np.float32(1)
        scores[t] = (power * rest + np.float32(1)) * _HALVES[int(-whole)]


@compiled_for_numbers
def largest(scores: Floats) -> np.float32:  # pragma: no cover
    """Return the largest of scores."""
    found: np.float32 = scores[0]
    for t in range(len(scores)):
        found = max(found, scores[t])
    return found


@compiled
def soften(scores: Floats) -> None:  # pragma: no cover
    """Softmax, in place."""
    most = largest(scores)
    for t in range(len(scores)):
        scores[t] -= most
    exponentiate(scores)
    total = np.float32(0)
    for t in range(len(scores)):
        total += scores[t]
    for t in range(len(scores)):
        scores[t] /= total


@compiled
def add_rows(chances: Floats, rows: Numbers, found: Floats) -> None:  # pragma: no cover
    """Add rows [>= T, D], weighted by chances [T], to found [D]."""
    count, t = len(chances), 0
    while t + 4 <= count:
        c0, c1, c2, c3 = chances[t], chances[t + 1], chances[t + 2], chances[t + 3]
        r0, r1, r2, r3 = rows[t], rows[t + 1], rows[t + 2], rows[t + 3]
        for i in range(len(found)):
            found[i] += (
                c0 * np.float32(r0[i])
                + c1 * np.float32(r1[i])
                + c2 * np.float32(r2[i])
                + c3 * np.float32(r3[i])
            )
        t += 4
    while t < count:
        chance, row = chances[t], rows[t]
        for i in range(len(found)):
            found[i] += chance * np.float32(row[i])
        t += 1


@compiled
def remember(
    parts: Floats,
    steps: float,
    position: int,
    kept: Numbers,
    scales: Floats,
    first: int,
    last: int,
) -> None:  # pragma: no cover
    """Keep parts [H * D] in kept [H, T, D] at a position, by scales [H, T].

    Of the heads first to last - 1, as all that follows.
    """
    width = kept.shape[2]
    for head in range(first, last):
        part, place = parts[head * width : (head + 1) * width], kept[head, position]
        if steps == 0:
            scales[head, position] = 1
            for i in range(width):
                place[i] = part[i]
        else:
            largest = magnitude(part)
            finer = np.float32(steps) / largest
            scales[head, position] = largest / np.float32(steps)
            for i in range(width):
                place[i] = np.rint(part[i] * finer)


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
    """Queries [H * D] to the first `length` of keys and values [H, T, D] -> found [H * D]."""
    width = keys.shape[2]
    scores = np.empty(length, np.float32)
    for head in range(first, last):
        start, end = head * width, (head + 1) * width
        score(queries[start:end], keys[head], key_scales[head], scores)
        soften(scores)
        scale, mixed = value_scales[head], found[start:end]
        for t in range(length):
            scores[t] *= scale[t]
        for i in range(width):
            mixed[i] = 0
        add_rows(scores, values[head], mixed)


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
