"""Wishes in people's own words: "make it funkier, 20 s" -> a prompt and a length."""

from __future__ import annotations

import re

from bot.wish import Wish

_LENGTH = re.compile(
    r"(?:\b(?:for|about|of)\s+)?(?<![\w.,])(\d{1,3}(?:[.,]\d+)?)\s*-?\s*"
    r"(?:(minutes?|mins?|m|分钟|分)|(seconds?|secs?|sec|s|秒钟?))(?![A-Za-z])",
    re.IGNORECASE,
)
_DECADE = re.compile(r"[5-9]0s")
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")
_ENDS = " \t\n,.;:!?，。；：！？、-–—"


def spoken_wish(text: str) -> Wish:
    """Read a message: mentions are dropped, the last length is its seconds, the rest the prompt."""
    text = _MENTION.sub(" ", text)
    seconds = None
    for match in _LENGTH.finditer(text):
        if _DECADE.fullmatch(match[0]):
            continue
        amount = float(match[1].replace(",", "."))
        seconds = amount * 60 if match[2] else amount
        found = match
    if seconds is not None:
        text = text[: found.start()].rstrip(_ENDS) + " " + text[found.end() :]
    prompt = " ".join(text.split()).strip(_ENDS)
    return Wish(prompt=prompt or None, seconds=seconds)


def spoken_words(text: str) -> str:
    """Read a message as words alone: mentions are dropped, and everything else is kept."""
    return " ".join(_MENTION.sub(" ", text).split()).strip(_ENDS)
