"""Rows that join and leave a running batch get what they get alone."""

import numpy as np
import pytest
from decoder_rows import Player, Stage

pytestmark = pytest.mark.models


def test_rows_that_join_and_leave_equal_the_rows_alone(lm) -> None:
    stage = Stage(lm("fp32"), Player(0), Player(5))
    stage.play(5)
    stage.change(join=(Player(1),))
    stage.play(5)
    stage.change(leave=(0,), join=(Player(2), Player(3)))
    stage.play(5)
    stage.change(leave=(5, 2))
    stage.play(5)
    assert stage.worst() < 1e-4


@pytest.mark.parametrize("prompt", [3, 40])
def test_a_row_may_join_with_a_prompt_shorter_or_longer_than_what_runs(lm, prompt) -> None:
    stage = Stage(lm("fp32"), Player(0), Player(5, 7))
    stage.play(10)
    stage.change(join=(Player(1, prompt), Player(2)))
    stage.play(6)
    stage.change(leave=(5,), join=(Player(3, 2),))
    stage.play(6)
    assert stage.worst() < 1e-4


def test_in_eight_bits_a_row_that_joins_is_nearly_what_it_is_alone(lm) -> None:
    stage = Stage(lm("int8"), Player(0), Player(5))
    stage.play(10)
    stage.change(join=(Player(1, 12), Player(2)))
    stage.play(6)
    spread = np.std(np.stack(stage.all[0].heard))
    assert stage.worst() < 3e-2 * 5 * spread


def test_everybody_may_leave_and_others_come(lm) -> None:
    stage = Stage(lm("fp32"), Player(0), Player(1))
    stage.play(4)
    stage.change(leave=(0, 1), join=(Player(2, 5), Player(3)))
    stage.play(4)
    assert stage.worst() < 1e-4


def test_changes_before_the_first_step_count_as_the_last_of_them(lm) -> None:
    stage = Stage(lm("fp32"), Player(0, 3), Player(1))
    stage.change(leave=(0,), join=(Player(2, 4),))
    stage.change(join=(Player(3),))
    stage.play(5)
    stage.all = stage.players
    assert stage.worst() < 1e-4
