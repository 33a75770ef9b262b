"""Values as people list them in a form: `tempo=100, style=jazz`, in any of our languages."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from bot.locales import LOCALES, Phrases, phrases
from bot.musical_terms import style_name
from bot.refusal import Refusal
from bot.ui.spoken_key import spoken_key
from bot.wish import Wish
from musicgen_core.wording import KEYS

WORDS = ("key", "style", "model")
WHOLE = ("variations", "seed", "top_k")
"""What is a whole number; its range is checked by where it goes."""
NAMES = ("tempo", *WORDS, *WHOLE, "guidance", "temperature", "from_second", "hear_seconds")
"""What may be listed."""
_PART = re.compile(
    r'(?:(?P<name>[^=:：,，;；\n"“]*)[=:：]\s*)?'
    r'(?:"(?P<quoted>(?:[^"]|"")*)"|“(?P<curly>[^”]*)”|(?P<plain>[^,，;；\n]*))\s*(?:[,，;；\n]|$)'
)
_NEEDS_QUOTES = re.compile(r'[,，;；\n=:："“”]')


def number(text: str) -> float | None:
    """Return a number as people write it, None for nothing.

    Raises:
        Refusal: it is none.
    """
    text = text.strip()
    if not text:
        return None
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(?:s|sec|seconds?|秒)?", text, re.IGNORECASE)
    if match is None:
        raise Refusal("not_a_number", text=text[:40])
    return float(match[1].replace(",", "."))


def listing(wish: Wish, say: Phrases, *names: str) -> str:
    """Return some of a wish's values as `name=value, name=value`, as `listed` reads them."""
    values = {name: getattr(wish, name) for name in names}
    if values.get("style"):
        values["style"] = style_name(values["style"], say)
    if values.get("key") in KEYS:
        values["key"] = spoken_key(values["key"], say)
    return ", ".join(
        f"{_name(name, say)}={_written(value)}"
        for name, value in values.items()
        if value is not None
    )


def listed(text: str, say: Phrases) -> dict[str, Any]:
    """Read `name=value, name=value`; `name: value` and new lines do as well.

    Values in quotation marks may hold anything; what stands without a name goes on with the words
    before it.

    Raises:
        Refusal: a name is unknown or a value is no number where one is wanted.
    """
    values: dict[str, Any] = {}
    name = ""
    for part in _PART.finditer(text):
        value = _value_of(part)
        if part["name"] is None and value and name in WORDS and values[name]:
            values[name] += f", {value}"
        elif part["name"] is not None or value:
            name = _names().get(_folded(part["name"] or ""), "")
            if not name:
                known = ", ".join(_name(each, say) for each in NAMES)
                raise Refusal("unknown_field", text=part[0].strip(" ,，;；\n")[:40], known=known)
            values[name] = value if name in WORDS else _number_of(name, value, part[0])
    return {name: value for name, value in values.items() if value not in {None, ""}}


def _value_of(part: re.Match[str]) -> str:
    if part["quoted"] is not None:
        return part["quoted"].replace('""', '"').strip()
    return (part["curly"] or part["plain"] or "").strip()


def _number_of(name: str, value: str, part: str) -> float | int | None:
    found = number(value)
    if found is None or name not in WHOLE:
        return found
    if found != int(found):
        raise Refusal("not_a_number", text=part.strip(" ,，;；\n")[:40])
    return int(found)


def _written(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _name(name: str, say: Phrases) -> str:
    """Return what a value is called in commands and in forms."""
    return say(f"command.compose.{name}")


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


@cache
def _names() -> dict[str, str]:
    """Return what each name of each language stands for."""
    return {_folded(_name(name, phrases(each))): name for each in LOCALES for name in NAMES}
