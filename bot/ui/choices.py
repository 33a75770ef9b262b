"""What the selects of the settings' pages and the autocompletion of commands offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from discord import SelectOption
from discord.app_commands import Choice

from bot.locales import ENGLISH, LOCALES, Phrases, phrases

FORMATS = ("WAV", "FLAC", "OGG", "MP3")
MOST_CHOICES = 25
"""What Discord shows of autocompletion."""
UNSET = "-"
"""The value of what is left to the bot or the server."""


def options(chosen: str | None, known: Iterable[tuple[str, str]], unset: str) -> list[SelectOption]:
    """Return a select's options, values with their labels, behind the one that sets nothing."""
    choices = [(UNSET, unset), *known]
    return [
        SelectOption(label=label, value=value, default=value == (chosen or UNSET))
        for value, label in choices
    ]


def languages() -> list[tuple[str, str]]:
    """Return the languages there are, each with its own name."""
    return [(locale, phrases(locale)("language.name")) for locale in LOCALES]


def language_name(locale: str | None) -> str | None:
    """Return what a language calls itself."""
    return phrases(locale)("language.name") if locale in LOCALES else None


def offered(
    typed: str,
    known: Iterable[str],
    name: Callable[[str, Phrases], str] = lambda value, _: value,
    say: Phrases | None = None,
) -> list[Choice[str]]:
    """Return the values that hold what was typed, those first that begin with it.

    Args:
        typed: a part of a value, or of its name in any language.
        known: the values there are.
        name: what a value is called in a language.
        say: the language in which they are offered.
    """
    typed, shown = typed.strip().casefold(), say or phrases(ENGLISH)
    found = []
    for value in known:
        names = [value, *(name(value, phrases(locale)) for locale in LOCALES)]
        if holding := [each for each in names if typed in each.casefold()]:
            begins = any(each.casefold().startswith(typed) for each in holding)
            found.append((not begins, value))
    found.sort(key=lambda each: each[0])
    return [Choice(name=name(value, shown), value=value) for _, value in found[:MOST_CHOICES]]
