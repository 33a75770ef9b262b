"""Steps are measured where they are said to be."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from musicgen_core.benchmark.step_times import median_step
from musicgen_core.model.decoding import NativeEngine
from musicgen_core.model.protocols import Column, Floats


class CountingModel:
    """A language model that knows only how far each row is."""

    codebooks, start_token, joinable = 4, 2048, True

    def __init__(self) -> None:
        self.positions = 0
        self.texts: list[bool] = []
        self.fed: dict[int, int] = {}
        self.steps = 0

    def begin(self, states: Sequence[Floats | None], positions: int) -> CountingModel:
        self.texts, self.positions = [state is not None for state in states], positions
        return self

    def prefill(self, row: int, columns: Column) -> None:
        assert columns.max() <= self.start_token  # the delay pattern starts with it
        self.fed[row] = columns.shape[1]

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        self.steps += 1
        assert column.shape == (len(self.texts), self.codebooks)
        rows = len(column) if blend is None else len(blend)
        return np.zeros((rows, self.codebooks, 2048), np.float32)


def measured(batch: int, context: int) -> CountingModel:
    lm = CountingModel()
    text = SimpleNamespace(encode=lambda ids: np.ones((len(ids), 8), np.float32))
    engine = NativeEngine("counting", "fp32", text, lm, codec=None)
    assert median_step(engine, lm.codebooks, batch, context) > 0
    return lm


def test_the_steps_lie_around_the_context_with_two_rows_a_person() -> None:
    lm = measured(batch=3, context=500)
    assert lm.texts == [True, False] * 3
    # A prompt of 490 frames takes as many columns, and the first of 22 steps is the 491st.
    assert lm.fed == dict.fromkeys(range(6), 490)
    assert lm.steps == 22


@pytest.mark.parametrize("context", [0, 4, 10])
def test_a_short_context_needs_no_prompt(context: int) -> None:
    assert measured(batch=1, context=context).fed == {}
