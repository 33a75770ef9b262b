"""Moods as claims about a piece's other attributes, so that they can be true or false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from recipes.builtin.attributes import Attributes

_SOFT = frozenset(
    {"lo-fi", "ambient", "jazz", "ballad", "bossa nova", "folk", "classical", "soul", "reggae"}
)
_HARD = frozenset({"metal", "techno", "rock", "drum and bass", "trap"})
_LIVELY = frozenset({"rock", "metal", "house", "techno", "trance", "disco", "chiptune", "funk"})
_GROOVY = frozenset({"funk", "disco", "hip-hop", "soul", "house", "latin", "blues"})

Claim = Callable[[Attributes], bool]


def _bpm(piece: Attributes) -> float:
    return piece.bpm or 100.0


MOODS: dict[str, Claim] = {
    "happy": lambda p: not p.minor and _bpm(p) >= 96 and p.genre not in _HARD,
    "uplifting": lambda p: not p.minor and _bpm(p) >= 112,
    "sad": lambda p: bool(p.minor) and _bpm(p) <= 92 and p.genre not in _HARD,
    "dark": lambda p: bool(p.minor) and p.genre not in {"bossa nova", "disco", "latin", "folk"},
    "energetic": lambda p: p.kit is not None and _bpm(p) >= 122,
    "calm": lambda p: p.genre in _SOFT and _bpm(p) <= 92 and p.density != "busy",
    "aggressive": lambda p: p.genre in _HARD and bool(p.minor) and _bpm(p) >= 112,
    "dreamy": lambda p: (
        _bpm(p) <= 104
        and bool({"synth pad", "vibraphone", "choir", "music box", "strings"} & set(p.present))
    ),
    "romantic": lambda p: (
        p.genre in {"ballad", "bossa nova", "jazz", "soul", "classical"}
        and not p.minor
        and _bpm(p) <= 132
    ),
    "epic": lambda p: (
        p.genre in {"cinematic", "metal", "trance"}
        and bool({"strings", "choir", "distorted guitar"} & set(p.present))
    ),
    "mysterious": lambda p: bool(p.minor) and p.density == "sparse",
    "tense": lambda p: p.mode == "phrygian",
    "nostalgic": lambda p: p.genre in {"lo-fi", "synthwave", "ballad"} or p.era in {"50s", "60s"},
    "playful": lambda p: p.genre in {"chiptune", "country", "latin"} and not p.minor,
    "groovy": lambda p: p.genre in _GROOVY and p.kit is not None and "bass" in p.present,
    "relaxed": lambda p: p.genre in _SOFT and _bpm(p) <= 112,
}
"""Mood -> what makes it true."""


def moods_of(piece: Attributes) -> Attributes:
    """The same attributes with every mood that is true of them."""
    return replace(piece, moods=tuple(mood for mood, claim in MOODS.items() if claim(piece)))
