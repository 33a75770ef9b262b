"""What people write into the forms of /settings -> values that are stored; nothing is None."""

from __future__ import annotations

import re

from bot.locales import format_seconds
from bot.reception import MIN_SECONDS
from bot.refusal import Refusal
from bot.ui.listing import number
from musicgen_core.jams.settings import RANGES

MOST_CLIPS_AN_HOUR = 1000
MOST_DAYS = 3650
MOST_WORDS = 100
LONGEST_WORD = 50


def longest(text: str, most: float) -> float | None:
    """Return the longest clip in seconds.

    Raises:
        Refusal: it is no number, or more than the bot makes.
    """
    value = number(text)
    if value is not None and not MIN_SECONDS <= value <= most:
        raise Refusal("seconds_range", low=MIN_SECONDS, high=format_seconds(most))
    return value


def jam_length(text: str) -> float | None:
    """Return the longest track of a jam in seconds.

    Raises:
        Refusal: it is no number from 10 to 1800.
    """
    value, (low, high) = number(text), RANGES["longest_seconds"]
    if value is not None and not low <= value <= high:
        raise Refusal("jam_range", low=format_seconds(low), high=format_seconds(high))
    return value


def clips_an_hour(text: str) -> int | None:
    """Return how many clips a person may make an hour.

    Raises:
        Refusal: it is no whole number from 1 to 1000.
    """
    return _whole(text, MOST_CLIPS_AN_HOUR, "hour_range")


def days(text: str) -> int | None:
    """Return how many days clips are kept.

    Raises:
        Refusal: it is no whole number from 1 to 3650.
    """
    return _whole(text, MOST_DAYS, "days_range")


def words(text: str) -> tuple[str, ...] | None:
    """Return blocked words, one a line or separated by commas, each once whatever its case.

    Raises:
        Refusal: there are too many, or one is too long.
    """
    kept: dict[str, str] = {}
    for part in re.split(r"[\n,，、;；]", text):
        if word := " ".join(part.split()):
            kept.setdefault(word.casefold(), word)
    if len(kept) > MOST_WORDS:
        raise Refusal("words_many", high=MOST_WORDS)
    for word in kept.values():
        if len(word) > LONGEST_WORD:
            raise Refusal("word_long", word=word[:LONGEST_WORD], high=LONGEST_WORD)
    return tuple(kept.values()) or None


def _whole(text: str, most: int, key: str) -> int | None:
    value = number(text)
    if value is None:
        return None
    if value != int(value) or not 1 <= value <= most:
        raise Refusal(key, high=most)
    return int(value)
