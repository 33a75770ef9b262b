"""Rows fed to a language model's decoder, and what they are compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

rng = np.random.default_rng(7)
COLUMNS = rng.integers(0, 65, (4, 300))
SHORT, LONG = (rng.standard_normal((n, 24)).astype(np.float32) for n in (5, 21))


def logits_of(decoder, rows: int, start: int, stop: int) -> np.ndarray:
    """Feed every row the same columns -> [rows, steps, K, V]."""
    steps = [decoder.step(np.tile(COLUMNS[:, s], (rows, 1))) for s in range(start, stop)]
    return np.stack(steps, axis=1)


def after(prompt: int, machine, states=SHORT) -> np.ndarray:
    """One row's six logits behind a prompt of so many columns."""
    decoder = machine.begin([states], 300)
    if prompt:
        decoder.prefill(0, COLUMNS[:, :prompt])
    return logits_of(decoder, 1, prompt, prompt + 6)[0]


def relative_error(made: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.square(made - true).mean()) / true.std())


rng = np.random.default_rng(11)
SONGS = rng.integers(0, 65, (6, 4, 700))
"""Every player's columns [6, K, F], and texts."""
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
        return SONGS[self.number]

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
