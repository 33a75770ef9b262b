"""Keys and values as they are kept, and what is read of them, compiled.

As float32 both are [T, D] for each head. As whole numbers they have a scale for each head and
column, and lie as they are multiplied: keys [T, chunks, LANES], one behind the other, as a query is
rounded; values [T / 2, D, 2], two columns side by side, so that a pair of chances weights and adds
both in one instruction. What is missing of chunks and widths is zero.
"""

from __future__ import annotations

import numpy as np

from musicgen_core.engines.arrays import SIXTEEN_BITS
from musicgen_core.engines.numba import instructions
from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.engines.numba.floats import magnitude, round_chunks
from musicgen_core.engines.numba.linear import (
    ROOM,
    Numbers,
    Rounded,
    add_rows,
    round_states,
    score,
)
from musicgen_core.engines.numba.vectors import COMPARED, LANES, MIXED
from musicgen_core.model.protocols import Floats

VALUES = np.dtype(np.int8)
"""Of values as whole numbers, even where keys need 16 bits: what is read of them is a mean of many,
and a step waits for memory."""
_PAIRS = 64
"""Pairs of chances that share a scale: the more, the coarser are those of the least."""
_TOTAL = np.float32(65000)
"""What their whole numbers may add up to, for sums of 32 bits."""


def shapes(width: int, *, whole: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what follows the time axis of a head's keys and values, D wide."""
    if not whole:
        return (width,), (width,)
    return (-(-width // LANES), LANES), (-(-width // MIXED) * MIXED, 2)


@compiled
def remember_keys(
    parts: Floats, position: int, kept: Numbers, scales: Floats, first: int, last: int
) -> None:  # pragma: no cover
    """Keep parts [H * D] of the heads first to last - 1 at a position, by scales [H, T]."""
    width = len(parts) // len(kept)
    for head in range(first, last):
        part, place = parts[head * width : (head + 1) * width], kept[head, position]
        if kept.ndim == 4:
            finer = _finer(part, kept.itemsize, scales[head], position)
            round_chunks(part, finer, width // LANES, place, 0, LANES)
            for i in range(width // LANES * LANES, width):
                place[i // LANES, i % LANES] = np.rint(part[i] * finer)
        else:
            scales[head, position] = 1
            for i in range(width):
                place[i] = part[i]


@compiled
def remember_values(
    parts: Floats, position: int, kept: Numbers, scales: Floats, first: int, last: int
) -> None:  # pragma: no cover
    """Keep parts [H * D] of the heads first to last - 1 at a position, by scales [H, T]."""
    width = len(parts) // len(kept)
    for head in range(first, last):
        part = parts[head * width : (head + 1) * width]
        if kept.ndim == 4:
            pair, which = kept[head, position // 2], position % 2
            finer = _finer(part, kept.itemsize, scales[head], position)
            for i in range(width):
                pair[i, which] = np.rint(part[i] * finer)
        else:
            place, scales[head, position] = kept[head, position], 1
            for i in range(width):
                place[i] = part[i]


@compiled
def _finer(
    part: Floats, itemsize: int, scales: Floats, position: int
) -> np.float32:  # pragma: no cover
    """Note what a step of whole numbers stands for, and return its inverse."""
    steps = np.float32((1 << (8 * itemsize - 1)) - 1)
    most: np.float32 = magnitude(part)
    scales[position] = most / steps
    return steps / most


@compiled
def compare(
    query: Floats, keys: Numbers, scales: Floats, length: int, scores: Floats
) -> None:  # pragma: no cover
    """A query [D] to the first `length` of a head's keys -> scores [T].

    Behind `length` scores are anything, up to a multiple of COMPARED.
    """
    if keys.ndim == 3:
        chunks, most = keys.shape[1], 1 << (8 * keys.itemsize - 1)
        steps = np.float32(min(SIXTEEN_BITS, ROOM // (chunks * most)))
        rounded = Rounded(np.empty(chunks * LANES, np.int16), np.empty(1, np.float32))
        round_states(query.reshape((1, len(query))), chunks, steps, rounded)
        for t in range(0, length, COMPARED):
            instructions.compare(keys, t, rounded.numbers, scores)
        scale = rounded.scales[0]
        for t in range(length):
            scores[t] *= scale * scales[t]
    else:
        score(query, keys, scales, scores[:length])


@compiled
def mix(chances: Floats, values: Numbers, found: Floats) -> None:  # pragma: no cover
    """Add a head's values, weighted by chances [T], to found [D]."""
    if values.ndim == 3:
        numbers, sums = np.empty(2 * _PAIRS, np.int16), np.empty(values.shape[1], np.float32)
        for first in range(0, len(chances), 2 * _PAIRS):
            part = chances[first : first + 2 * _PAIRS]
            total = np.float32(0)
            for t in range(len(part)):
                total += part[t]
            finer = min(_TOTAL / total, np.float32(SIXTEEN_BITS) / magnitude(part))
            round_chunks(part, finer, len(part) // LANES, numbers, 0, LANES)
            for t in range(len(part) // LANES * LANES, len(part)):
                numbers[t] = np.int16(np.rint(part[t] * finer))
            if len(part) % 2:
                numbers[len(part)] = 0
            instructions.mix(values, first // 2, (len(part) + 1) // 2, numbers, sums)
            coarser = np.float32(1) / finer
            for i in range(len(found)):
                found[i] += sums[i] * coarser
    else:
        add_rows(chances, values, found)
