"""How far tokens do what a prompt says: codes in, attributes heard and faults counted out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recipes.builtin.attributes import Attributes, beats_per_minute, unmet
from recipes.builtin.composer.instruments import heard
from recipes.builtin.composer.portrait import absent_from, audible, density_of
from recipes.builtin.conductor import END
from recipes.builtin.key_hearing import hear_key
from recipes.builtin.tempo_hearing import hear_pulse, on_grid
from recipes.builtin.voices import (
    CONDUCTOR,
    FRAME_RATE,
    PATCH,
    SILENCE,
    Codes,
    Note,
    describe,
    notes_of,
)

MEASURABLE = frozenset(
    {"bpm", "tempo", "tonic", "minor", "present", "absent", "kit", "density", "feel"}
)
"""The fields of Attributes that tokens alone can confirm or refute."""


@dataclass(frozen=True)
class Hearing:
    """What is heard in codes, in the words of captions, and what is wrong with them."""

    attributes: Attributes
    """Of its fields, those in MEASURABLE."""
    notes: int
    beat: int
    """Frames; 0 where nothing sounds."""
    on_grid: float
    """Share of onsets on the sixteenths of the beat heard."""
    broken: float
    """Share of notes that begin in the middle of a sound, the window's first frame excepted."""
    longest_silence: float
    """Seconds in which no voice sounds, the time after the last note left out."""
    tail: float
    """Seconds of silence after the last note."""
    ended: bool
    """Whether the conductor says at last that the piece is over."""


def hear(codes: Codes) -> Hearing:
    """Measure codes [9, F]."""
    notes = notes_of(codes)
    onsets = [note for note in notes if note.start > 0 or _age(codes, note) == 0]
    pulse = hear_pulse(onsets)
    beat = pulse.meter.beat if pulse else 0
    key = hear_key(onsets, beat) if pulse else None
    counts = Counter(note.patch for note in onsets)
    sounding = frozenset(note.patch for note in notes)
    attributes = Attributes(
        bpm=beats_per_minute(beat) if pulse else None,
        tonic=key[0] if key else None,
        minor=key[1] if key else None,
        present=heard(patch for patch in sounding if audible(patch, counts)),
        absent=absent_from(sounding),
        kit=_kit(notes),
        density=density_of(onsets, beat, codes.shape[1]) if pulse else None,
        feel=("swing" if pulse.meter.feel == "swing" else "straight") if pulse else None,
    )
    return Hearing(
        attributes=attributes,
        notes=len(notes),
        beat=beat,
        on_grid=float(np.mean(list(on_grid(onsets, pulse)))) if pulse else 1.0,
        broken=broken(codes, notes),
        longest_silence=longest_silence(codes),
        tail=tail(codes),
        ended=bool(codes[CONDUCTOR, -1] == END),
    )


def misses(said: Attributes, hearing: Hearing) -> tuple[str, ...]:
    """What a prompt said that is not heard, as `unmet` names it; empty is full adherence.

    A lead counts as an instrument that must be present; genre, decade, mood and mode are not
    judged.
    """
    lead = (said.lead,) if said.lead else ()
    asked = replace(
        said,
        genre=None,
        era=None,
        mode=None,
        moods=(),
        lead=None,
        seconds=None,
        present=tuple(dict.fromkeys((*said.present, *lead))),
    )
    return unmet(asked, hearing.attributes)


def octave_apart(said: Attributes, hearing: Hearing) -> bool:
    """Whether the tempo heard is half or twice the one asked for, which ears may disagree on."""
    heard_bpm = hearing.attributes.bpm
    if said.bpm is None or heard_bpm is None:
        return False
    return any(abs(heard_bpm * ratio / said.bpm - 1) <= 0.03 for ratio in (0.5, 2.0))


def broken(codes: Codes, notes: Sequence[Note]) -> float:
    """Share of notes whose chain of ages does not begin with the onset."""
    if not notes:
        return 0.0
    return sum(note.start > 0 and _age(codes, note) != 0 for note in notes) / len(notes)


def longest_silence(codes: Codes) -> float:
    """Seconds of the longest stretch without a sounding voice before the last sound."""
    sounding = np.flatnonzero((codes[CONDUCTOR + 1 :] != SILENCE).any(axis=0))
    if not len(sounding):
        return codes.shape[1] / FRAME_RATE
    gaps = np.diff(np.concatenate([[-1], sounding])) - 1
    return float(gaps.max()) / FRAME_RATE


def tail(codes: Codes) -> float:
    """Seconds from the last sound to the window's end."""
    sounding = np.flatnonzero((codes[CONDUCTOR + 1 :] != SILENCE).any(axis=0))
    return (codes.shape[1] - 1 - int(sounding[-1]) if len(sounding) else 0) / FRAME_RATE


def _age(codes: Codes, note: Note) -> int:
    codebook = PATCH[note.patch].codebook
    meaning = describe(codebook, int(codes[codebook, note.start]))
    return meaning[2] if meaning else 0


def _kit(notes: Sequence[Note]) -> str | None:
    """The style of most kicks, without them of most snares."""
    for instruments in ({"kick"}, {"snare", "clap", "brushes", "rimshot", "tom"}):
        drums = [PATCH[note.patch] for note in notes]
        styles = Counter(drum.style for drum in drums if drum.instrument in instruments)
        if styles:
            return styles.most_common(1)[0][0]
    return None
