"""What every token sounds: the eight voices, their patches, and notes as tokens and back.

A token names (patch, note, age): which sound, which pitch, and how many frames ago it began.
Token 0 of every codebook is silence. Everything else in the recipe starts from this table.
Codebook 0 belongs to the conductor, who makes no sound; conductor.py says what its tokens mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from recipes.builtin.patches import CATALOG, Patch

CODEBOOKS = 9
CONDUCTOR = 0
"""The codebook that no voice sounds from."""
DRUMS = slice(1, 3)
"""The codebooks of kits and percussion."""
CODEBOOK_SIZE = 2048
FRAME_RATE = 50
SILENCE = 0

Codes = npt.NDArray[np.int64]
"""Tokens [CODEBOOKS, frames]."""


@dataclass(frozen=True, slots=True)
class Note:
    """A patch sounding at a pitch from one frame on; drums take their patch's one pitch."""

    patch: str
    pitch: int
    start: int
    frames: int


def _lay_out() -> dict[str, int]:
    """Give every patch its first token, in catalog order."""
    first: dict[str, int] = {}
    free = [1] * CODEBOOKS
    for patch in CATALOG:
        first[patch.name] = free[patch.codebook]
        free[patch.codebook] += patch.notes * patch.ages
    crowded = [k for k, used in enumerate(free) if used > CODEBOOK_SIZE]
    if crowded:
        raise ValueError(f"codebooks {crowded} hold more than {CODEBOOK_SIZE} tokens: {free}")
    return first


PATCHES: tuple[Patch, ...] = CATALOG
PATCH: dict[str, Patch] = {patch.name: patch for patch in PATCHES}
VOICES: dict[int, tuple[Patch, ...]] = {
    k: tuple(p for p in PATCHES if p.codebook == k) for k in range(CODEBOOKS)
}
_FIRST = _lay_out()


def frequency(pitch: float) -> float:
    """A MIDI pitch in Hz (69 is 440)."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def token(patch: Patch, note: int, age: int) -> int:
    """The token of a patch's note (0-based from its lowest) at an age; IndexError outside."""
    if not (0 <= note < patch.notes and 0 <= age < patch.ages):
        raise IndexError(f"{patch.name} has no note {note} at age {age}")
    return _FIRST[patch.name] + note * patch.ages + age


@cache
def _described(codebook: int) -> tuple[tuple[Patch, int, int] | None, ...]:
    table: list[tuple[Patch, int, int] | None] = [None] * CODEBOOK_SIZE
    for patch in VOICES[codebook]:
        for note in range(patch.notes):
            for age in range(patch.ages):
                table[token(patch, note, age)] = (patch, note, age)
    return tuple(table)


def describe(codebook: int, value: int) -> tuple[Patch, int, int] | None:
    """(patch, note, age) of a token; None for silence and for tokens that nothing uses."""
    return _described(codebook)[value]


@cache
def loop_length(patch: Patch, note: int) -> int | None:
    """Frames of a note's loop: of those the patch allows, the one that detunes it least."""
    if patch.loop is None:
        return None
    hertz = frequency(patch.lowest + note)
    shortest, longest = patch.loop

    def detuning(length: int) -> float:
        periods = max(1, round(hertz * length / FRAME_RATE))
        return abs(np.log(periods * FRAME_RATE / length / hertz))

    return min(range(shortest, longest + 1), key=detuning)


def next_age(patch: Patch, note: int, age: int) -> int | None:
    """The age that follows while the note is held; None when the sound is over."""
    if age + 1 < patch.ages:
        return age + 1
    length = loop_length(patch, note)
    return None if length is None else patch.ages - length


@cache
def successors(codebook: int) -> npt.NDArray[np.int64]:
    """[CODEBOOK_SIZE]: the token that follows while a note is held (silence when it is over)."""
    table = np.zeros(CODEBOOK_SIZE, dtype=np.int64)
    for value, meaning in enumerate(_described(codebook)):
        if meaning is not None:
            patch, note, age = meaning
            following = next_age(patch, note, age)
            table[value] = SILENCE if following is None else token(patch, note, following)
    return table


def tokens_of(notes: Sequence[Note], frames: int) -> Codes:
    """Notes -> codes [CODEBOOKS, frames]; in one voice a later note cuts an earlier one short.

    Raises IndexError for a pitch outside its patch and KeyError for an unknown patch.
    """
    codes = np.zeros((CODEBOOKS, frames), dtype=np.int64)
    for note in sorted(notes, key=lambda n: n.start):
        patch = PATCH[note.patch]
        row = codes[patch.codebook]
        value = token(patch, 0 if patch.notes == 1 else note.pitch - patch.lowest, 0)
        row[max(0, note.start) :] = SILENCE
        following = successors(patch.codebook)
        for frame in range(note.start, min(frames, note.start + note.frames)):
            if frame >= 0:
                row[frame] = value
            value = int(following[value])
            if value == SILENCE:
                break
    return codes


def notes_of(codes: Codes) -> list[Note]:
    """Codes [CODEBOOKS, F] -> notes, by start; a note begins at age 0 or where a chain breaks."""
    notes: list[Note] = []
    for k in range(CODEBOOKS):
        row, following = codes[k], successors(k)
        start = 0
        for frame in range(1, len(row) + 1):
            goes_on = frame < len(row) and row[frame] == following[row[frame - 1]]
            if goes_on and row[frame] != SILENCE:
                continue
            meaning = describe(k, int(row[start])) if start < len(row) else None
            if meaning is not None:
                patch, note, _ = meaning
                notes.append(Note(patch.name, patch.lowest + note, start, frame - start))
            start = frame
    return sorted(notes, key=lambda n: (n.start, PATCH[n.patch].codebook))


@dataclass(frozen=True, slots=True)
class Factors:
    """What a codebook's tokens are made of, as arrays [CODEBOOK_SIZE]; -1 where nothing is."""

    patch_index: npt.NDArray[np.int64]
    """Into PATCHES."""
    note_index: npt.NDArray[np.int64]
    """MIDI pitch; 0 for drums."""
    age_index: npt.NDArray[np.int64]
    is_onset: npt.NDArray[np.bool_]


@cache
def factors(codebook: int) -> Factors:
    """The factor table of a codebook, for models that share what tokens have in common."""
    patch_index = np.full(CODEBOOK_SIZE, -1, dtype=np.int64)
    note_index, age_index = patch_index.copy(), patch_index.copy()
    for value, meaning in enumerate(_described(codebook)):
        if meaning is not None:
            patch, note, age = meaning
            patch_index[value] = PATCHES.index(patch)
            note_index[value] = 0 if patch.notes == 1 else patch.lowest + note
            age_index[value] = age
    return Factors(patch_index, note_index, age_index, age_index == 0)
