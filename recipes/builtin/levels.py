"""How loud every sound is in the mix: its loudest 100 ms, K-weighted, in dB below full scale."""

from __future__ import annotations

from recipes.builtin.patches import Patch

_ROLES = {
    "kick": -15.5,
    "snare": -16.5,
    "tom": -17.0,
    "hat": -25.5,
    "cymbal": -24.5,
    "percussion": -24.0,
    "bass": -18.0,
    "chord": -23.5,
    "pad": -25.0,
    "lead": -19.0,
}
_PATCHES = {
    "snare_ghost": -27.0,
    "snare_lofi_ghost": -27.0,
    "snare_dnb_ghost": -26.0,
    "rumble_techno": -21.0,
    "kick_jazz": -20.0,
    "brush_tap": -21.5,
    "brush_swirl": -24.5,
    "side_stick": -20.0,
    "kick_chip": -18.0,
    "snare_chip": -19.5,
    "kick_lofi": -17.0,
    "snare_lofi": -18.5,
    "hat_soft": -30.5,
    "hat_808_soft": -30.5,
    "hat_pedal": -27.5,
    "hat_open": -24.5,
    "hat_lofi": -27.5,
    "ride_soft": -28.5,
    "crash": -20.0,
    "crash_80s": -20.0,
    "shaker_soft": -29.5,
    "triangle": -27.5,
    "lead_chip": -20.0,
    "lead_guitar": -18.5,
    "music_box": -21.5,
    "vibraphone": -20.0,
    "pluck": -22.0,
    "chip_arp": -23.0,
    "nylon_guitar": -20.0,
    "choir_pad": -23.0,
}
_INSTRUMENTS = {"guitar drive": -22.5, "organ": -24.5, "strings": -24.5}

PEAKS = {
    "kick": 0.5,
    "snare": 0.47,
    "tom": 0.42,
    "hat": 0.22,
    "cymbal": 0.22,
    "percussion": 0.22,
    "bass": 0.28,
    "chord": 0.17,
    "pad": 0.17,
    "lead": 0.27,
}
"""No sample of a sound exceeds its role's peak, so eight voices rarely reach full scale."""


def level_of(patch: Patch) -> float:
    """The loudness a patch's notes are brought to, in dB."""
    fallback = _INSTRUMENTS.get(patch.instrument, _ROLES[patch.role])
    return _PATCHES.get(patch.name, fallback)
