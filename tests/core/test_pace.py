"""How long is left, from what was measured."""

from __future__ import annotations

import pytest

from musicgen_core.pace import Pace
from musicgen_core.requests import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(
    pace: Pace, clock: Clock, frames: int, step: float, tail: float = 0.0, head: float = 0.0
) -> None:
    lap = pace.begin(frames)
    clock.now += head
    for done in range(1, frames + 1):
        clock.now += step
        lap.advance(Progress(done, frames))
    clock.now += tail
    lap.finish()


def test_nothing_is_guessed_before_anything_was_measured() -> None:
    pace = Pace()
    assert pace.seconds_for(100) is None
    assert pace.begin(100).seconds_left() is None


def test_a_finished_clip_tells_how_long_the_next_takes_decoding_included() -> None:
    clock = Clock()
    pace = Pace(clock)
    run(pace, clock, frames=100, step=0.02, tail=1.0)
    assert pace.seconds_for(200) == pytest.approx(200 * 0.02 + 2.0)
    assert pace.begin(50).seconds_left() == pytest.approx(50 * 0.02 + 0.5)


def test_clips_on_their_way_are_judged_by_their_own_speed() -> None:
    clock = Clock()
    pace = Pace(clock)
    run(pace, clock, frames=100, step=0.02, tail=1.0)
    slow, fresh = pace.begin(200), pace.begin(200)
    for done in range(1, 51):
        clock.now += 0.1
        slow.advance(Progress(done, 200))
    assert slow.seconds_left() == pytest.approx(150 * 0.1 + 2.0)
    assert fresh.seconds_left() == pytest.approx(200 * 0.02 + 2.0)


def test_the_time_before_the_first_step_is_not_speed() -> None:
    clock = Clock()
    pace = Pace(clock)
    run(pace, clock, frames=10, step=0.1, head=3600)  # a model is loaded
    assert pace.seconds_for(10) == pytest.approx(1.0)


def test_a_first_clip_that_compiled_is_soon_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    run(pace, clock, frames=10, step=1.0, tail=30.0)
    run(pace, clock, frames=10, step=0.1, tail=0.5)
    assert pace.seconds_for(10) == pytest.approx(1.5)


def test_a_machine_that_becomes_slower_is_noticed() -> None:
    clock = Clock()
    pace = Pace(clock)
    for step in (0.1, 0.2, 0.2, 0.2, 0.2, 0.2):
        run(pace, clock, frames=10, step=step)
    assert pace.seconds_for(10) == pytest.approx(2.0, rel=0.05)
