"""Keys, modes, and chords written as Roman numerals: the arithmetic of pitch classes (0 = C)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 4, 5, 6, 7, 9, 10),
}
"""Semitones above the tonic; blues mixes both thirds, as singers of it do."""

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

_DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_NUMERAL = re.compile(r"(b|#)?(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)")
_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "dim": (0, 3, 6),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "5": (0, 7),
}


@dataclass(frozen=True)
class Key:
    """A tonic (pitch class) and one of MODES."""

    tonic: int
    mode: str

    @property
    def minor(self) -> bool:
        """Whether the third above the tonic is small; blues counts as major."""
        return 4 not in MODES[self.mode]

    @property
    def scale(self) -> tuple[int, ...]:
        """The mode's pitch classes, the tonic first."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode])


@dataclass(frozen=True)
class Chord:
    """A root (pitch class) and the intervals above it in semitones, the root's 0 first."""

    root: int
    intervals: tuple[int, ...]

    @property
    def tones(self) -> tuple[int, ...]:
        """Its pitch classes, the root first."""
        return tuple((self.root + interval) % 12 for interval in self.intervals)

    @property
    def fifth(self) -> int:
        """The pitch class a bass alternates with: the fifth, lowered where the chord's is."""
        return (self.root + (6 if 6 in self.intervals else 7)) % 12

    @property
    def color(self) -> tuple[int, ...]:
        """Three pitch classes that tell the chord when a bass plays its root."""
        if len(self.intervals) <= 3:
            return self.tones
        third, _, *rest = self.tones[1:]
        return (third, *rest[:2]) if len(rest) > 1 else (third, rest[0], self.tones[2])


@lru_cache(maxsize=4096)
def chord(numeral: str, tonic: int) -> Chord:
    """Read a numeral such as ``bVII``, ``ii7`` or ``IVmaj7`` above the tonic.

    Lower case is minor. Flats and sharps count from the major scale, whatever the mode.

    Raises:
        ValueError: it is no such numeral.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"{numeral} is no chord numeral.")
    accidental, degree, suffix = match.groups()
    if degree.islower() and not suffix.startswith(("dim", "m7b5", "sus", "5")):
        suffix = "m" + suffix
    if suffix not in _QUALITIES:
        raise ValueError(f"{numeral} has an unknown quality.")
    shift = {"b": -1, "#": 1, None: 0}[accidental]
    return Chord((tonic + _DEGREES[degree.upper()] + shift) % 12, _QUALITIES[suffix])


@lru_cache(maxsize=4096)
def melody_scale(key: Key, over: Chord) -> tuple[int, ...]:
    """The pitch classes a melody uses over a chord: the key's, bent to the chord's own tones.

    A scale tone a semitone away from a chord tone that is foreign to the key gives way to it.
    """
    scale = set(key.scale)
    for tone in over.tones:
        if tone not in scale:
            scale -= {(tone + 1) % 12, (tone - 1) % 12} - set(over.tones)
            scale.add(tone)
    return tuple(sorted(scale))


def pentatonic(key: Key) -> tuple[int, ...]:
    """The five-tone scale inside the key; over blues, the minor one with the flat fifth."""
    steps: tuple[int, ...] = (0, 2, 4, 7, 9)
    if key.mode == "blues":
        steps = (0, 3, 5, 6, 7, 10)
    elif key.minor:
        steps = (0, 3, 5, 7, 10)
    return tuple((key.tonic + step) % 12 for step in steps)
