"""What the long jam's benchmark lists as not as it should be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks.long_jam import Heard, missed

KEPT = Heard([120.0] * 10, ["A minor"] * 8 + ["C major", None], [2.9] * 9, -14.3, -1.05)


def test_a_jam_within_all_bounds_misses_none() -> None:
    assert missed(KEPT) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tempos": [120.0] * 9 + [124.0]}, "part 10 has 124.0 bpm, more than 3% from 120.0"),
        ({"tempos": [math.nan] + [120.0] * 9}, "part 1 has nan bpm, more than 3% from 120.0"),
        ({"keys": ["A minor"] * 7 + [None] * 3}, "only 7 of 10 parts are in A minor"),
        ({"keys": [None] * 10}, "only 0 of 10 parts are in a key"),
        ({"steps": [0.1] * 8 + [3.1]}, "the level steps by 3.1 dB before part 10"),
        ({"loudness": -14.6}, "the mix has -14.60 LUFS, not -14"),
        ({"peak": -0.9}, "the mix has a true peak of -0.90 dB"),
    ],
)
def test_each_bound_that_is_missed_is_named(change: dict[str, object], sentence: str) -> None:
    assert missed(replace(KEPT, **change)) == [sentence]
