"""A caption for a piece: what to say, in which language, with now and then a slip of the finger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random

from recipes.builtin.attributes import Attributes
from recipes.builtin.captions import chinese, english
from recipes.builtin.captions.saying import Habits, choose

_CHINESE = 0.25
_TYPO = 0.05
_HELD_OUT = 32
"""One text in so many is never trained on."""


@dataclass(frozen=True)
class Caption:
    """A prompt, and what exactly it says."""

    text: str
    language: str
    """en or zh."""
    said: Attributes


def caption(
    seed: int | str, truth: Attributes, habits: Habits | None = None, *, held_out: bool = False
) -> Caption:
    """Describe a piece truthfully; held-out texts and those for training never coincide."""
    rng = Random(f"caption {seed}")  # noqa: S311 - words, not secrets
    while True:
        said = choose(rng, truth, habits)
        language = "zh" if rng.random() < _CHINESE else "en"
        text = (chinese if language == "zh" else english).tell(rng, said)
        if language == "en" and rng.random() < _TYPO:
            text = mistyped(rng, text)
        if is_held_out(text) == held_out:
            return Caption(text, language, said)


def is_held_out(text: str) -> bool:
    """Whether a text is kept for measuring, by a hash of it."""
    return hashlib.sha256(text.lower().encode()).digest()[0] % _HELD_OUT == 0


def mistyped(rng: Random, text: str) -> str:
    """Swap, drop or double a letter inside one longer word; the rest stays as it is."""
    places = [
        i
        for i in range(1, len(text) - 2)
        if text[i - 1 : i + 3].isalpha() and len(text[i - 1 : i + 3]) == 4
    ]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 1 else text[:at] + text[at] + text[at:]
