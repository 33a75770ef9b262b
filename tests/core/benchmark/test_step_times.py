"""Steps are measured where they are said to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from musicgen_core.benchmark.step_times import median_step
from musicgen_core.model.protocols import Column, Floats


class CountingModel:
    """A language model that knows only how far each row is."""

    codebooks, start_token = 4, 16

    def __init__(self) -> None:
        self.positions = 0
        self.texts: list[bool] = []
        self.fed: dict[int, int] = {}
        self.steps = 0

    def begin(self, states: Sequence[Floats | None], positions: int) -> CountingModel:
        self.texts, self.positions = [state is not None for state in states], positions
        return self

    def prefill(self, row: int, columns: Column) -> None:
        assert columns.max() < self.start_token
        self.fed[row] = columns.shape[1]

    def step(self, column: Column) -> Floats:
        self.steps += 1
        assert column.shape == (len(self.texts), self.codebooks)
        return np.zeros((*column.shape, 16), np.float32)


def test_the_steps_lie_around_the_context_with_two_rows_a_person() -> None:
    lm = CountingModel()
    assert median_step(lm, 8, batch=3, context=500) > 0
    assert lm.texts == [True] * 3 + [False] * 3
    assert lm.fed == dict.fromkeys(range(6), 490)
    assert (lm.steps, lm.positions) == (22, 512)


@pytest.mark.parametrize("context", [0, 4, 10])
def test_a_short_context_needs_no_prompt(context: int) -> None:
    lm = CountingModel()
    assert median_step(lm, 8, batch=1, context=context) > 0
    assert lm.fed == {}
