"""The decoder's rows and prompts on OpenVINO; its values are held to the reference in parity."""

import numpy as np
import pytest

from musicgen_core.errors import InvalidRequest, ModelUnavailable
from musicgen_core.model.sampling import blended, guidance

pytestmark = pytest.mark.models

rng = np.random.default_rng(7)
COLUMNS = rng.integers(0, 65, (4, 300))
SHORT, LONG = (rng.standard_normal((n, 24)).astype(np.float32) for n in (5, 21))
GRAPH = "musicgen_core.engines.openvino.decoder_graph"
PRECISIONS = pytest.mark.parametrize("precision", ["fp32", "int8"])


def logits_of(decoder, rows: int, start: int, stop: int) -> np.ndarray:
    """Feed every row the same columns -> [rows, steps, K, V]."""
    steps = [decoder.step(np.tile(COLUMNS[:, s], (rows, 1))) for s in range(start, stop)]
    return np.stack(steps, axis=1)


def after(prompt: int, machine, states=SHORT) -> np.ndarray:
    """One row's six logits behind a prompt of so many columns."""
    decoder = machine.begin([states], 300)
    if prompt:
        decoder.prefill(0, COLUMNS[:, :prompt])
    return logits_of(decoder, 1, prompt, prompt + 6)[0]


def run_by(graph, layer: str) -> list[list[str]]:
    """The types of what each of a compiled graph's layers of one kind takes in."""
    return [
        [source.get_element_type().get_type_name() for source in node.inputs()]
        for node in graph.get_runtime_model().get_ops()
        if node.get_rt_info()["layerType"].astype(str) == layer
    ]


def relative_error(made: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.square(made - true).mean()) / true.std())


@PRECISIONS
@pytest.mark.parametrize("rows", [2, 3, 8, 9])
def test_a_row_in_a_batch_equals_the_row_alone(lm, precision, rows) -> None:
    states = [LONG, None, LONG, SHORT, None, LONG, SHORT, None][: rows - 1]
    made = logits_of(lm(precision).begin([*states, SHORT], 300), rows, 0, 6)
    assert made[-1] == pytest.approx(after(0, lm(precision)), abs=1e-5)
    assert not np.allclose(made[0], made[-1], atol=0.1)


@PRECISIONS
def test_each_row_stands_at_its_own_position(lm, precision) -> None:
    decoder = lm(precision).begin([SHORT, SHORT, LONG], 300)
    decoder.prefill(1, COLUMNS[:, :70])
    decoder.prefill(2, COLUMNS[:, :30])
    starts = (0, 70, 30)
    steps = [decoder.step(np.stack([COLUMNS[:, start + s] for start in starts])) for s in range(6)]
    made = np.stack(steps, axis=1)
    # In 8 bits a cache rounds what differs in its last bit to another step now and then.
    tolerance = 1e-5 if precision == "fp32" else 2e-2
    for row, start, states in zip(made, starts, (SHORT, SHORT, LONG), strict=True):
        assert row == pytest.approx(after(start, lm(precision), states), abs=tolerance)


@PRECISIONS
def test_summed_rows_have_the_sums_of_their_logits(lm, precision) -> None:
    columns = [np.tile(COLUMNS[:, s], (3, 1)) for s in range(3)]
    apart, summed = (lm(precision).begin([SHORT, None, LONG], 300) for _ in range(2))
    blend = guidance([3.0, None])
    for column in columns:
        own = apart.step(column)
        # In 8 bits the states are rounded after they are summed instead of before.
        tolerance = 1e-4 if precision == "fp32" else 0.1
        assert summed.step(column, blend) == pytest.approx(blended(own, blend), abs=tolerance)


@pytest.mark.parametrize("length", [1, 2, 65])
def test_prefill_equals_stepping_through_the_prompt(lm, length) -> None:
    stepped = logits_of(lm().begin([LONG], 300), 1, 0, length + 6)[0, length:]
    assert after(length, lm(), LONG) == pytest.approx(stepped, abs=1e-5)


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


def test_a_prompt_behind_the_first_step_is_refused(lm) -> None:
    decoder = lm().begin([SHORT], 300)
    logits_of(decoder, 1, 0, 1)
    with pytest.raises(RuntimeError, match="before its first step"):
        decoder.prefill(0, COLUMNS[:, :5])


def test_a_row_at_the_models_last_position_waits_there(lm) -> None:
    decoder = lm().begin([SHORT, None], 1024)
    decoder.prefill(0, np.tile(COLUMNS, 4)[:, :1022])
    made = logits_of(decoder, 2, 0, 6)
    assert int(decoder._timeline.step()[0].max()) == 1023
    assert made[1] == pytest.approx(logits_of(lm().begin([None], 6), 1, 0, 6)[0], abs=1e-5)


def test_two_batches_at_once_see_nothing_of_each_other(lm) -> None:
    first, second = lm().begin([SHORT], 300), lm().begin([LONG], 300)
    made = []
    for step in range(6):
        made.append(logits_of(first, 1, step, step + 1))
        logits_of(second, 1, 100 + step, 101 + step)
    assert np.array_equal(np.concatenate(made, axis=1)[0], after(0, lm()))


def test_logits_stay_what_they_were_when_the_next_step_is_made(lm) -> None:
    decoder = lm().begin([SHORT], 300)
    first = decoder.step(COLUMNS[None, :, 0])
    kept = first.copy()
    decoder.step(COLUMNS[None, :, 1])
    assert np.array_equal(first, kept)


def test_more_positions_than_the_model_has_are_refused(lm) -> None:
    with pytest.raises(InvalidRequest, match="1024 frames"):
        lm().begin([None], 1025)


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
