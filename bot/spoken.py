"""Wishes in people's own words: "make it funkier, 20 s" -> a prompt and a length."""

from __future__ import annotations

import re

from bot.wish import Wish

_AMOUNT = r"(\d{1,3}(?:[.,]\d+)?)"
_MINUTES = rf"{_AMOUNT}(?:\s*-?\s*(?:minutes?|mins?|分钟?)(?![A-Za-z]|音符)|m\b)"
_SECONDS = rf"{_AMOUNT}(\s*-?\s*)(?:(seconds?|secs?|秒钟?)|s)(?![A-Za-z])"
_LENGTH = re.compile(
    r"(?:\b(?:for|about|of)\s+)?(?<![A-Za-z\d_.,'’])(?=\d)"
    rf"(?:{_MINUTES}(?:\s*and\b)?\s*)?(?:{_SECONDS})?(?:\s+(?:of|long)\b|的)?",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:after|at|each|every|first|from|last|next|past|until|within)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""What stands before a moment in the music, not before a length of it."""
_OF_A_KIND = re.compile(
    r"\b(?:and|early|in|late|like|mid|my|or|roaring|some|the|those|with)[\s-]+$", re.IGNORECASE
)
"""What stands before the 20s or before 808s."""
_DRUM_MACHINE = re.compile(r"([1-9])0\1")
_DECADE = re.compile(r"[5-9]0")
_AMBIGUOUS = re.compile(r"[2-4]0|\d{3}")
"""With an s right behind it, a length only where a part of the sentence ends."""
_ENDED = re.compile(r"\s*(?:$|[^\w\s'’-]|please\b|of\b|long\b|[㐀-鿿])", re.IGNORECASE)
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")
_ENDS = " \t\n,.;:!?，。；：！？、-–—"


def spoken_wish(text: str) -> Wish:
    """Read a message: mentions are dropped, the last length is its seconds, the rest the prompt."""
    text = _MENTION.sub(" ", text)
    found = [match for match in _LENGTH.finditer(text) if _is_length(match, text)]
    seconds = None
    if found:
        last = found[-1]
        seconds = 60 * _number(last[1]) + _number(last[2])
        text = text[: last.start()].rstrip(_ENDS) + " " + text[last.end() :]
    prompt = " ".join(text.split()).strip(_ENDS)
    return Wish(prompt=prompt or None, seconds=seconds)


def _is_length(match: re.Match[str], text: str) -> bool:
    """Tell a length from a moment, a decade and a drum machine."""
    minutes, amount, gap, word = match.groups()
    if (minutes is None and amount is None) or _ELSEWHERE.search(text[: match.start()]):
        return False
    if minutes is not None or word is not None or gap:
        return True
    kind = _DRUM_MACHINE.fullmatch(amount) or _DECADE.fullmatch(amount)
    if kind or _OF_A_KIND.search(text[: match.start(2)]):
        return False
    if _AMBIGUOUS.fullmatch(amount):
        return _ENDED.match(text, match.end(3) + 1) is not None
    return True


def _number(text: str | None) -> float:
    return float((text or "0").replace(",", "."))


def spoken_words(text: str) -> str:
    """Read a message as words alone: mentions are dropped, and everything else is kept."""
    return " ".join(_MENTION.sub(" ", text).split()).strip(_ENDS)
