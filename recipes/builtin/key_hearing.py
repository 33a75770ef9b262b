"""Hearing the key in notes: pitch-class histograms turned to every tonic, and the first bass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recipes.builtin.calibration import KEY_WEIGHTS
from recipes.builtin.voices import PATCH, Note

Features = npt.NDArray[np.float64]
_LONGEST = 50
"""Frames of a note that count."""
_CHORDS, _BASS, _MELODY, _FIRST, _TURNS = range(5)
_ROWS = {3: _BASS, 4: _CHORDS, 5: _CHORDS, 6: _CHORDS, 7: _MELODY, 8: _MELODY}


def key_features(notes: Sequence[Note], beat: int) -> Features:
    """Shares of pitch classes [5, 12]: chords, bass, melody, the first bass, every fourth bar's."""
    counts = np.zeros((5, 12))
    pitched = [note for note in notes if PATCH[note.patch].codebook in _ROWS]
    for note in pitched:
        row = _ROWS[PATCH[note.patch].codebook]
        counts[row, note.pitch % 12] += max(0, min(note.frames + min(0, note.start), _LONGEST))
    ground = _lowest_voice(pitched)
    first = min(ground, key=lambda n: n.start, default=None)
    if first and first.start == 0:
        # A window that begins with a bass note begins with a bar, most likely the tonic's.
        counts[_FIRST, first.pitch % 12] += 1
        starts = np.array([note.start for note in ground])
        end = int(max(note.start + note.frames for note in ground))
        for turn in range(0, end, 16 * beat):
            counts[_TURNS, ground[int(np.argmin(np.abs(starts - turn)))].pitch % 12] += 1
    shares: Features = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9)
    return shares


def _lowest_voice(pitched: Sequence[Note]) -> list[Note]:
    """The notes of the lowest voice that plays: the bass if there is one."""
    lowest = min((PATCH[note.patch].codebook for note in pitched), default=0)
    return [note for note in pitched if PATCH[note.patch].codebook == lowest]


def key_scores(features: Features, weights: Features) -> Features:
    """How well each key fits, [2, 12]: major and minor on every tonic."""
    turned = np.stack([np.roll(features, -tonic, axis=1) for tonic in range(12)])
    scores: Features = np.einsum("trc,frc->ft", turned, weights)
    return scores


def hear_key(notes: Sequence[Note], beat: int) -> tuple[int, bool] | None:
    """The likeliest (tonic, minor); None without pitched notes."""
    features = key_features(notes, beat)
    if not features.any():
        return None
    minor, tonic = np.unravel_index(key_scores(features, np.array(KEY_WEIGHTS)).argmax(), (2, 12))
    return int(tonic), bool(minor)
