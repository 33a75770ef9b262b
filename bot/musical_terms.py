"""Keys and styles as people name them, in any of our languages, and as the models know them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache

from bot.locales import LOCALES, Phrases, phrases
from bot.refusal import Refusal
from bot.ui.quoting import quote
from bot.wish import Wish
from musicgen_core.wording import FASTEST, SLOWEST, STYLES

LONGEST_STYLE = 100
_ENGLISH_KEY = re.compile(
    r"(?P<tonic>[a-g])(?:[\s-]*(?P<sign>[#♯b♭]|sharp|flat))?[\s-]*(?P<mode>major|maj|minor|min|m)"
)
_CHINESE_KEY = re.compile(
    r"(?P<before>[#♯b♭升降])?\s*(?P<tonic>[a-g])(?P<sign>[#♯b♭])?\s*(?P<mode>[大小])调"
)
_SIGNS = {"♯": "#", "升": "#", "sharp": "#", "♭": "b", "降": "b", "flat": "b"}
_SAME = {"E#": "F", "B#": "C", "Cb": "B", "Fb": "E"}
_LONGEST_QUOTE = 40


def in_known_terms(wish: Wish) -> Wish:
    """Return the wish with its key and style as models know it, whoever wrote it down and wherever.

    Raises:
        Refusal: the key is none, the tempo is out of range, or the style is too long.
    """
    if wish.tempo is not None and not SLOWEST <= wish.tempo <= FASTEST:
        raise Refusal("tempo_range", low=SLOWEST, high=FASTEST)
    style = style_named(wish.style or "") or None
    if style is not None and len(style) > LONGEST_STYLE:
        raise Refusal("style_long", length=len(style), limit=LONGEST_STYLE)
    key = None
    if wish.key and wish.key.strip() and (key := key_named(wish.key)) is None:
        raise Refusal("unknown_key", text=quote(wish.key, _LONGEST_QUOTE))
    return replace(wish, key=key, style=style)


def style_named(text: str) -> str:
    """Return a curated style by its name in any of our languages; other words as they are."""
    return _styles().get(_folded(text), " ".join(text.split()))


def style_name(style: str, say: Phrases) -> str:
    """Return what a style is called; words of somebody's own stay."""
    return say(f"styles.{style}") if style in STYLES else style


def key_named(text: str) -> str | None:
    """Return a key as in `musicgen_core.wording.KEYS`; None: it is not a tonic with its mode."""
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    found = _ENGLISH_KEY.fullmatch(text) or _CHINESE_KEY.fullmatch(text)
    if found is None:
        return None
    known = found.groupdict()
    sign = known.get("before") or known["sign"] or ""
    note = known["tonic"].upper() + _SIGNS.get(sign, sign)
    mode = "major" if known["mode"] in {"major", "maj", "大"} else "minor"
    return f"{_SAME.get(note, note)} {mode}"


@cache
def _styles() -> dict[str, str]:
    """Return the curated style behind each of its names."""
    every = [phrases(locale) for locale in LOCALES]
    return {_folded(style_name(style, say)): style for say in every for style in STYLES}


def _folded(text: str) -> str:
    """Make equal what people take for the same name: case, spaces, hyphens, apostrophes."""
    return re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))
