"""The decoder's rows and prompts on OpenVINO; its values are held to the reference in parity."""

import numpy as np
import pytest
from decoder_rows import COLUMNS, LONG, SHORT, logits_of, relative_error

from musicgen_core.errors import ModelUnavailable

pytestmark = pytest.mark.models

GRAPH = "musicgen_core.engines.openvino.decoder_graph"
PRECISIONS = pytest.mark.parametrize("precision", ["fp32", "int8"])


def run_by(graph, layer: str) -> list[list[str]]:
    """The types of what each of a compiled graph's layers of one kind takes in."""
    return [
        [source.get_element_type().get_type_name() for source in node.inputs()]
        for node in graph.get_runtime_model().get_ops()
        if node.get_rt_info()["layerType"].astype(str) == layer
    ]


def test_all_prompts_are_read_with_one_call(lm, monkeypatch) -> None:
    decoder = lm().begin([SHORT, None, LONG], 300)
    decoder.prefill(0, COLUMNS[:, :40])
    decoder.prefill(2, COLUMNS[:, :70])
    fed = []
    feed = decoder._feed
    monkeypatch.setattr(
        decoder, "_feed", lambda to, ids, *rest: (fed.append(ids.shape), feed(to, ids, *rest))
    )
    logits_of(decoder, 3, 70, 72)
    assert fed == [(3, 70, 4), (3, 1, 4), (3, 1, 4)]


def test_the_text_is_read_once_for_the_whole_clip(lm, monkeypatch) -> None:
    machine = lm()
    read = []
    reader = machine._reader.read
    monkeypatch.setattr(
        machine._reader, "read", lambda states: (read.append(len(states)), reader(states))[1]
    )
    logits_of(machine.begin([SHORT, None], 300), 2, 0, 4)
    assert read == [2]


@pytest.mark.parametrize(
    ("precision", "cache", "bound"),
    [("fp32", "f16", 2e-3), ("fp32", "u8", 2e-2), ("int8", "auto", 3e-2), ("int8", "f32", 3e-2)],
)
def test_fewer_bits_stay_near_float32(lm, precision, cache, bound) -> None:
    def logits(machine) -> np.ndarray:
        decoder = machine.begin([LONG, None], 300)
        for row in (0, 1):
            decoder.prefill(row, COLUMNS[:, :50])
        return logits_of(decoder, 2, 50, 80)

    error = relative_error(logits(lm(precision, cache)), logits(lm()))
    assert 0 < error < bound


@pytest.mark.parametrize(
    ("precision", "asked", "kept"),
    [
        ("fp32", "auto", "float32"),
        ("int8", "auto", "uint8_t"),
        ("int8", "f16", "float16"),
        ("int8", "f32", "float32"),
        ("fp32", "u8", "uint8_t"),
    ],
)
def test_the_cache_of_attention_is_kept_as_asked(lm, precision, asked, kept) -> None:
    decoder = lm(precision, asked)._decoder.network
    assert kept in str(decoder.get_property("KV_CACHE_PRECISION"))
    fused = [node for node in run_by(decoder, "ScaledDotProductAttention") if len(node) == 7]
    # The mask, the order of rows, and the two halves of the cache come on top of three inputs.
    assert len(fused) == 2


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize(("narrow", "of_a_layer"), [(512, 4), (0, 6)])
def test_eight_bits_stay_eight_bits_inside_the_kernels(
    lm, precision, narrow, of_a_layer, monkeypatch
) -> None:
    monkeypatch.setattr(f"{GRAPH}._NARROW", narrow)
    machine = lm.__wrapped__(precision)
    weights = [inputs[1] for inputs in run_by(machine._decoder.network, "FullyConnected")]
    assert len(weights) == 2 * of_a_layer + 1
    assert weights.count("i8") == (len(weights) if precision == "int8" else 0)


@PRECISIONS
def test_a_wide_models_attention_to_text_is_a_narrow_ones(lm, precision, monkeypatch) -> None:
    def logits(machine) -> np.ndarray:
        decoder = machine.begin([LONG, None, SHORT], 300)
        decoder.prefill(0, COLUMNS[:, :20])
        return logits_of(decoder, 3, 20, 40)

    narrow = logits(lm(precision))
    monkeypatch.setattr(f"{GRAPH}._NARROW", 0)
    wide = logits(lm.__wrapped__(precision))
    assert relative_error(wide, narrow) < (1e-5 if precision == "fp32" else 3e-2)


@pytest.mark.parametrize(("precision", "cache"), [("fp16", "auto"), ("int8", "u4")])
def test_an_unknown_precision_or_cache_is_refused(lm, precision, cache) -> None:
    with pytest.raises(ModelUnavailable, match="not in fp16" if cache == "auto" else "not in u4"):
        lm(precision, cache)
