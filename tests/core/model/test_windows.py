import numpy as np
import pytest
from made_codes import made_codes
from weightless import engine

from musicgen_core.model.protocols import Row
from musicgen_core.model.windows import Window, WindowedRow
from musicgen_core.requests import Codes, GenerationDefaults, SamplingParams

WINDOW = Window.of(20)


def row(frames: int, prompt: Codes | None = None) -> Row:
    return Row(frames, 1, SamplingParams().over(GenerationDefaults()), (2, 1), prompt)


def in_windows(whole: Row) -> tuple[Codes, list[Row]]:
    """A row's codes and the rows that made them."""
    windowed, parts, asked = WindowedRow(whole, WINDOW), [], []
    while (part := windowed.next_row()) is not None:
        asked.append(part)
        parts += made_codes(engine(), [part])
        windowed.add(parts[-1])
    assert windowed.made == whole.frames
    return np.concatenate(parts, axis=1), asked


@pytest.mark.parametrize("frames", [1, 20, 21, 32, 33, 100])
@pytest.mark.parametrize("prompted", [0, 3, 40])
def test_a_clip_of_any_length_is_made_within_the_context(frames: int, prompted: int) -> None:
    prompt = np.zeros((4, prompted), np.int64) if prompted else None
    codes, asked = in_windows(row(frames, prompt))
    assert codes.shape == (4, frames)
    for part in asked:
        heard = 0 if part.prompt is None else part.prompt.shape[1]
        assert heard + part.frames <= 20


def test_a_later_window_hears_the_end_of_what_was_made() -> None:
    codes, (_, second) = in_windows(row(30))
    assert second.frames == 10
    assert np.array_equal(second.prompt, codes[:, 10:20])


def test_a_clip_that_fits_is_made_in_one_window() -> None:
    _, (only,) = in_windows(row(12, np.zeros((4, 8), np.int64)))
    assert only.prompt.shape == (4, 8)


def test_every_window_draws_from_a_stream_of_its_own() -> None:
    _, asked = in_windows(row(100))
    assert asked[0].seed == 1
    assert len({part.seed for part in asked}) == len(asked) > 3
