"""The cards' typeface: what it can write, and how much of a text fits into a line."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

TYPEFACE = Path(__file__).with_name("typeface") / "mindjam-sans.otf"
"""Latin, Greek, Cyrillic, kana and Chinese; see recipes/card_font."""
_WIDER = 1.03
"""How much wider a line may come out when its letters are set on whole pixels."""


def writable(text: str) -> str:
    """Return a text on one line, without the characters that the typeface lacks."""
    known = _characters()
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if ord(c) in known or c.isspace())
    return " ".join(kept.split())


def width(text: str, size: float) -> float:
    """Return the pixels that a text of `size` pixels takes."""
    font = _font()
    # Measured large, because at small sizes every letter is rounded.
    font.set_size(1000, 72)
    font.set_text(text)
    return float(font.get_width_height()[0]) / 64 * size / 1000 * _WIDER


def fitted(text: str, size: float, room: float) -> str:
    """Return what of a text fits into `room` pixels, with an ellipsis where that is not all."""
    line = writable(text)
    if width(line, size) <= room:
        return line
    return _beginning(line, size, room - width("…", size)).rstrip(" ,.;:，。；：、") + "…"


def lines(text: str, size: float, *rooms: float) -> list[str]:
    """Break a text into at most as many lines as there are rooms, the last one cut to fit."""
    left, broken = writable(text), []
    for room in rooms[:-1]:
        if width(left, size) <= room:
            break
        beginning = _beginning(left, size, room)
        # Chinese breaks anywhere, other writing between words.
        at = beginning.rfind(" ") if ord(left[len(beginning)]) < 0x2E80 else len(beginning)
        at = at if at > 0 else len(beginning)
        broken.append(left[:at].rstrip())
        left = left[at:].lstrip()
    return [*broken, fitted(left, size, rooms[-1])]


def _beginning(line: str, size: float, room: float) -> str:
    """The longest beginning that fits, by bisection."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(line[:middle], size) <= room else (low, middle - 1)
    return line[:low]


@cache
def _font() -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(TYPEFACE))


@cache
def _characters() -> frozenset[int]:
    return frozenset(_font().get_charmap())
