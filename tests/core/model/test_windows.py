from dataclasses import dataclass, field

import numpy as np
import pytest
from weightless import VOCAB, engine

from musicgen_core.model.protocols import Row
from musicgen_core.model.windows import Window, generate_in_windows
from musicgen_core.requests import Codes, GenerationDefaults, Progress, SamplingParams

WINDOW = Window.of(20)


def row(frames: int, prompt: Codes | None = None) -> Row:
    return Row(frames, 1, SamplingParams().over(GenerationDefaults()), (2, 1), prompt)


@dataclass
class Recorder:
    """Hands rows on to an engine and keeps what it was asked."""

    asked: list[list[Row]] = field(default_factory=list)

    def generate(self, rows, on_progress):
        self.asked.append(list(rows))
        return engine().generate(rows, on_progress)


@pytest.mark.parametrize("frames", [1, 20, 21, 32, 33, 100])
@pytest.mark.parametrize("prompted", [0, 3, 40])
def test_a_clip_of_any_length_is_made_within_the_context(frames: int, prompted: int) -> None:
    prompt = np.zeros((4, prompted), np.int64) if prompted else None
    recorder = Recorder()
    (codes,) = generate_in_windows(recorder, [row(frames, prompt)], WINDOW, lambda _: None)
    assert codes.shape == (4, frames)
    for rows in recorder.asked:
        heard = 0 if rows[0].prompt is None else rows[0].prompt.shape[1]
        assert heard + rows[0].frames <= 20


def test_a_later_window_hears_the_end_of_what_was_made() -> None:
    recorder = Recorder()
    (codes,) = generate_in_windows(recorder, [row(30)], WINDOW, lambda _: None)
    second = recorder.asked[1][0]
    assert second.frames == 10
    assert np.array_equal(second.prompt, codes[:, 10:20])


def test_a_clip_that_fits_is_made_in_one_window() -> None:
    recorder = Recorder()
    generate_in_windows(recorder, [row(12, np.zeros((4, 8), np.int64))], WINDOW, lambda _: None)
    assert len(recorder.asked) == 1
    assert recorder.asked[0][0].prompt.shape == (4, 8)


def test_rows_of_different_lengths_equal_the_rows_alone() -> None:
    rows = [row(50), row(7), row(25, np.full((4, 9), VOCAB - 1))]
    together = generate_in_windows(engine(), rows, WINDOW, lambda _: None)
    for index, single in enumerate(rows):
        (alone,) = generate_in_windows(engine(), [single], WINDOW, lambda _: None)
        assert np.array_equal(together[index], alone)


def test_progress_never_goes_back_and_ends_at_the_total() -> None:
    seen: list[Progress] = []
    generate_in_windows(engine(), [row(50)], WINDOW, seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1] == Progress(50, 50)
