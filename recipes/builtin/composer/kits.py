"""Drum kits: what the letters of a groove sound like in each style."""

from __future__ import annotations

_LOW = {
    "k": "kick_acoustic",
    "s": "snare_acoustic",
    "g": "snare_ghost",
    "r": "side_stick",
    "c": "clap_house",
    "b": "kick_clap_house",
    "u": "rumble_techno",
    "T": "tom_high",
    "M": "tom_mid",
    "L": "tom_low",
    "w": "brush_swirl",
}
"""Codebook 1; every kit may replace some. ``b`` is a kick and a clap at once."""

_HIGH = {
    "h": "hat_closed",
    "p": "hat_soft",
    "f": "hat_pedal",
    "o": "hat_open",
    "d": "ride",
    "e": "ride_bell",
    "x": "crash",
    "a": "shaker",
    "z": "shaker_soft",
    "j": "tambourine",
    "C": "conga_high",
    "G": "conga_low",
    "P": "conga_slap",
    "B": "bongo_high",
    "D": "bongo_low",
    "W": "cowbell",
    "v": "clave",
    "y": "woodblock",
    "t": "triangle",
    "q": "cabasa",
}
"""Codebook 2."""

_CHANGES = {
    "acoustic": "",
    "rock": "k=kick_rock s=snare_rock",
    "80s": "k=kick_80s s=snare_80s c=clap_808 T=tom_80s_high M=tom_80s_high L=tom_80s_low "
    "x=crash_80s",
    "house": "k=kick_house s=clap_house g=side_stick h=hat_house p=hat_house o=hat_house_open "
    "T=tom_80s_high L=tom_80s_low",
    "808": "k=kick_808 s=snare_808 g=side_stick c=clap_808 h=hat_808 p=hat_808_soft "
    "o=hat_808_open x=crash_80s",
    "techno": "k=kick_techno s=clap_808 g=side_stick c=clap_808 h=hat_house p=hat_808_soft "
    "o=hat_house_open",
    "lofi": "k=kick_lofi s=snare_lofi g=snare_lofi_ghost h=hat_lofi p=hat_808_soft o=hat_808_open",
    "jazz": "k=kick_jazz s=brush_tap g=brush_tap d=ride_soft",
    "dnb": "k=kick_dnb s=snare_dnb g=snare_dnb_ghost",
    "chip": "k=kick_chip s=snare_chip g=snare_chip r=snare_chip T=snare_chip M=snare_chip "
    "L=kick_chip h=hat_chip p=hat_chip o=hat_chip_open x=hat_chip_open d=hat_chip",
}
"""What each kit replaces."""

KITS: dict[str, dict[str, str]] = {
    name: {**_LOW, **_HIGH, **dict(change.split("=") for change in changes.split())}
    for name, changes in _CHANGES.items()
}
"""Kit name -> letter -> patch."""

PERCUSSION_LINES: dict[str, str] = {
    "shaker": "a.z.a.z.a.z.a.z.",
    "tambourine": "....j.......j.j.",
    "congas": "..C...P...C..GG.",
    "bongos": "B.BB.BD.B.BB.BD.",
    "cowbell": "W...W...W...W...",
    "clave": "v..v..v...v.v...",
    "woodblock": "y..y..y.....y...",
    "triangle": "t.......t.......",
    "cabasa": "q.q.q.q.q.q.q.q.",
}
"""Letters woven over a groove's high line when the instrument is wanted by name."""


def weave(line: str, over: str) -> str:
    """Lay one line of letters over another of the same meter; its rests let the other through."""
    return "".join(
        over[i % len(over)] if over[i % len(over)] != "." else letter
        for i, letter in enumerate(line)
    )
