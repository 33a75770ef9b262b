"""A decoder's rows and prompts by every engine; its values are held to the reference in parity."""

import numpy as np
import pytest
from decoder_rows import COLUMNS, LONG, SHORT, after, logits_of

from musicgen_core.errors import InvalidRequest
from musicgen_core.model.sampling import blended, guidance

pytestmark = pytest.mark.models

PRECISIONS = pytest.mark.parametrize("precision", ["fp32", "int8"])


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


def test_a_prompt_behind_the_first_step_is_refused(lm) -> None:
    decoder = lm().begin([SHORT], 300)
    logits_of(decoder, 1, 0, 1)
    with pytest.raises(RuntimeError, match="before its first step"):
        decoder.prefill(0, COLUMNS[:, :5])


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


def test_a_row_at_the_models_last_position_waits_there(lm) -> None:
    decoder = lm().begin([SHORT, None], 1024)
    decoder.prefill(0, np.tile(COLUMNS, 4)[:, :1022])
    made = logits_of(decoder, 2, 0, 6)
    again = logits_of(decoder, 2, 6, 8)
    assert np.isfinite(again[0]).all()
    assert made[1] == pytest.approx(logits_of(lm().begin([None], 6), 1, 0, 6)[0], abs=1e-5)
