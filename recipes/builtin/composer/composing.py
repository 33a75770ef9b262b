"""From a seed to a piece: decide, plan, play, and tell truthfully what came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from random import Random

from recipes.builtin.attributes import Attributes, unmet
from recipes.builtin.composer import parts
from recipes.builtin.composer.conducting import conducted
from recipes.builtin.composer.design import Design, design
from recipes.builtin.composer.form import Bar, plan
from recipes.builtin.composer.meter import Meter
from recipes.builtin.composer.portrait import portrait
from recipes.builtin.composer.theory import Key
from recipes.builtin.voices import CONDUCTOR, PATCH, Codes, Note, tokens_of

_ENDING = 0.08
_LATER_SECTION = 0.2
_MIDWAY = 0.2
_LATEST_START = 24
"""Bars that may lie before a window that does not begin a piece."""
_ENDING_RING = 90
"""Frames kept for the final chord."""
_ATTEMPTS = 40


@dataclass(frozen=True)
class Piece:
    """Notes in a window of frames, and the truth about them."""

    notes: tuple[Note, ...]
    """Their starts are frames of the window; those that began before it are negative."""
    frames: int
    meter: Meter
    downbeat: int
    """The window's frame of the first bar line at or after its start."""
    key: Key
    attributes: Attributes
    """Everything that can be said of the window."""
    conductor: tuple[int, ...]
    """The conductor's token at every frame."""

    @cached_property
    def codes(self) -> Codes:
        """The window as tokens [9, frames]."""
        codes = tokens_of(self.notes, self.frames)
        codes[CONDUCTOR] = self.conductor
        return codes


def compose(seed: int | str, frames: int, wish: Attributes | None = None) -> Piece:
    """Write a window of so many frames; the same seed and wish give the same piece anywhere.

    Most windows begin where a piece does, some at a later bar, some in the middle of one. What
    the wish says comes true as far as a window so short can show it.
    """
    if wish is None or wish == Attributes():
        return _composed(Random(f"piece {seed}"), frames, Attributes())  # noqa: S311
    attempts = (
        _composed(Random(f"piece {seed} {attempt}"), frames, wish)  # noqa: S311
        for attempt in range(_ATTEMPTS)
    )
    best = next(attempts)
    for piece in attempts:
        if not (missed := unmet(wish, best.attributes)):
            break
        if len(unmet(wish, piece.attributes)) < len(missed):
            best = piece
    return best


def _composed(rng: Random, frames: int, wish: Attributes) -> Piece:
    decided = design(rng, wish)
    bar = decided.meter.bar
    ending = wish.seconds is not None or (wish == Attributes() and rng.random() < _ENDING)
    offset = 0 if ending or wish != Attributes() else _offset(rng, bar)
    bars = -(-(offset + frames) // bar) + 1
    if ending:
        limit = frames if wish.seconds is None else round(wish.seconds * 50)
        bars = max(2, (limit - _ENDING_RING) // bar + 1)
    laid = plan(rng, decided, bars, ending=ending)
    notes = _played(rng, decided, laid)
    window = _cut(notes, offset, frames)
    last = max((n.start + n.frames for n in window), default=0)
    seconds = last / 50 if ending and last <= frames else None
    return Piece(
        notes=window,
        frames=frames,
        meter=decided.meter,
        downbeat=-offset % bar,
        key=decided.key,
        attributes=portrait(decided, window, frames, seconds),
        conductor=tuple(conducted(decided, laid, offset, frames).tolist()),
    )


def _offset(rng: Random, bar: int) -> int:
    chance = rng.random()
    if chance < _MIDWAY:
        return rng.randrange(_LATEST_START * bar)
    return rng.randrange(_LATEST_START) * bar if chance < _MIDWAY + _LATER_SECTION else 0


def _played(rng: Random, decided: Design, laid: list[Bar]) -> list[Note]:
    score = parts.Score(decided)
    for part in (parts.drums, parts.bass, parts.chords, parts.second, parts.leads):
        part(rng, decided, laid, score)
    return settled(score.notes)


def settled(notes: Iterable[Note]) -> list[Note]:
    """One note at a time in every voice: each lasts until the next, or until its sound is over."""
    kept: list[Note] = []
    voices: dict[int, list[Note]] = {}
    for note in notes:
        voices.setdefault(PATCH[note.patch].codebook, []).append(note)
    for voice in voices.values():
        voice.sort(key=lambda note: note.start)
        single = [next(same) for _, same in groupby(voice, key=lambda note: note.start)]
        limits = [*(note.start for note in single[1:]), single[-1].start + 10**6]
        for note, limit in zip(single, limits, strict=True):
            sound = PATCH[note.patch]
            natural = note.frames if sound.loop else min(note.frames, sound.ages)
            frames = min(natural, limit - note.start)
            kept.append(Note(note.patch, note.pitch, note.start, frames))
    return kept


def _cut(notes: Sequence[Note], offset: int, frames: int) -> tuple[Note, ...]:
    """The notes that sound in a window, counted from its start and cut at its end."""
    inside = []
    for note in sorted(notes, key=lambda n: (n.start, PATCH[n.patch].codebook)):
        start = note.start - offset
        if start < frames and start + note.frames > 0:
            inside.append(Note(note.patch, note.pitch, start, min(note.frames, frames - start)))
    return tuple(inside)
