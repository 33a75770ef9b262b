"""What people name and which patches answer to it: truth for captions, choices for genres."""

from __future__ import annotations

from collections.abc import Iterable

from recipes.builtin.voices import DRUMS, PATCHES

_NAMED: dict[str, tuple[str, ...]] = {
    "piano": ("piano_*", "lead_piano"),
    "electric piano": ("epiano_*",),
    "organ": ("organ_*",),
    "strings": ("strings_*",),
    "clean guitar": ("guitar_clean_*",),
    "distorted guitar": ("guitar_drive_*", "lead_guitar"),
    "acoustic guitar": ("nylon_guitar",),
    "guitar": ("guitar_*", "nylon_guitar", "lead_guitar"),
    "guitar solo": ("lead_guitar",),
    "synth pad": ("synth_pad_*",),
    "synth lead": ("lead_synth",),
    "synth": ("synth_pad_*", "lead_synth", "bass_synth", "pluck"),
    "saxophone": ("lead_sax",),
    "trumpet": ("lead_trumpet",),
    "flute": ("lead_flute",),
    "chip lead": ("lead_chip",),
    "chip arpeggio": ("chip_arp",),
    "vibraphone": ("vibraphone",),
    "music box": ("music_box",),
    "pluck": ("pluck",),
    "choir": ("choir_pad",),
    "bass": ("bass_*",),
    "bass guitar": ("bass_finger", "bass_slap"),
    "slap bass": ("bass_slap",),
    "synth bass": ("bass_synth",),
    "double bass": ("bass_upright",),
    "808 bass": ("bass_808",),
    "shaker": ("shaker*", "cabasa"),
    "tambourine": ("tambourine",),
    "congas": ("conga_*",),
    "bongos": ("bongo_*",),
    "cowbell": ("cowbell",),
    "clave": ("clave",),
    "woodblock": ("woodblock",),
    "triangle": ("triangle",),
    "cabasa": ("cabasa",),
    "brushes": ("brush_*",),
}


def _answering(patterns: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for pattern in patterns:
        stem = pattern.rstrip("*")
        names = {
            p.name
            for p in PATCHES
            if p.name == stem or (stem != pattern and p.name.startswith(stem))
        }
        if not names:
            raise ValueError(f"no patch answers to {pattern}")
        found |= names
    return frozenset(found)


INSTRUMENTS: dict[str, frozenset[str]] = {
    **{name: _answering(patterns) for name, patterns in _NAMED.items()},
    "drums": frozenset(p.name for p in PATCHES if p.role in {"kick", "snare", "tom"}),
    "percussion": frozenset(p.name for p in PATCHES if p.role == "percussion"),
}
"""Name -> the patches any of which makes it true."""

BEATS: frozenset[str] = frozenset(p.name for p in PATCHES if DRUMS.start <= p.codebook < DRUMS.stop)
"""All patches that "no drums" forbids."""

CHORDS: dict[str, str] = {
    "piano": "piano",
    "electric piano": "epiano",
    "organ": "organ",
    "strings": "strings",
    "clean guitar": "guitar_clean",
    "distorted guitar": "guitar_drive",
    "synth pad": "synth_pad",
}
"""Instruments for codebooks 4 to 6 -> the stem of their three patches."""

LEADS: dict[str, str] = {
    "saxophone": "lead_sax",
    "trumpet": "lead_trumpet",
    "flute": "lead_flute",
    "synth lead": "lead_synth",
    "guitar solo": "lead_guitar",
    "piano": "lead_piano",
    "chip lead": "lead_chip",
}
"""Instruments for codebook 7."""

SECONDS: dict[str, str] = {
    "vibraphone": "vibraphone",
    "music box": "music_box",
    "acoustic guitar": "nylon_guitar",
    "pluck": "pluck",
    "chip arpeggio": "chip_arp",
    "choir": "choir_pad",
}
"""Instruments for codebook 8."""

BASSES: dict[str, str] = {
    "bass guitar": "bass_finger",
    "slap bass": "bass_slap",
    "synth bass": "bass_synth",
    "double bass": "bass_upright",
    "808 bass": "bass_808",
}

GENERIC: dict[str, tuple[str, ...]] = {
    "guitar": ("clean guitar", "distorted guitar", "acoustic guitar", "guitar solo"),
    "synth": ("synth pad", "synth lead", "pluck", "synth bass"),
    "bass": tuple(BASSES),
    "percussion": ("congas", "bongos", "shaker", "tambourine"),
}
"""Names that any of several instruments satisfies."""


def heard(patches: Iterable[str]) -> tuple[str, ...]:
    """Every name that the patches make true, in the table's order."""
    sounding = set(patches)
    return tuple(name for name, members in INSTRUMENTS.items() if members & sounding)
