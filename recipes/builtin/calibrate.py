"""Fit what tempo and key hearing listen for, on composed pieces whose truth is known.

    python -m recipes.builtin.calibrate [PIECES]

Writes calibration.py beside this file and prints how often the fitted ears are right on pieces
that they were not fitted on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recipes.builtin.composer.composing import Piece, compose
from recipes.builtin.key_hearing import key_features
from recipes.builtin.tempo_hearing import onsets_of, pulse_features, pulses

Array = npt.NDArray[np.float64]
Case = tuple[Array, npt.NDArray[np.bool_]]
"""Candidates' features [C, F] and which of them are right [C]."""

_LENGTHS = (500, 750, 1000, 1500)
_ROUNDS = 400


def tempo_case(piece: Piece) -> Case:
    """Candidates for the pulse of a piece."""
    onsets = onsets_of(piece.notes)
    found = pulses(onsets)
    right = [abs(p.meter.beat / piece.meter.beat - 1) < 0.03 for p in found]
    return np.stack([pulse_features(onsets, p) for p in found]), np.array(right)


def key_case(piece: Piece) -> Case:
    """The 24 keys; features are those turned to the tonic, in a major or a minor block."""
    onsets = [note for note in piece.notes if note.start >= 0]
    features = key_features(onsets, piece.meter.beat)
    rows = np.zeros((2, 12, 2, features.size))
    for tonic in range(12):
        rows[:, tonic, [0, 1]] = np.einsum(
            "fg,n->fgn", np.eye(2), np.roll(features, -tonic, axis=1).ravel()
        )
    right = np.zeros((2, 12), dtype=bool)
    right[int(piece.key.minor), piece.key.tonic] = True
    return rows.reshape(24, -1), right.ravel()


def fit(cases: Sequence[Case], decay: float) -> Array:
    """Weights [F] under which the right candidates are likeliest: a conditional logit, by Adam."""
    scale = np.concatenate([features for features, _ in cases]).std(axis=0) + 1e-6
    weights = np.zeros_like(scale)
    first, second = weights.copy(), weights.copy()
    for step in range(1, _ROUNDS + 1):
        slope = decay * weights
        for features, right in cases:
            scaled = features / scale
            odds = np.exp((scores := scaled @ weights) - scores.max())
            hits = odds * right
            slope = slope + (odds / odds.sum() - hits / hits.sum()) @ scaled / len(cases)
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        corrected = np.sqrt(second / (1 - 0.99**step)) + 1e-8
        weights -= 0.1 * 0.99**step * first / (1 - 0.9**step) / corrected
    unscaled: Array = weights / scale
    return unscaled


def accuracy(cases: Sequence[Case], weights: Array) -> float:
    """How often the likeliest candidate is right."""
    return float(np.mean([right[int((features @ weights).argmax())] for features, right in cases]))


def main() -> None:
    """Fit both ears on two thirds of the pieces, test on the rest, write the weights."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1800
    pieces = [compose(f"calibration {i}", _LENGTHS[i % 4]) for i in range(count)]
    text = '"""Weights that calibrate.py fitted; rerun it when the composer changes."""\n\n'
    ears: tuple[tuple[str, Callable[[Piece], Case], tuple[int, ...], float], ...] = (
        ("TEMPO_WEIGHTS", tempo_case, (-1,), 1e-3),
        ("KEY_WEIGHTS", key_case, (2, 5, 12), 3e-4),
    )
    for name, case_of, shape, decay in ears:
        cases = [case for case in map(case_of, pieces) if case[1].any()]
        known, new = cases[: len(cases) * 2 // 3], cases[len(cases) * 2 // 3 :]
        weights = fit(known, decay)
        sys.stdout.write(f"{name}: right in {accuracy(new, weights):.1%} of {len(new)} pieces\n")
        text += f"{name} = {np.round(weights, 2).reshape(shape).tolist()}\n"
    Path(__file__).with_name("calibration.py").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
