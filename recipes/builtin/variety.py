"""How much two pieces' melodies are alike."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from recipes.builtin.voices import PATCH, Codes, Note, notes_of

Melody = tuple[tuple[int, int], ...]
"""(pitch, frames until the next note) of every note but the last."""

_MELODIC_VOICES = (7, 8, 6, 3)


def melody_of(codes: Codes) -> Melody:
    """The melody of codes [9, F]: the lead, else the second, the top chord voice, the bass."""
    notes = notes_of(codes)
    lines = ([n for n in notes if PATCH[n.patch].codebook == voice] for voice in _MELODIC_VOICES)
    return _steps(next((line for line in lines if len(line) > 1), []))


def likeness(one: Melody, other: Melody) -> float:
    """The share of notes, pitch and length both, that two melodies have in common in order."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _steps(line: Sequence[Note]) -> Melody:
    return tuple((a.pitch, b.start - a.start) for a, b in pairwise(line))
