"""The compiled functions against numpy's, in float64 where it matters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicgen_core.engines.arrays import quantized
from musicgen_core.engines.numba import attention, exponentials, kept, layers, linear, picking
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
@pytest.mark.parametrize("width", [16, 40, 64, 800])
@KINDS
def test_columns_are_multiplied_four_two_and_one_at_a_time(
    kind: str, count: int, width: int
) -> None:
    numbers, scales, true = weights(kind, 33, width)
    states, found = floats(count, width), np.full((count, 33), np.nan, np.float32)
    linear.transform(states, linear.room(count, width), numbers, scales, 0, 33, found)
    tolerance = {"few": 1e-3, "fine": 1e-2, "float32": 1e-5}[kind] * max(1, width / 64)
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
    exponents = -np.linspace(0, 59.9, 5001, dtype=np.float32)
    found = np.array([exponentials.power(each) for each in exponents])
    error = np.abs(found / np.exp(exponents.astype(np.float64)) - 1)
    assert error.max() < 4e-7


def test_a_chance_that_is_next_to_none_takes_no_time_and_stays_one() -> None:
    exponents = np.array([0, -60, -61, -500, -np.inf], np.float32)
    found = np.array([exponentials.power(each) for each in exponents])
    assert found[0] == 1
    assert (found[1:] == found[1]).all()
    assert 0 < found[1] < 1e-25


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
    states = np.linspace(-30, 30, 2400, dtype=np.float32).reshape(3, 800)
    found = states.copy()
    layers.activate(found, layers.ACTIVATIONS.index(name), 10, 790)
    expected = np.vectorize(true)(states.astype(np.float64))
    assert found[:, 10:790] == pytest.approx(expected[:, 10:790], rel=2e-7, abs=1e-6)
    assert np.array_equal(found[:, :10], states[:, :10])
    assert np.array_equal(found[:, 790:], states[:, 790:])


@pytest.mark.parametrize(
    ("kinds", "tolerance"),
    [
        ((np.float32, np.float32), 1e-5),
        ((np.int16, np.int16), 1e-3),
        ((np.int16, np.int8), 2e-2),
        ((np.int8, np.int8), 6e-2),
    ],
)
@pytest.mark.parametrize("length", [1, 3, 8, 30, 127, 301])
@pytest.mark.parametrize("width", [8, 40, 64])
def test_attention_is_softmax_of_scores(
    kinds: tuple[type, type], tolerance: float, length: int, width: int
) -> None:
    heads, whole = 3, kinds[0] is not np.float32
    rests = kept.shapes(width, whole=whole)
    keys = np.zeros((heads, 320, *rests[0]), kinds[0])
    values = np.zeros((heads, 160 if whole else 320, *rests[1]), kinds[1])
    scales = [np.full((heads, 320), np.float32(7)) for _ in "kv"]
    heard = [floats(length + 9, heads * width) for _ in "kv"]
    shares = ((0, 1), (1, 3))
    # What a row before this one has left behind its end is not to be heard.
    for position in reversed(range(length + 4)):
        for share in shares:
            kept.remember_keys(heard[0][position], position, keys, scales[0], *share)
            kept.remember_values(heard[1][position], position, values, scales[1], *share)
    queries, found = floats(heads * width) / math.sqrt(width / 8), np.empty(heads * width, "f4")
    for share in shares:
        attention.attend(queries, keys, scales[0], values, scales[1], length, *share, found)
    true_keys, true_values = (
        part[:length].astype(np.float64).reshape(length, heads, width) for part in heard
    )
    chances = np.exp(np.einsum("hd,thd->ht", queries.reshape(heads, width), true_keys))
    chances /= chances.sum(axis=1, keepdims=True)
    expected = np.einsum("ht,thd->hd", chances, true_values).ravel()
    assert found == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("length", [64, 1500])
def test_the_largest_values_there_are_do_not_overflow(length: int) -> None:
    values = np.full((length // 2, 64, 2), -32767, np.int16)
    for chances in (np.full(length, 1 / length, np.float32), np.eye(1, length, 5, np.float32)[0]):
        found = np.zeros(64, np.float32)
        kept.mix(np.ascontiguousarray(chances, np.float32), values, found)
        assert found == pytest.approx(np.full(64, -32767.0), rel=1e-3)


@pytest.mark.parametrize("kind", [np.int16, np.int8])
def test_the_largest_keys_there_are_do_not_overflow(kind: type) -> None:
    most = np.iinfo(kind).max
    keys, scores = np.full((16, 8, 16), -most, kind), np.empty(16, np.float32)
    kept.compare(np.full(128, 2.0, np.float32), keys, np.ones(16, np.float32), 9, scores)
    assert scores[:9] == pytest.approx(np.full(9, -256.0 * most), rel=1e-3)


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
    keys, values = np.ones((2, 4, 1, 16), np.int16), np.ones((2, 2, 32, 2), np.int8)
    scales, silence = np.ones((2, 4), np.float32), np.zeros(32, np.float32)
    kept.remember_keys(silence, 1, keys, scales, 0, 2)
    assert not keys[:, 1].any()
    assert np.isfinite(scales).all()
    kept.remember_values(silence, 1, values, scales, 0, 2)
    assert not values[:, 0, :16, 1].any()
    assert values[:, 0, :, 0].all()
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
