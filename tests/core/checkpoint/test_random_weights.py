"""Random checkpoints have MusicGen's real shapes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.random_weights import SIZES, random_checkpoint
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.errors import ModelUnavailable

CHECKPOINTS = Path(__file__).parents[2] / "golden" / "checkpoints"


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    return random_checkpoint("tiny")


@pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo"])
def test_the_shapes_are_those_of_a_checkpoint_that_transformers_saved(name: str) -> None:
    saved = load_checkpoint(str(CHECKPOINTS / name))
    implied = dict(tensor_shapes(saved.config))
    found = {tensor: value.shape for tensor, value in saved.tensors.items()}
    assert {tensor: found[tensor] for tensor in implied} == implied
    # What else a file may hold, training left there.
    assert all("codebook" in tensor for tensor in set(found) - set(implied))


def test_a_random_checkpoint_has_all_tensors_in_float32(tiny) -> None:
    assert {n: v.shape for n, v in tiny.tensors.items()} == dict(tensor_shapes(tiny.config))
    assert {v.dtype for v in tiny.tensors.values()} == {np.dtype(np.float32)}


def test_small_has_588_million_weights() -> None:
    shapes = dict(tensor_shapes(SIZES["small"]))
    weights = {
        part: sum(math.prod(shape) for name, shape in shapes.items() if name.startswith(part))
        for part in ("text_encoder", "decoder", "audio_encoder")
    }
    # In millions: T5-base's encoder, the decoder, EnCodec with its four codebooks.
    assert [round(n / 1e6) for n in weights.values()] == [110, 420, 58]


def test_no_two_tensors_and_no_two_rows_are_equal(tiny) -> None:
    heads = [tiny.tensors[f"decoder.lm_heads.{k}.weight"] for k in range(4)]
    rows = np.concatenate(heads)
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_the_same_size_is_the_same_checkpoint(tiny) -> None:
    again = random_checkpoint("tiny")
    assert all(np.array_equal(again.tensors[n], v) for n, v in tiny.tensors.items())


def test_words_become_ids_of_the_vocabulary_with_the_end_token_last(tiny) -> None:
    ids = tiny.processor.tokenize("lo-fi piano, lo-fi drums")
    assert len(ids) == 5
    assert ids[0] == ids[2] != ids[1]
    assert ids[-1] == 1
    assert all(3 <= i < tiny.config.text.vocab_size for i in ids[:-1])


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match="tiny, small, medium"):
        random_checkpoint("huge")


def test_a_gated_t5_has_two_matrices_where_a_plain_one_has_one() -> None:
    config = SIZES["tiny"]
    gated = dict(tensor_shapes(replace(config, text=replace(config.text, gated=True))))
    plain = dict(tensor_shapes(config))
    block = "text_encoder.encoder.block.1.layer.1.DenseReluDense"
    assert {n.rsplit(".", 2)[1] for n in set(gated) ^ set(plain)} == {"wi", "wi_0", "wi_1"}
    assert gated[f"{block}.wi_1.weight"] == plain[f"{block}.wi.weight"]
