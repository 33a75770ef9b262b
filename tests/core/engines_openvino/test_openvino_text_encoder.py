"""T5 on OpenVINO; its values are held to the reference in tests/parity."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_networks import TEXT, drawn, tiny_tensors

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.errors import ModelUnavailable

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def encoder():
    from musicgen_core.engines.openvino.text_encoder import OpenVINOTextEncoder

    return OpenVINOTextEncoder


def test_states_depend_on_the_order_of_tokens(encoder) -> None:
    t5 = encoder(TEXT, tiny_tensors())
    forward, backward = t5.encode([7, 8, 9, 1]), t5.encode([9, 8, 7, 1])
    assert (forward.shape, forward.dtype) == ((4, 24), np.float32)
    assert np.abs(forward[3] - backward[3]).max() > 1e-3


def test_states_of_one_prompt_stay_when_the_next_is_encoded(encoder) -> None:
    t5 = encoder(TEXT, tiny_tensors())
    first = t5.encode([7, 8, 9, 1])
    kept = first.copy()
    t5.encode([4, 3, 2, 1])
    assert np.array_equal(first, kept)


@pytest.mark.parametrize(("gated", "activation"), [(True, "gelu_new"), (False, "relu")])
def test_every_kind_of_t5_is_the_same_on_mindspore(encoder, gated, activation) -> None:
    import mindspore as ms
    from tiny_networks import CODEC, DECODER

    from musicgen_core.engines.mindspore.text_encoder import MindSporeTextEncoder

    config = replace(TEXT, gated=gated, activation=activation)
    tensors = drawn(tensor_shapes(ModelConfig(config, DECODER, CODEC)), seed=5)
    ids = [7, 8, 9, 30, 41, 1]
    other = MindSporeTextEncoder(config, tensors, ms.float32).encode(ids)
    # The two approximate the tanh of gelu_new differently.
    assert encoder(config, tensors).encode(ids) == pytest.approx(other, abs=1e-3 if gated else 1e-5)


def test_a_missing_tensor_is_named(encoder) -> None:
    tensors = tiny_tensors()
    del tensors["text_encoder.shared.weight"]
    with pytest.raises(ModelUnavailable, match=r"text_encoder\.shared\.weight"):
        encoder(TEXT, tensors).encode([1])
