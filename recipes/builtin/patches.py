"""The catalog of sounds: which voice plays them, their range and how many frames they last.

Codebook 0 is the conductor's, who makes no sound (conductor.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """One sound of one voice; every note of it takes `ages` tokens, one per frame since onset."""

    name: str
    """Unique: a chord instrument's three voices are piano_low, piano_mid, piano_high."""
    instrument: str
    """What people call it: piano, sax, kick... the same for variants and voices."""
    role: str
    """kick, snare, tom, hat, cymbal, percussion, bass, chord, lead, pad."""
    codebook: int
    lowest: int
    """MIDI pitch of note 0; 0 for drums."""
    notes: int
    """1 for drums."""
    ages: int
    """Frames from onset to the natural end, or to the end of the loop."""
    loop: tuple[int, int] | None = None
    """Shortest and longest loop in frames for sounds that can be held; None if they die away."""
    style: str = ""
    """A drum's kit: acoustic, rock, 80s, house, 808, techno, lofi, jazz, dnb, chip."""


def _drums(codebook: int, rows: str) -> list[Patch]:
    """Read lines of `name instrument role ages style`."""
    patches = []
    for row in rows.strip().splitlines():
        name, instrument, role, ages, style = row.split()
        patches.append(Patch(name, instrument, role, codebook, 0, 1, int(ages), style=style))
    return patches


_KICKS_AND_SNARES = """
kick_acoustic      kick     kick   10  acoustic
snare_acoustic     snare    snare  13  acoustic
snare_ghost        snare    snare   7  acoustic
kick_rock          kick     kick   11  rock
snare_rock         snare    snare  18  rock
kick_80s           kick     kick   11  80s
snare_80s          snare    snare  20  80s
kick_house         kick     kick   12  house
clap_house         clap     snare  12  house
kick_clap_house    clap     snare  13  house
kick_808           kick     kick   22  808
snare_808          snare    snare  11  808
clap_808           clap     snare  12  808
kick_techno        kick     kick   14  techno
rumble_techno      kick     kick   12  techno
kick_lofi          kick     kick    9  lofi
snare_lofi         snare    snare  10  lofi
snare_lofi_ghost   snare    snare   6  lofi
kick_jazz          kick     kick    9  jazz
brush_tap          brushes  snare   9  jazz
brush_swirl        brushes  snare  12  jazz
kick_dnb           kick     kick    9  dnb
snare_dnb          snare    snare  12  dnb
snare_dnb_ghost    snare    snare   6  dnb
kick_chip          kick     kick    6  chip
snare_chip         snare    snare   8  chip
side_stick         rimshot  snare   6  acoustic
tom_high           tom      tom    16  acoustic
tom_mid            tom      tom    18  acoustic
tom_low            tom      tom    20  acoustic
tom_80s_high       tom      tom    16  80s
tom_80s_low        tom      tom    20  80s
"""

_HATS_AND_PERCUSSION = """
hat_closed         hat         hat         6  acoustic
hat_soft           hat         hat         5  acoustic
hat_pedal          hat         hat         5  acoustic
hat_open           hat         hat        20  acoustic
hat_house          hat         hat         5  house
hat_house_open     hat         hat        12  house
hat_808            hat         hat         4  808
hat_808_soft       hat         hat         3  808
hat_808_open       hat         hat        16  808
hat_lofi           hat         hat         5  lofi
hat_chip           hat         hat         3  chip
hat_chip_open      hat         hat         7  chip
ride               ride        cymbal     26  acoustic
ride_soft          ride        cymbal     20  jazz
ride_bell          ride        cymbal     24  acoustic
crash              crash       cymbal     60  acoustic
crash_80s          crash       cymbal     60  80s
shaker             shaker      percussion  6  acoustic
shaker_soft        shaker      percussion  5  acoustic
tambourine         tambourine  percussion 10  acoustic
conga_high         conga       percussion 12  acoustic
conga_low          conga       percussion 15  acoustic
conga_slap         conga       percussion  8  acoustic
bongo_high         bongo       percussion  9  acoustic
bongo_low          bongo       percussion 12  acoustic
cowbell            cowbell     percussion 10  80s
clave              clave       percussion  5  acoustic
woodblock          woodblock   percussion  5  acoustic
triangle           triangle    percussion 30  acoustic
cabasa             cabasa      percussion  6  acoustic
"""

_BASSES = [
    Patch("bass_finger", "bass guitar", "bass", 3, 28, 20, 24, (10, 21)),
    Patch("bass_slap", "slap bass", "bass", 3, 28, 20, 18),
    Patch("bass_synth", "synth bass", "bass", 3, 28, 20, 18, (9, 17)),
    Patch("bass_upright", "double bass", "bass", 3, 28, 20, 22),
    Patch("bass_808", "808 bass", "bass", 3, 28, 20, 20, (9, 18)),
]

_CHORD_VOICES = (("low", 4, 48), ("mid", 5, 52), ("high", 6, 56))
"""Ranges of twelve notes: every pitch class once, close voicings without gaps."""

_CHORD_INSTRUMENTS: tuple[tuple[str, str, int, tuple[int, int] | None], ...] = (
    ("piano", "chord", 38, None),
    ("epiano", "chord", 27, (8, 14)),
    ("organ", "chord", 15, (8, 13)),
    ("strings", "chord", 19, (9, 14)),
    ("guitar_clean", "chord", 32, None),
    ("guitar_drive", "chord", 20, (8, 14)),
    ("synth_pad", "pad", 19, (9, 14)),
)

_LEADS = [
    Patch("lead_sax", "saxophone", "lead", 7, 58, 20, 15, (9, 11)),
    Patch("lead_trumpet", "trumpet", "lead", 7, 60, 20, 14, (9, 11)),
    Patch("lead_flute", "flute", "lead", 7, 64, 20, 14, (9, 11)),
    Patch("lead_synth", "synth lead", "lead", 7, 60, 20, 12, (6, 10)),
    Patch("lead_guitar", "lead guitar", "lead", 7, 58, 20, 16, (9, 11)),
    Patch("lead_piano", "piano", "lead", 7, 60, 20, 23),
    Patch("lead_chip", "chip lead", "lead", 7, 60, 20, 8, (5, 7)),
]

_SECOND_LEADS = [
    Patch("vibraphone", "vibraphone", "lead", 8, 60, 20, 23),
    Patch("music_box", "music box", "lead", 8, 72, 20, 18),
    Patch("nylon_guitar", "acoustic guitar", "lead", 8, 55, 20, 20),
    Patch("pluck", "synth pluck", "lead", 8, 60, 20, 12),
    Patch("chip_arp", "chip arpeggio", "lead", 8, 60, 20, 8, (5, 7)),
    Patch("choir_pad", "choir", "pad", 8, 55, 20, 16, (9, 13)),
]

CATALOG: tuple[Patch, ...] = (
    *_drums(1, _KICKS_AND_SNARES),
    *_drums(2, _HATS_AND_PERCUSSION),
    *_BASSES,
    *(
        Patch(f"{name}_{voice}", name.replace("_", " "), role, codebook, lowest, 12, ages, loop)
        for voice, codebook, lowest in _CHORD_VOICES
        for name, role, ages, loop in _CHORD_INSTRUMENTS
    ),
    *_LEADS,
    *_SECOND_LEADS,
)
