"""Both weight-norm namings fold to the same plain weight."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.checkpoint.naming import fold_weight_norm, stored_names, stored_shapes


def test_folding_gives_every_row_the_norm_of_its_gain() -> None:
    rng = np.random.default_rng(0)
    direction = rng.standard_normal((5, 3, 7)).astype(np.float32)
    gain = rng.uniform(0.5, 2, (5, 1, 1)).astype(np.float32)
    folded = fold_weight_norm(gain, direction)
    assert folded.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(folded.reshape(5, -1), axis=1), gain[:, 0, 0], 1e-6)
    cosine = (folded * direction).sum((1, 2)) / np.linalg.norm(direction.reshape(5, -1), axis=1)
    np.testing.assert_allclose(cosine, gain[:, 0, 0], 1e-6)


def test_a_row_with_gain_zero_is_zero_with_and_without_a_direction() -> None:
    direction = np.ones((3, 2, 4), np.float32)
    direction[1] = 0
    folded = fold_weight_norm(np.float32([0, 0, 2]).reshape(3, 1, 1), direction)
    assert not folded[:2].any()
    assert np.isfinite(folded).all()
    assert folded[2].any()


@pytest.mark.parametrize(
    "pair",
    [
        ("a.conv.weight_g", "a.conv.weight_v"),
        ("a.conv.parametrizations.weight.original0", "a.conv.parametrizations.weight.original1"),
    ],
)
def test_gain_and_direction_are_found_under_both_namings(pair: tuple[str, str]) -> None:
    assert stored_names("a.conv.weight", {*pair, "a.conv.bias"}) == pair
    assert stored_names("a.conv.weight", {pair[0]}) == ()


def test_a_plain_weight_wins_and_a_bias_has_no_other_name() -> None:
    names = {"a.weight", "a.weight_g", "a.weight_v"}
    assert stored_names("a.weight", names) == ("a.weight",)
    assert stored_names("a.bias", {"a.bias_g", "a.bias_v"}) == ()


def test_the_text_embedding_is_found_under_its_tied_name() -> None:
    tied = "text_encoder.encoder.embed_tokens.weight"
    assert stored_names("text_encoder.shared.weight", {tied}) == (tied,)


def test_a_gain_has_one_value_for_each_row() -> None:
    assert stored_shapes((4, 2, 7), ("g", "v")) == [(4, 1, 1), (4, 2, 7)]
    assert stored_shapes((4, 2, 7), ("w",)) == [(4, 2, 7)]
