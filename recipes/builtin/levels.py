"""How loud every sound is in the mix: its loudest 100 ms, K-weighted, in dB below full scale."""

from __future__ import annotations

from recipes.builtin.patches import Patch

_ROLES = {
    "kick": -16.5,
    "snare": -17.5,
    "tom": -18.0,
    "hat": -27.0,
    "cymbal": -26.0,
    "percussion": -25.5,
    "bass": -20.0,
    "chord": -27.0,
    "pad": -28.5,
    "lead": -21.5,
}
_PATCHES = {
    "snare_ghost": -28.0,
    "snare_lofi_ghost": -28.0,
    "snare_dnb_ghost": -27.0,
    "rumble_techno": -22.0,
    "kick_jazz": -21.0,
    "brush_tap": -23.0,
    "brush_swirl": -26.0,
    "side_stick": -21.0,
    "kick_chip": -19.0,
    "snare_chip": -20.5,
    "kick_lofi": -18.0,
    "snare_lofi": -19.5,
    "hat_soft": -32.0,
    "hat_808_soft": -32.0,
    "hat_pedal": -29.0,
    "hat_open": -26.0,
    "hat_lofi": -29.0,
    "ride_soft": -30.0,
    "crash": -21.5,
    "crash_80s": -21.5,
    "shaker_soft": -31.0,
    "triangle": -29.0,
    "lead_chip": -22.5,
    "lead_guitar": -21.0,
    "music_box": -24.0,
    "vibraphone": -22.5,
    "pluck": -24.5,
    "chip_arp": -25.5,
    "nylon_guitar": -22.5,
    "choir_pad": -26.5,
}
_INSTRUMENTS = {"guitar drive": -25.5, "organ": -28.0, "strings": -28.0}

PEAKS = {
    "kick": 0.5,
    "snare": 0.45,
    "tom": 0.4,
    "hat": 0.2,
    "cymbal": 0.2,
    "percussion": 0.2,
    "bass": 0.24,
    "chord": 0.12,
    "pad": 0.12,
    "lead": 0.22,
}
"""No sample of a sound exceeds its role's peak, so eight voices rarely reach full scale."""


def level_of(patch: Patch) -> float:
    """The loudness a patch's notes are brought to, in dB."""
    fallback = _INSTRUMENTS.get(patch.instrument, _ROLES[patch.role])
    return _PATCHES.get(patch.name, fallback)
