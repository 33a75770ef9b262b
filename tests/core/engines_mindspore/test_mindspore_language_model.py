"""The decoder's rows, caches and contexts; its values are held to the reference in tests/parity."""

import numpy as np
import pytest
from decoder_rows import COLUMNS, LONG, SHORT, logits_of
from numpy.core._multiarray_umath import __cpu_features__

from musicgen_core.errors import InvalidRequest
from musicgen_core.model.sampling import blended, guidance

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def alone(lm):
    """A row's logits without company, from nothing and behind a prompt of 70 columns."""
    plain = logits_of(lm.begin([SHORT], 300), 1, 0, 6)[0]
    decoder = lm.begin([SHORT], 300)
    decoder.prefill(0, COLUMNS[:, :70])
    return plain, logits_of(decoder, 1, 70, 76)[0]


def assert_same(one: np.ndarray, other: np.ndarray) -> None:
    """To the bit where MindSpore has its kernels for AVX-512.

    Those for AVX2 add up in another order for odd numbers of rows.
    """
    if __cpu_features__["AVX512F"]:
        assert np.array_equal(one, other)
    else:
        assert one == pytest.approx(other, abs=2e-6, rel=2e-6)


@pytest.mark.parametrize("rows", [2, 3, 8, 9])
def test_a_row_in_a_batch_equals_the_row_alone_to_the_bit(lm, alone, rows) -> None:
    states = [LONG, None, LONG, SHORT, None, LONG, SHORT, None][: rows - 1]
    made = logits_of(lm.begin([*states, SHORT], 300), rows, 0, 6)
    assert_same(made[-1], alone[0])
    assert not np.allclose(made[0], made[-1])


def test_summed_rows_have_the_sums_of_their_logits(lm) -> None:
    column, blend = np.tile(COLUMNS[:, 0], (3, 1)), guidance([3.0, None])
    own = lm.begin([SHORT, None, LONG], 300).step(column)
    made = lm.begin([SHORT, None, LONG], 300).step(column, blend)
    assert made == pytest.approx(blended(own, blend), abs=1e-6)


def test_each_row_stands_at_its_own_position(lm, alone) -> None:
    decoder = lm.begin([SHORT, SHORT, None], 300)
    decoder.prefill(1, COLUMNS[:, :70])
    columns = [np.stack([COLUMNS[:, s], COLUMNS[:, 70 + s], COLUMNS[:, s]]) for s in range(6)]
    made = np.stack([decoder.step(column) for column in columns], axis=1)
    assert_same(made[0], alone[0])
    assert_same(made[1], alone[1])


def test_a_neighbor_in_a_longer_context_changes_no_bit(lm, alone) -> None:
    decoder = lm.begin([None, SHORT], 300)
    decoder.prefill(0, COLUMNS[:, :280])
    made = [decoder.step(np.stack([COLUMNS[:, 280 + s], COLUMNS[:, s]])) for s in range(6)]
    assert_same(np.stack(made, axis=1)[1], alone[0])


@pytest.mark.parametrize("length", [1, 63, 64, 65])
def test_prefill_equals_stepping_through_the_prompt(lm, length) -> None:
    stepped = logits_of(lm.begin([LONG], 300), 1, 0, length + 2)[:, length:]
    decoder = lm.begin([LONG], 300)
    decoder.prefill(0, COLUMNS[:, :length])
    assert logits_of(decoder, 1, length, length + 2) == pytest.approx(stepped, abs=1e-5)


def test_a_longer_context_takes_the_past_along(lm) -> None:
    grown, at_once = lm.begin([LONG, None], 300), []
    for row in (0, 1):
        grown.prefill(row, COLUMNS[:, :250])
    across = logits_of(grown, 2, 250, 262)
    decoder = lm.begin([LONG, None], 300)
    for row in (0, 1):
        decoder.prefill(row, COLUMNS[:, :260])
    at_once = logits_of(decoder, 2, 260, 262)
    assert across[:, 10:] == pytest.approx(at_once, abs=1e-5)


def test_a_row_that_is_done_waits_at_its_end(lm) -> None:
    decoder = lm.begin([SHORT, None], 256)
    decoder.prefill(0, COLUMNS[:, :254])
    made = logits_of(decoder, 2, 0, 6)
    assert decoder._shape.context == 256
    assert np.array_equal(made[1], logits_of(lm.begin([None], 6), 1, 0, 6)[0])


def test_a_new_batch_sees_nothing_of_the_one_before(lm, alone) -> None:
    logits_of(lm.begin([LONG], 300), 1, 100, 110)
    known = len(lm._graphs._made)
    assert np.array_equal(logits_of(lm.begin([SHORT], 300), 1, 0, 6)[0], alone[0])
    assert len(lm._graphs._made) == known


def test_a_batch_that_another_followed_cannot_go_on(lm) -> None:
    first = lm.begin([None], 10)
    lm.begin([None], 10)
    with pytest.raises(RuntimeError, match="over"):
        first.step(np.zeros((1, 4), np.int64))


def test_more_positions_than_the_model_has_are_refused(lm) -> None:
    with pytest.raises(InvalidRequest, match="1024 frames"):
        lm.begin([None], 1025)


def test_half_precision_stays_near_single(tensors, lm) -> None:
    import mindspore as ms

    from musicgen_core.engines.mindspore.language_model import MindSporeLanguageModel

    half = MindSporeLanguageModel(lm._config, tensors, 24, ms.float16)
    made = []
    for model in (lm, half):
        decoder = model.begin([LONG, None], 300)
        decoder.prefill(0, COLUMNS[:, :5])
        made.append(logits_of(decoder, 2, 5, 8))
    assert made[1] == pytest.approx(made[0], abs=0.02)
    assert made[1].dtype == np.float32
