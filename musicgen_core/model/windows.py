"""Longer than the context: sliding windows that hear the end of what was made.

MusicGen's quality holds for the length it was trained on (30 s). A longer clip is made window by
window; each new window begins with the last part of what there is as its prompt, as AudioCraft's
`extend_stride` has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicgen_core.model.protocols import Row
from musicgen_core.requests import Codes


@dataclass(frozen=True, slots=True)
class Window:
    """How much a model hears and makes at once, in frames."""

    context: int
    """The longest stream, audio prompt included."""
    heard: int
    """How much of what there is a later window begins with."""

    @classmethod
    def of(cls, context: int) -> Window:
        """Return the usual split: two fifths heard (12 s of 30), three fifths new."""
        return cls(context, max(1, context * 2 // 5))

    def heard_prompt(self, prompt: Codes, frames: int) -> Codes:
        """Return the end of an audio prompt [K, P] that leaves room for `frames` new frames."""
        room = max(self.heard, self.context - frames)
        return prompt[:, -min(room, prompt.shape[1]) :] if prompt.shape[1] else prompt


class WindowedRow:
    """A row of any length as rows that fit the context, one after the other."""

    def __init__(self, row: Row, window: Window) -> None:
        self._row, self._window = row, window
        self._parts: list[Codes] = []

    @property
    def made(self) -> int:
        """Frames made so far."""
        return sum(part.shape[1] for part in self._parts)

    def add(self, codes: Codes) -> None:
        """Take what the last row of `next_row` became, [K, frames]."""
        self._parts.append(codes)

    def next_row(self) -> Row | None:
        """Return the row that makes the next window; None when all frames are made."""
        row, left = self._row, self._row.frames - self.made
        if left <= 0:
            return None
        there = [codes for codes in (row.prompt, *self._parts) if codes is not None]
        if not there:
            return replace(row, frames=min(left, self._window.context))
        heard = self._window.heard_prompt(np.concatenate(there, axis=1), left)
        return replace(
            row,
            frames=min(left, self._window.context - heard.shape[1]),
            prompt=heard,
            # Every window draws from a stream of its own; the first keeps the seed people see.
            seed=_seed_of(row.seed, len(self._parts)),
        )


def _seed_of(seed: int, turn: int) -> int:
    return seed if turn == 0 else int(np.random.SeedSequence([seed, turn]).generate_state(1)[0])
