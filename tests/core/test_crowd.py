"""How many clips at once are worth it, by measured speed alone."""

from __future__ import annotations

import pytest

from musicgen_core.crowd import FADING, STALE, Bearable, Crowd

REAL_TIME = 0.02
BEARABLE = Bearable(REAL_TIME, times_alone=4.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def crowd(*steps: float, clock: Clock | None = None) -> Crowd:
    """What takes so many seconds a frame with 1, 2, 3 ... clips."""
    known = Crowd(clock or Clock())
    for clips, step in enumerate(steps, 1):
        known.learn(clips, 100, 100 * step)
    return known


def test_what_was_never_tried_is_tried() -> None:
    assert crowd().most(8, BEARABLE) == 8
    assert crowd(0.004).most(8, BEARABLE) == 8


def test_clips_join_as_long_as_that_makes_more_music() -> None:
    # 250, 400, 500 and 350 frames a second: the fourth clip makes everybody slower for less.
    assert crowd(1 / 250, 2 / 400, 3 / 500, 4 / 350).most(8, BEARABLE) == 3
    # As much with any number: two at once, which is only fair, and no more.
    assert crowd(1 / 250, 2 / 250, 3 / 250).most(8, BEARABLE) == 2


def test_the_hosts_moods_do_not_keep_clips_apart() -> None:
    # Steps grow by a fifth for each clip; two were measured when the host was slow, or one alone
    # when it was fast.
    steady = [0.004 * (1 + 0.2 * n) for n in range(8)]
    for moody in (0, 1, 3):
        for mood in (0.7, 1.5):
            steps = [step * (mood if n == moody else 1) for n, step in enumerate(steady)]
            assert crowd(*steps).most(8, BEARABLE) >= 5


def test_a_step_that_costs_the_same_for_everybody_takes_everybody() -> None:
    assert crowd(*[0.01] * 8).most(8, BEARABLE) == 8


@pytest.mark.parametrize(("times", "most"), [(1.0, 1), (1.5, 2), (2.5, 4)])
def test_nobody_becomes_slower_than_can_be_borne(times: float, most: int) -> None:
    # A slow engine, whose steps grow by half for every clip: always a little more music.
    steps = [0.1 * (1 + 0.5 * n) for n in range(6)]
    assert crowd(*steps).most(8, Bearable(REAL_TIME, times)) == most


def test_real_time_is_always_fast_enough() -> None:
    steps = [0.001 * (1 + 0.4 * n) for n in range(8)]
    assert crowd(*steps).most(8, Bearable(REAL_TIME, times_alone=1.0)) == 8
    assert crowd(*steps).most(8, Bearable(0.0, times_alone=3.0)) == 6


def test_what_is_unknown_is_not_tried_where_it_is_slow_already() -> None:
    known = crowd(0.1)
    known.learn(2, 100, 50.0)
    assert known.most(8, BEARABLE) == 1
    assert not known.worth_one_more(2, BEARABLE)


def test_a_bad_moment_is_soon_forgotten() -> None:
    clock = Clock()
    known = crowd(0.004, 0.015, clock=clock)
    assert known.most(8, BEARABLE) == 1
    clock.now += 2 * FADING
    assert known.most(8, BEARABLE) >= 4


def test_a_few_frames_tell_nothing() -> None:
    known = crowd(0.004)
    known.learn(2, 2, 0.4)  # a clip's end, say
    assert known.most(8, BEARABLE) >= 7


def test_an_old_measurement_is_taken_anew() -> None:
    clock = Clock()
    known = crowd(0.01, 0.09, clock=clock)
    assert known.most(8, BEARABLE) == 1
    clock.now += STALE + 1
    known.learn(1, 10, 0.1)
    assert known.most(2, BEARABLE) == 2


def test_a_speed_that_changes_is_soon_believed() -> None:
    known = crowd(0.01)
    known.learn(1, 100, 4.0)
    assert known.step(1) == pytest.approx(0.025)
    known.learn(1, 0, 5.0)
    assert known.step(1) == pytest.approx(0.025)
