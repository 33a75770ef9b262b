"""Keys as people call them in their language."""

from __future__ import annotations

import re

from bot.locales import Phrases
from bot.ui.quoting import escaped

_KNOWN = re.compile(r"([A-G])([#b]?) (major|minor)")
_SIGNS = {"#": "card.sharp", "b": "card.flat"}


def spoken_key(key: str, say: Phrases) -> str:
    """Say a key such as "C# minor"; what is written otherwise stays as it is."""
    known = _KNOWN.fullmatch(key)
    if known is None:
        return escaped(key)
    note, sign, mode = known.groups()
    tonic = say(_SIGNS[sign], note=note) if sign else note
    return say(f"card.{mode}", tonic=tonic)
