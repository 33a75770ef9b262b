"""Rows that join and leave a running batch get what they get alone."""

from dataclasses import dataclass

import numpy as np
import pytest

pytestmark = pytest.mark.models

rng = np.random.default_rng(11)
COLUMNS = rng.integers(0, 65, (6, 4, 700))
TEXTS = [rng.standard_normal((n, 24)).astype(np.float32) for n in (5, 21, 3, 9, 1)]
TEXTS.append(None)


@dataclass
class Player:
    """A row with columns of its own, fed one after the other."""

    number: int
    prompt: int = 0

    def __post_init__(self) -> None:
        self.at, self.heard = self.prompt, []

    @property
    def columns(self) -> np.ndarray:
        return COLUMNS[self.number]

    def alone(self, machine) -> np.ndarray:
        decoder = machine.begin([TEXTS[self.number]], 700)
        if self.prompt:
            decoder.prefill(0, self.columns[:, : self.prompt])
        steps = range(self.prompt, self.at)
        return np.stack([decoder.step(self.columns[None, :, s])[0] for s in steps])


class Stage:
    """A running batch; whoever leaves is kept to be asked."""

    def __init__(self, machine, *players: Player) -> None:
        self.machine, self.players, self.all = machine, list(players), list(players)
        self.decoder = machine.begin([TEXTS[p.number] for p in players], 700)
        self._prompts(0)

    def change(self, leave: tuple[int, ...] = (), join: tuple[Player, ...] = ()) -> None:
        keep = [i for i, p in enumerate(self.players) if p.number not in leave]
        self.decoder.rearrange(keep, [TEXTS[p.number] for p in join])
        self.players = [*(self.players[i] for i in keep), *join]
        self.all += join
        self._prompts(len(keep))

    def play(self, steps: int) -> None:
        for _ in range(steps):
            column = np.stack([p.columns[:, p.at] for p in self.players])
            for player, logits in zip(self.players, self.decoder.step(column), strict=True):
                player.heard.append(logits)
                player.at += 1

    def worst(self) -> float:
        return max(np.abs(np.stack(p.heard) - p.alone(self.machine)).max() for p in self.all)

    def _prompts(self, first: int) -> None:
        for row, player in list(enumerate(self.players))[first:]:
            if player.prompt:
                self.decoder.prefill(row, player.columns[:, : player.prompt])


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


def test_the_time_axis_is_cut_when_most_of_it_is_waste(lm, monkeypatch) -> None:
    monkeypatch.setattr("musicgen_core.engines.openvino.decoder.LEAST_WASTE", 20)
    stage, lengths = Stage(lm("fp32"), Player(0)), []
    for number in (1, 2, 3, 4):
        stage.play(25)
        stage.change(leave=(number - 1,), join=(Player(number),)) if number % 2 else stage.change(
            join=(Player(number),)
        )
        stage.play(1)
        lengths.append(stage.decoder._timeline.length)
    assert stage.worst() < 1e-4
    stage.change(leave=(1, 2, 3))
    stage.play(60)
    assert stage.decoder._timeline.length < 26 + 60 + 20
    assert stage.worst() < 1e-4


def test_changes_before_the_first_step_count_as_the_last_of_them(lm) -> None:
    stage = Stage(lm("fp32"), Player(0, 3), Player(1))
    stage.change(leave=(0,), join=(Player(2, 4),))
    stage.change(join=(Player(3),))
    stage.play(5)
    stage.all = stage.players
    assert stage.worst() < 1e-4
