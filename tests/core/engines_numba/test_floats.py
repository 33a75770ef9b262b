"""Floats a register at a time against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.engines.numba import floats
from musicgen_core.engines.numba.compiling import compiled

pytestmark = pytest.mark.models

rng = np.random.default_rng(4)


@compiled
def maximum(numbers):
    return floats.maximum(numbers)


@compiled
def magnitude(numbers):
    return floats.magnitude(numbers)


@compiled
def rounded(numbers, factor, count, found, first, step):
    floats.round_chunks(numbers, factor, count, found, first, step)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 31, 100])
def test_the_largest_is_found_wherever_it_is(count: int) -> None:
    for place in range(count):
        numbers = -1 - np.abs(rng.standard_normal(count, dtype=np.float32))
        numbers[place] = -0.5
        assert maximum(numbers) == np.float32(-0.5)
        assert magnitude(numbers) == np.abs(numbers).max()
        numbers[place] = -100
        assert magnitude(numbers) == 100


def test_of_nothing_the_magnitude_is_not_quite_nothing() -> None:
    assert magnitude(np.zeros(20, np.float32)) == np.float32(1e-20)


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_chunks_are_rounded_to_even_and_lie_apart(kind: type) -> None:
    numbers = np.linspace(-60, 60, 50, dtype=np.float32)
    numbers[3], numbers[20] = 1.25, 1.75  # halves, times 2
    found = np.full(3 * 48 + 5, 99, kind)
    rounded(numbers, np.float32(2), 3, found, 5, 48)
    expected = np.full_like(found, 99)
    for chunk in range(3):
        part = numbers[16 * chunk : 16 * (chunk + 1)]
        expected[5 + 48 * chunk : 21 + 48 * chunk] = np.rint(part * 2)
    assert np.array_equal(found, expected)
    assert found[5 + 3] == 2
    assert found[5 + 48 + 4] == 4
