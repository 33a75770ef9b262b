"""Longer than the context: sliding windows that hear the end of what was made.

MusicGen's quality holds for the length it was trained on (30 s). A longer clip is made window by
window; each new window begins with the last part of what there is as its prompt, as AudioCraft's
`extend_stride` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from musicgen_core.model.protocols import Engine, OnProgress, Row
from musicgen_core.requests import Codes, Progress


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


def generate_in_windows(
    engine: Engine, rows: Sequence[Row], window: Window, on_progress: OnProgress
) -> list[Codes]:
    """Make every row's codes [K, frames], however many frames it asks for."""
    made: list[Codes | None] = [None] * len(rows)
    total = max(row.frames for row in rows)
    turn = 0
    while pending := [i for i, row in enumerate(rows) if _length(made[i]) < row.frames]:
        parts = [_next_part(rows[i], made[i], window, turn) for i in pending]
        before = max(_length(made[i]) for i in pending)

        def report(progress: Progress, before: int = before) -> None:
            on_progress(Progress(min(total, before + progress.done), total))

        for i, codes in zip(pending, engine.generate(parts, report), strict=True):
            done = made[i]
            made[i] = codes if done is None else np.concatenate([done, codes], axis=1)
        turn += 1
    return [codes for codes in made if codes is not None]


def _next_part(row: Row, made: Codes | None, window: Window, turn: int) -> Row:
    """Return the row that makes the next window of `row`."""
    there = [codes for codes in (row.prompt, made) if codes is not None]
    left = row.frames - _length(made)
    if not there:
        return replace(row, frames=min(left, window.context))
    heard = window.heard_prompt(np.concatenate(there, axis=1), left)
    return replace(
        row,
        frames=min(left, window.context - heard.shape[1]),
        prompt=heard,
        # Every window draws from a stream of its own; the first keeps the seed that people see.
        seed=_seed_of(row.seed, turn),
    )


def _seed_of(seed: int, turn: int) -> int:
    return seed if turn == 0 else int(np.random.SeedSequence([seed, turn]).generate_state(1)[0])


def _length(codes: Codes | None) -> int:
    return 0 if codes is None else int(codes.shape[1])
