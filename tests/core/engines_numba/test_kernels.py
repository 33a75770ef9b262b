"""The compiled functions against numpy's, in float64 where it matters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicgen_core.engines.arrays import SIXTEEN_BITS, quantized
from musicgen_core.engines.numba import attention, layers, picking
from musicgen_core.model import sampling

pytestmark = pytest.mark.models

rng = np.random.default_rng(3)


def floats(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 9])
@pytest.mark.parametrize("steps", [0, 127, SIXTEEN_BITS])
def test_columns_are_multiplied_four_two_and_one_at_a_time(count: int, steps: int) -> None:
    states, weight = floats(count, 40), floats(33, 40)
    numbers, scales = quantized(weight, steps) if steps else (weight, np.ones((33, 1), np.float32))
    found = np.full((count, 33), np.nan, np.float32)
    layers.multiply(states, numbers, scales[:, 0], found)
    expected = states.astype(np.float64) @ (numbers.astype(np.float64) * scales).T
    assert found == pytest.approx(expected, abs=1e-5)


def test_norms_are_pytorchs() -> None:
    states, norm, found = floats(3, 40) + 2, floats(2, 40), np.empty((3, 40), np.float32)
    layers.normalize(states, norm, found)
    true = states.astype(np.float64)
    deviation = np.sqrt(true.var(axis=1, keepdims=True) + 1e-5)
    expected = (true - true.mean(axis=1, keepdims=True)) / deviation * norm[0] + norm[1]
    assert found == pytest.approx(expected, abs=1e-5)


def test_powers_of_e_are_right_to_the_last_bits() -> None:
    scores = -np.linspace(0, 59.9, 5001, dtype=np.float32)
    found = scores.copy()
    attention.exponentiate(found)
    error = np.abs(found / np.exp(scores.astype(np.float64)) - 1)
    assert error.max() < 4e-7


def test_a_chance_that_is_next_to_none_takes_no_time_and_stays_one() -> None:
    scores = np.array([0, -60, -61, -500, -np.inf], np.float32)
    attention.exponentiate(scores)
    assert scores[0] == 1
    assert (scores[1:] == scores[1]).all()
    assert 0 < scores[1] < 1e-25


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("gelu", lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2)))),
        (
            "gelu_new",
            lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        ),
        ("relu", lambda x: max(x, 0.0)),
    ],
)
def test_activations_are_what_their_names_say(name: str, true) -> None:
    states = np.linspace(-6, 6, 240, dtype=np.float32).reshape(3, 80)
    found = states.copy()
    layers.activate(found, layers.ACTIVATIONS.index(name))
    expected = np.vectorize(true)(states.astype(np.float64))
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.int16])
@pytest.mark.parametrize("length", [1, 3, 4, 30])
def test_attention_is_softmax_of_scores(kind: type, length: int) -> None:
    heads, width = 2, 8
    steps = SIXTEEN_BITS if kind is np.int16 else 0
    queries, found = floats(heads * width), np.empty(heads * width, np.float32)
    kept = [np.full((heads, 32, width), 7, kind) for _ in "kv"]
    scales = [np.full((heads, 32), np.float32(7)) for _ in "kv"]
    heard = [floats(length, heads * width) for _ in "kv"]
    for position in range(length):
        for part, numbers, scale in zip(heard, kept, scales, strict=True):
            attention.remember(part[position], float(steps), position, numbers, scale)
    attention.attend(queries, kept[0], scales[0], kept[1], scales[1], length, found)
    keys, values = (part.astype(np.float64).reshape(length, heads, width) for part in heard)
    chances = np.exp(np.einsum("hd,thd->ht", queries.reshape(heads, width), keys))
    chances /= chances.sum(axis=1, keepdims=True)
    expected = np.einsum("ht,thd->hd", chances, values).ravel()
    assert found == pytest.approx(expected, abs=1e-5 if kind is np.float32 else 1e-3)


def test_silence_is_kept_as_silence() -> None:
    numbers, scales = np.ones((2, 4, 8), np.int16), np.ones((2, 4), np.float32)
    attention.remember(np.zeros(16, np.float32), float(SIXTEEN_BITS), 1, numbers, scales)
    assert not numbers[:, 1].any()
    assert np.isfinite(scales).all()


@pytest.mark.parametrize("k", [0, 1, 2, 10, 63, 64, 100])
def test_the_largest_are_numpys_with_ties_or_without(k: int) -> None:
    ties = rng.integers(0, 12, (3, 64)).astype(np.float32)
    for logits in (floats(9, 64), ties, np.full((2, 64), -np.inf, np.float32)):
        (kept, ids), (true, places) = (
            pick(logits, k) for pick in (picking.candidates, sampling.candidates)
        )
        assert np.array_equal(kept, true)
        assert (ids is None) == (places is None)
        assert ids is None or np.array_equal(ids, places)
