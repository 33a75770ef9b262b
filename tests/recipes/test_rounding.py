"""Whether two precisions differ is told from the prompts on which they do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from recipes.builtin.rounding import compared, sign_test


def test_even_splits_are_chance_and_uneven_ones_are_not() -> None:
    assert sign_test(0, 0) == sign_test(5, 5) == 1.0
    assert sign_test(0, 5) == sign_test(5, 0) == pytest.approx(2 / 32)
    assert sign_test(3, 12) < 0.05 < sign_test(4, 9)


def test_what_both_miss_counts_for_neither() -> None:
    def heard(*missed: str) -> SimpleNamespace:
        return SimpleNamespace(missed=missed)

    rounded = [heard("bpm", "tonic"), heard("kit"), heard()]
    exact = [heard("bpm"), heard("kit"), heard("feel")]
    assert compared(rounded, exact) == {
        "missed only by": {"int8": 1, "fp32": 1},
        "chance": 1.0,
    }
