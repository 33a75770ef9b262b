import numpy as np
import pytest

from musicgen_core.model.delay import (
    UNKNOWN,
    apply_delay,
    delay_of,
    prompted_columns,
    undo_delay,
)


@pytest.mark.parametrize(("books", "channels"), [(1, 1), (2, 1), (4, 1), (8, 2), (2, 2)])
@pytest.mark.parametrize("frames", [1, 3, 50])
def test_undo_delay_restores_the_original_codes(books: int, channels: int, frames: int) -> None:
    codes = np.arange(books * frames).reshape(books, frames)
    delay = delay_of(books, channels)
    assert np.array_equal(undo_delay(apply_delay(codes, delay, pad=-1), delay), codes)


def test_stereo_sides_share_their_delay() -> None:
    assert delay_of(8, channels=2).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_columns_hold_start_tokens_prompt_and_gaps_where_the_paper_has_them() -> None:
    prompt = np.array([[1, 2], [3, 4], [5, 6]])
    u, s = UNKNOWN, 9
    assert prompted_columns(prompt, 2, delay_of(3, 1), start_token=s).tolist() == [
        [s, 1, 2, u, u, s, s],
        [s, s, 3, 4, u, u, s],
        [s, s, s, 5, 6, u, u],
    ]


@pytest.mark.parametrize("length", [0, 1, 5])
def test_every_column_up_to_the_prompts_length_is_known(length: int) -> None:
    columns = prompted_columns(np.zeros((4, length), np.int64), 7, delay_of(4, 1), 9)
    unknown = (columns == UNKNOWN).any(axis=0)
    assert not unknown[: length + 1].any()
    assert unknown[length + 1 :].all()
