"""The arithmetic of the comparison with transformers on PyTorch."""

import json

import pytest

from benchmarks.peers import Spread, Task, ratios, table

STEP, CLIP = Task(context=50), Task(seconds=5.0)


def test_ratios_are_taken_within_a_round() -> None:
    # A slow second round slows both, and the ratio does not notice.
    assert ratios([10.0, 100.0, 10.0], [20.0, 200.0, 40.0]) == Spread(median=2.0, min=2.0, max=4.0)


def test_rounds_that_have_no_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0, 2.0], [1.0])


def test_steps_are_shown_as_times_and_clips_as_speed() -> None:
    assert STEP.shown(28.0) == 28.0
    assert CLIP.shown(10.0) == 0.5


def test_a_contender_is_asked_for_one_thing() -> None:
    assert json.loads(STEP.order(3)) == {"context": 50}
    assert json.loads(CLIP.order(3)) == {"seconds": 5.0, "take": 3}


def test_the_table_says_how_many_times_as_fast_the_first_is() -> None:
    made = table({
        STEP: {"ours": [20.0, 22.0], "theirs": [40.0, 66.0]},
        CLIP: {"ours": [5.0, 5.0], "theirs": [10.0, 20.0]},
    })  # fmt: skip
    step, clip = made.splitlines()[2:]
    assert step == (
        "| ms a step at context 50 | 21 (20 to 22) | 53 (40 to 66) | 2.5 (2 to 3) times |"
    )
    assert clip.endswith("| 1 (1 to 1) | 0.375 (0.25 to 0.5) | 3 (2 to 4) times |")
