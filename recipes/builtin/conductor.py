"""The conductor: a ninth voice that makes no sound and says where the music is.

Its tokens count the frames of every beat, and at some of them say instead: the key and the place in
the phrase, the chord, the style, who plays. It comes first in the delay pattern: every voice hears
it before it decides on the same frame, and what a prompt asks for is decided once, in the first
beat, and then only kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from recipes.builtin.attributes import FASTEST, SLOWEST
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS, SECONDS
from recipes.builtin.composer.kits import KITS
from recipes.builtin.composer.meter import FEELS
from recipes.builtin.voices import SILENCE

PHRASE = 16
"""Beats that places are counted in: four bars."""
PLAYERS = ("drums", "percussion", "bass", "chords", "lead", "second")


@dataclass(frozen=True)
class Sign:
    """What is said at one frame of every beat: two numbers, each below its size."""

    name: str
    phase: int
    sizes: tuple[int, int]


SIGNS = (
    Sign("place", 0, (24, PHRASE)),  # 2 * tonic + minor; beat of the phrase
    Sign("chord", 2, (12, 3)),  # root; small, large or no third
    Sign("style", 4, (len(GENRES), len(FEELS))),
    Sign("playing", 6, (2 ** len(PLAYERS), 1)),
    Sign("rhythm", 8, (len(KITS) + 1, len(BASSES) + 1)),  # here and below 0 is nobody
    Sign("harmony", 10, (len(CHORDS) + 1, len(CHORDS) + 1)),  # and a second instrument
    Sign("melody", 12, (len(LEADS) + 1, len(SECONDS) + 1)),
)
"""All inside the shortest beat; at every other frame the conductor counts."""
COUNTING = Sign("count", -1, (SLOWEST + 1, SLOWEST))
"""The frames of the beat, and which of them this is."""


@dataclass(frozen=True)
class Meaning:
    """What a token says."""

    sign: Sign
    first: int
    second: int


def _meanings() -> Iterator[Meaning]:
    phases = {sign.phase for sign in SIGNS}
    for beat in range(FASTEST, SLOWEST + 1):
        for phase in range(beat):
            if phase not in phases:
                yield Meaning(COUNTING, beat, phase)
    for sign in SIGNS:
        for first in range(sign.sizes[0]):
            for second in range(sign.sizes[1]):
                yield Meaning(sign, first, second)


MEANINGS: tuple[Meaning, ...] = tuple(_meanings())
"""Token 1 says the first of these. Token 0 says nothing: nobody conducts."""
END = len(MEANINGS) + 1
"""The piece is over."""
USED = END + 1


@cache
def _tokens() -> dict[tuple[str, int, int], int]:
    return {(m.sign.name, m.first, m.second): i for i, m in enumerate(MEANINGS, 1)}


def token(name: str, first: int, second: int = 0) -> int:
    """The token that says something; KeyError for what cannot be said."""
    return _tokens()[name, first, second]


@cache
def counted(beat: int) -> tuple[int, ...]:
    """The tokens of a beat's frames, SILENCE where a sign stands."""
    phases = {sign.phase for sign in SIGNS}
    return tuple(
        SILENCE if phase in phases else token("count", beat, phase) for phase in range(beat)
    )
