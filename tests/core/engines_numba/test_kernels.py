"""The compiled functions against numpy's, in float64 where it matters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicgen_core.engines.arrays import SIXTEEN_BITS, quantized
from musicgen_core.engines.numba import attention, layers, linear, picking
from musicgen_core.model import sampling

pytestmark = pytest.mark.models

rng = np.random.default_rng(3)


def floats(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


def weights(kind: str, rows: int, width: int):
    """Weights as they are kept, their scales, and what they stand for in float64."""
    weight = floats(rows, width)
    if kind == "float32":
        return weight, np.ones(rows, np.float32), weight.astype(np.float64)
    steps = linear.fine_steps(width) if kind == "fine" else 127
    numbers, scale = quantized(weight, steps)
    return *linear.packed(weight, fine=kind == "fine"), numbers.astype(np.float64) * scale


KINDS = pytest.mark.parametrize("kind", ["few", "fine", "float32"])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 9])
@pytest.mark.parametrize("width", [16, 40, 64])
@KINDS
def test_columns_are_multiplied_four_two_and_one_at_a_time(
    kind: str, count: int, width: int
) -> None:
    numbers, scales, true = weights(kind, 33, width)
    states, found = floats(count, width), np.full((count, 33), np.nan, np.float32)
    linear.transform(states, linear.room(count, width), numbers, scales, 0, 33, found)
    tolerance = {"few": 1e-3, "fine": 1e-2, "float32": 1e-5}[kind]
    assert found == pytest.approx(states.astype(np.float64) @ true.T, abs=tolerance)


@KINDS
def test_a_share_of_the_outputs_is_made_and_nothing_else(kind: str) -> None:
    numbers, scales, true = weights(kind, 33, 40)
    states = floats(5, 40)
    for first, last in ((0, 8), (3, 9), (5, 6), (30, 33), (7, 7)):
        found = np.full((5, 33), np.nan, np.float32)
        linear.transform(states, linear.room(5, 40), numbers, scales, first, last, found)
        assert np.isfinite(found).sum() == 5 * (last - first)
        expected = (states.astype(np.float64) @ true.T)[:, first:last]
        assert found[:, first:last] == pytest.approx(expected, abs=1e-2)


def test_a_column_is_the_same_whoever_is_beside_it() -> None:
    numbers, scales, _ = weights("few", 12, 48)
    states = floats(7, 48)
    together, alone = np.empty((7, 12), np.float32), np.empty((7, 12), np.float32)
    linear.transform(states, linear.room(7, 48), numbers, scales, 0, 12, together)
    for n in range(7):
        one = slice(n, n + 1)
        linear.transform(states[one], linear.room(1, 48), numbers, scales, 0, 12, alone[one])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("width", [16, 1024, 4096, 20_000])
@pytest.mark.parametrize("fine", [False, True])
def test_the_largest_products_there_are_do_not_overflow(width: int, fine: bool) -> None:
    states = np.full((2, width), 3.0, np.float32)
    numbers, scales = linear.packed(np.full((4, width), -2.0, np.float32), fine=fine)
    found = np.empty((2, 4), np.float32)
    linear.transform(states, linear.room(2, width), numbers, scales, 0, 4, found)
    assert found == pytest.approx(np.full((2, 4), -6.0 * width), rel=1e-3)


@pytest.mark.parametrize("fine", [False, True])
def test_what_is_packed_is_rounded_like_everything_else(fine: bool) -> None:
    weight = floats(9, 20)
    weight[3] = 0
    numbers, scales = linear.packed(weight, fine=fine)
    steps, scale = quantized(weight, linear.fine_steps(20) if fine else 127)
    unpacked = numbers.transpose(0, 2, 1, 3).reshape(12, 32)
    assert np.array_equal(unpacked[:9, :20], steps)
    assert not unpacked[9:].any()
    assert not unpacked[:, 20:].any()
    assert np.array_equal(scales, scale[:, 0])


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
    layers.activate(found, layers.ACTIVATIONS.index(name), 10, 70)
    expected = np.vectorize(true)(states.astype(np.float64))
    assert found[:, 10:70] == pytest.approx(expected[:, 10:70], abs=1e-6)
    assert np.array_equal(found[:, :10], states[:, :10])
    assert np.array_equal(found[:, 70:], states[:, 70:])


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.int8])
@pytest.mark.parametrize("length", [1, 3, 4, 30])
def test_attention_is_softmax_of_scores(kind: type, length: int) -> None:
    heads, width = 3, 8
    steps = 0.0 if kind is np.float32 else float(np.iinfo(kind).max)
    queries, found = floats(heads * width), np.empty(heads * width, np.float32)
    kept = [np.full((heads, 32, width), 7, kind) for _ in "kv"]
    scales = [np.full((heads, 32), np.float32(7)) for _ in "kv"]
    heard = [floats(length, heads * width) for _ in "kv"]
    shares = ((0, 1), (1, 3))
    for position in range(length):
        for part, numbers, scale in zip(heard, kept, scales, strict=True):
            for share in shares:
                attention.remember(part[position], steps, position, numbers, scale, *share)
    for share in shares:
        attention.attend(queries, kept[0], scales[0], kept[1], scales[1], length, *share, found)
    keys, values = (part.astype(np.float64).reshape(length, heads, width) for part in heard)
    chances = np.exp(np.einsum("hd,thd->ht", queries.reshape(heads, width), keys))
    chances /= chances.sum(axis=1, keepdims=True)
    expected = np.einsum("ht,thd->hd", chances, values).ravel()
    tolerances = {np.float32: 1e-5, np.int16: 1e-3, np.int8: 6e-2}
    assert found == pytest.approx(expected, abs=tolerances[kind])


def test_a_folded_text_says_what_an_unfolded_one_does() -> None:
    heads, width, length = 3, 8, 5
    state, keys, values = floats(24), floats(heads, 6, width), floats(heads, 6, width)
    queries, out = floats(heads, width, 24), floats(heads, width, 24)
    whole, parts = np.ones(24, np.float32), np.zeros(24, np.float32)
    attention.attend_text(state, keys @ queries, values @ out, length, 0, heads, whole)
    apart = (queries @ state).ravel()
    attention.attend_text(apart, keys, values, length, 0, 2, parts)
    assert not parts[16:].any()
    attention.attend_text(apart, keys, values, length, 2, 3, parts)
    assert whole - 1 == pytest.approx(parts @ out.reshape(24, 24), abs=1e-3)


def test_silence_is_kept_as_silence() -> None:
    numbers, scales = np.ones((2, 4, 8), np.int16), np.ones((2, 4), np.float32)
    attention.remember(np.zeros(16, np.float32), float(SIXTEEN_BITS), 1, numbers, scales, 0, 2)
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
