"""States by a layer's weights, compiled: the work that a step of the decoder mostly is.

Weights of few bits are packed: PACKED rows side by side, LANES numbers of each by turns, so that a
core reads them in one go. They are multiplied as whole numbers by states that are rounded too, with
a scale a column: as finely as sums within 32 bits allow, which loses nothing that the weights had.
Those in float32 lie as in the checkpoint, [out, in], and are multiplied as floats.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.engines.arrays import EIGHT_BITS, SIXTEEN_BITS
from musicgen_core.engines.numba.compiling import (
    compiled,
    compiled_strictly,
)
from musicgen_core.engines.numba.floats import magnitude, round_chunks
from musicgen_core.engines.numba.instructions import (
    products_1x4,
    products_2x4,
    products_4x2,
    quarters_2x4,
)
from musicgen_core.engines.numba.vectors import LANES, PACKED
from musicgen_core.model.protocols import Floats

Numbers: TypeAlias = npt.NDArray[Any]
"""float32, or whole numbers that have scales."""
ROOM = (2**31 - 1) / 2
"""What the products of all chunks may add up to; two of a chunk are added to one sum."""

_SHORT = 48
"""Chunks of a column up to which four go together: longer ones, of which four fill the closest
cache, or whose weights come from memory, are done sooner in twos."""


class Linear(NamedTuple):
    """The weights of n layers, all of one kind, and a scale for each of their outputs."""

    weights: Numbers
    """[n, out, in] or [n, groups, chunks, PACKED, LANES]."""
    scales: Floats
    """[n, out]"""


class Rounded(NamedTuple):
    """Room for states as packed weights read them: of N columns, in fours, twos and ones."""

    numbers: npt.NDArray[np.int16]
    """Of each group of columns one behind the other: [chunks, columns, LANES]."""
    scales: Floats
    """[N]"""


def room(columns: int, width: int) -> Rounded:
    """Make room for columns of the largest width there is."""
    padded = -(-width // LANES) * LANES
    return Rounded(np.empty(columns * padded, np.int16), np.empty(columns, np.float32))


def fine_steps(width: int) -> int:
    """Return the steps to either side that weights and states of this width may both have."""
    return min(SIXTEEN_BITS, math.isqrt(int(ROOM / -(-width // LANES))))


def packed(weight: Floats, *, fine: bool = False) -> tuple[Numbers, Floats]:
    """Weight [out, in] -> numbers [groups, chunks, PACKED, LANES] and scales [out].

    In 8 bits, or `fine` ones in some 12 or 13, as `arrays.quantized` rounds them; what is missing
    of a group or chunk is zero.
    """
    rows, width = weight.shape
    shape = (-(-rows // PACKED), -(-width // LANES), PACKED, LANES)
    numbers = np.zeros(shape, np.int16 if fine else np.int8)
    scales, steps = np.empty(rows, np.float32), fine_steps(width) if fine else EIGHT_BITS
    # What only can be read is another type to Numba.
    _pack(np.require(weight, np.float32, ["C", "W"]), np.float32(steps), numbers, scales)
    return numbers, scales


@compiled_strictly
def _pack(
    weight: Floats, steps: np.float32, numbers: Numbers, scales: Floats
) -> None:  # pragma: no cover
    rows, width = weight.shape
    for o in range(rows):
        row, largest = weight[o], np.float32(0)
        for i in range(width):
            largest = max(largest, abs(row[i]))
        scale = largest / steps if largest > 0 else np.float32(1)
        scales[o] = scale
        for i in range(width):
            numbers[o // PACKED, i // LANES, o % PACKED, i % LANES] = np.rint(row[i] / scale)


@compiled
def group_of(n: int, count: int, chunks: int) -> int:  # pragma: no cover
    """Return how many columns of so many chunks are multiplied together from column n on."""
    left = count - n
    return 4 if left >= 4 and chunks <= _SHORT else 2 if left >= 2 else 1


@compiled
def prepare(states: Floats, weights: Numbers, rounded: Rounded) -> None:  # pragma: no cover
    """Round states [N, in] for weights that are packed; others take them as they are."""
    if weights.ndim == 4:
        chunks, each = weights.shape[1], EIGHT_BITS if weights.itemsize == 1 else 0
        room = ROOM / chunks
        steps = min(SIXTEEN_BITS, room / each if each else math.sqrt(room))
        round_states(states, chunks, np.float32(math.floor(steps)), rounded)


@compiled
def round_states(
    states: Floats, chunks: int, steps: np.float32, rounded: Rounded
) -> None:  # pragma: no cover
    """Round states [N, in] to so many steps to either side of zero, for rows of so many chunks."""
    count, width = states.shape
    n = 0
    while n < count:
        columns = group_of(n, count, chunks)
        numbers = rounded.numbers[n * chunks * LANES : (n + columns) * chunks * LANES]
        for c in range(columns):
            state = states[n + c]
            largest = magnitude(state)
            finer = steps / largest
            rounded.scales[n + c] = largest / steps
            whole, step = width // LANES, columns * LANES
            round_chunks(state, finer, whole, numbers, c * LANES, step)
            if width % LANES:
                for lane in range(LANES):
                    i, place = whole * LANES + lane, whole * step + c * LANES + lane
                    numbers[place] = np.int16(np.rint(state[i] * finer)) if i < width else 0
        n += columns


@compiled
def multiply(
    states: Floats,
    rounded: Rounded,
    weights: Numbers,
    scales: Floats,
    first: int,
    last: int,
    found: Floats,
) -> None:  # pragma: no cover
    """States [N, in], prepared, by weights and scales [out] -> outputs first to last - 1 of found.

    Found is [N, out].
    """
    if weights.ndim == 4:
        _multiply_packed(len(states), rounded, weights, scales, first, last, found)
    else:
        _multiply_plain(states, weights, scales, first, last, found)


@compiled
def transform(
    states: Floats,
    rounded: Rounded,
    weights: Numbers,
    scales: Floats,
    first: int,
    last: int,
    found: Floats,
) -> None:  # pragma: no cover
    """Prepare states and multiply them."""
    prepare(states, weights, rounded)
    multiply(states, rounded, weights, scales, first, last, found)


@compiled
def _multiply_packed(
    count: int,
    rounded: Rounded,
    weights: Numbers,
    scales: Floats,
    first: int,
    last: int,
    found: Floats,
) -> None:  # pragma: no cover
    padded = weights.shape[1] * LANES
    own, rest = np.zeros(PACKED, np.float32), np.empty((4, PACKED), np.float32)
    for group in range(first // PACKED, (last + PACKED - 1) // PACKED):
        block, o, n = weights[group], group * PACKED, 0
        whole = first <= o and o + PACKED <= last
        if not whole:  # the last group may have fewer scales than rows
            for r in range(min(PACKED, len(scales) - o)):
                own[r] = scales[o + r]
        while n < count:
            columns = group_of(n, count, weights.shape[1])
            if whole:
                _multiply_group(block, rounded, n, columns, padded, scales, o, found, n, o,
                                count >= 8)  # fmt: skip
            else:
                _multiply_group(block, rounded, n, columns, padded, own, 0, rest, 0, 0,
                                False)  # fmt: skip
                for c in range(columns):
                    for r in range(max(0, first - o), min(PACKED, last - o)):
                        found[n + c, o + r] = rest[c, r]
            n += columns


@compiled
def _multiply_group(
    block: Numbers,
    rounded: Rounded,
    n: int,
    columns: int,
    padded: int,
    scales: Floats,
    o: int,
    found: Floats,
    to: int,
    place: int,
    shared: bool,
) -> None:  # pragma: no cover
    """Multiply columns from n on by a group of weights -> found, from [to, place] on.

    `shared` says that there are eight columns or more.
    """
    numbers, column_scales, at = rounded.numbers, rounded.scales, n * padded
    if columns == 4:
        for r in range(0, PACKED, 2):
            products_4x2(block, r, numbers, at, scales, o + r, column_scales, n, found,
                         to, place + r, 0)  # fmt: skip
    elif columns == 2 and shared:
        quarters_2x4(block, 0, numbers, at, scales, o, column_scales, n, found, to, place,
                     n // 2 % 4)  # fmt: skip
    elif columns == 2:
        products_2x4(block, 0, numbers, at, scales, o, column_scales, n, found, to, place, 0)
    else:
        products_1x4(block, 0, numbers, at, scales, o, column_scales, n, found, to, place, 0)


@compiled
def score(
    state: Floats, weights: Floats, scales: Floats, found: Floats
) -> None:  # pragma: no cover
    """A state [in] by weights [out, in] and scales [out] -> found [out].

    A layer's weights, or the keys that a query is compared to.
    """
    width = len(state)
    for o in range(len(found)):
        row, total = weights[o], np.float32(0)
        for i in range(width):
            total += row[i] * state[i]
        found[o] = total * scales[o]


@compiled
def add_rows(chances: Floats, rows: Floats, found: Floats) -> None:  # pragma: no cover
    """Add rows [>= T, D], weighted by chances [T], to found [D]."""
    count, t = len(chances), 0
    while t + 4 <= count:
        c0, c1, c2, c3 = chances[t], chances[t + 1], chances[t + 2], chances[t + 3]
        r0, r1, r2, r3 = rows[t], rows[t + 1], rows[t + 2], rows[t + 3]
        for i in range(len(found)):
            found[i] += c0 * r0[i] + c1 * r1[i] + c2 * r2[i] + c3 * r3[i]
        t += 4
    while t < count:
        chance, row = chances[t], rows[t]
        for i in range(len(found)):
            found[i] += chance * row[i]
        t += 1


@compiled
def _multiply_plain(
    states: Floats, weights: Floats, scales: Floats, first: int, last: int, found: Floats
) -> None:  # pragma: no cover
    """Four columns, or two, share what is read of the weights."""
    count, width = states.shape
    n = 0
    while n + 4 <= count:
        x0, x1, x2, x3 = states[n], states[n + 1], states[n + 2], states[n + 3]
        for o in range(first, last):
            row = weights[o]
            sum0 = sum1 = sum2 = sum3 = np.float32(0)
            for i in range(width):
                weight = row[i]
                sum0 += weight * x0[i]
                sum1 += weight * x1[i]
                sum2 += weight * x2[i]
                sum3 += weight * x3[i]
            scale = scales[o]
            found[n, o], found[n + 1, o] = sum0 * scale, sum1 * scale
            found[n + 2, o], found[n + 3, o] = sum2 * scale, sum3 * scale
        n += 4
    if n + 2 <= count:
        x0, x1 = states[n], states[n + 1]
        for o in range(first, last):
            row = weights[o]
            sum0 = sum1 = np.float32(0)
            for i in range(width):
                weight = row[i]
                sum0 += weight * x0[i]
                sum1 += weight * x1[i]
            found[n, o], found[n + 1, o] = sum0 * scales[o], sum1 * scales[o]
        n += 2
    if n < count:
        score(states[n], weights[first:last], scales[first:last], found[n, first:last])
