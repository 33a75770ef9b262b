"""MusicGen's sinusoids and T5's distances."""

import numpy as np
import pytest
from tiny_networks import TEXT

from musicgen_core.engines.positions import relative_buckets, sinusoids


def test_relative_buckets_are_exact_nearby_and_shared_far_away() -> None:
    row = relative_buckets(TEXT, 301)[150]
    assert row[150 - 7 : 150 + 8].tolist() == [7, 6, 5, 4, 3, 2, 1, 0, *range(17, 24)]
    assert (row[150 + 8], row[150 + 16], row[150 + 64], row[150 + 127]) == (24, 26, 30, 31)
    assert set(row[:22]) == {15}
    assert set(row[279:]) == {31}


def test_positions_are_cosines_then_sines_from_one_to_a_ten_thousandth() -> None:
    table = sinusoids(100, 8)
    rates = np.array([1, 10000 ** (-1 / 3), 10000 ** (-2 / 3), 1e-4])
    assert table[70] == pytest.approx([*np.cos(70 * rates), *np.sin(70 * rates)], abs=1e-5)
    assert (table.dtype, table.shape) == (np.float32, (100, 8))
    assert sinusoids(3, 9)[:, 8].tolist() == [0, 0, 0]
