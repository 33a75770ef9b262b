"""Eight bits a weight, and where they are too few."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_networks import DECODER, tiny_tensors

from musicgen_core.errors import ModelUnavailable

rng = np.random.default_rng(3)


@pytest.fixture(scope="module")
def weights():
    from musicgen_core.engines.openvino.weights import Weights

    return Weights


def test_a_weight_is_off_by_half_a_step_at_most() -> None:
    from musicgen_core.engines.openvino.weights import quantized

    weight = (rng.standard_normal((20, 50)) * 10.0 ** rng.integers(-9, 9, (20, 1))).astype("f4")
    steps, scale = quantized(weight)
    assert (steps.dtype, scale.shape) == (np.int8, (20, 1))
    assert np.abs(steps).max(axis=1).tolist() == [127] * 20
    assert (np.abs(steps * scale - weight) <= 0.501 * scale).all()


def test_a_row_of_zeros_stays_one() -> None:
    from musicgen_core.engines.openvino.weights import quantized

    steps, scale = quantized(np.zeros((2, 3), np.float32))
    assert not steps.any()
    assert (scale > 0).all()


def test_a_missing_tensor_is_named(weights) -> None:
    with pytest.raises(ModelUnavailable, match=r"decoder\.layers\.0\.fc1\.weight"):
        weights({}, eight_bit=True).below("decoder.layers.0.").array("fc1.weight")


def test_an_unknown_activation_is_named(weights) -> None:
    from musicgen_core.engines.openvino.decoder_graph import decoder_graph

    with pytest.raises(ModelUnavailable, match="swish"):
        decoder_graph(replace(DECODER, activation="swish"), weights({}, eight_bit=True))


def test_sharpness_is_the_deviation_of_scores() -> None:
    from musicgen_core.engines.sharpness import deviation

    queries, keys = (rng.standard_normal((32, 32)).astype("f4") for _ in "qk")
    gain, bias = (rng.standard_normal(32).astype("f4") for _ in "gb")
    one, other = (rng.standard_normal((40_000, 32)) * gain + bias * rng.standard_normal((40_000, 1))
                  for _ in "ab")  # fmt: skip
    split = [(a @ w.T).reshape(-1, 4, 8) for a, w in ((one, queries), (other, keys))]
    seen = (split[0] * split[1]).sum(axis=2).std(axis=0) / np.sqrt(8)
    assert deviation(queries, keys, gain, bias, 4) == pytest.approx(seen, rel=0.05)


def constants(graph) -> dict[str, int]:
    """How many matrices a graph holds in each type."""
    held: dict[str, int] = {}
    for node in graph.get_ops():
        shape = node.get_output_shape(0) if node.get_type_name() == "Constant" else ()
        if len(shape) == 2 and shape[1] > 1:
            kind = str(node.get_output_element_type(0).get_type_name())
            held[kind] = held.get(kind, 0) + 1
    return held


@pytest.mark.models
@pytest.mark.parametrize(("narrow", "of_a_layer", "of_attention"), [(512, 4, 2), (0, 6, 4)])
def test_a_layer_whose_attention_is_sharp_keeps_it_in_float32(
    weights, narrow, of_a_layer, of_attention, monkeypatch
) -> None:
    from musicgen_core.engines.openvino import decoder_graph as graphs
    from musicgen_core.engines.openvino.decoder_graph import advised_cache, decoder_graph

    monkeypatch.setattr(graphs, "_NARROW", narrow)
    whole = 2 * of_a_layer + 1
    tensors = tiny_tensors()
    plain = decoder_graph(DECODER, weights(tensors, eight_bit=True))
    # Embeddings and positions are looked up, not multiplied: they stay as they are.
    assert constants(plain) == {"f32": 2, "i8": whole}
    assert advised_cache(plain) == "u8"
    sharp = "decoder.model.decoder.layers.1.self_attn.q_proj.weight"
    changed = decoder_graph(
        DECODER, weights(tensors | {sharp: 20 * tensors[sharp]}, eight_bit=True)
    )
    assert constants(changed) == {"f32": 2 + of_attention, "i8": whole - of_attention}
    assert advised_cache(changed) == "f16"
    exact = decoder_graph(DECODER, weights(tensors, eight_bit=False))
    assert constants(exact) == {"f32": 2 + whole}
    assert advised_cache(exact) == "f32"
