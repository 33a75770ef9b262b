"""What the selects of the settings' pages and the autocompletion of commands offer."""

from __future__ import annotations

from collections.abc import Iterable

from discord import SelectOption
from discord.app_commands import Choice

from bot.locales import LOCALES, phrases

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


def offered(typed: str, known: Iterable[str]) -> list[Choice[str]]:
    """Return the names that hold what was typed, those first that begin with it."""
    typed = typed.strip().lower()
    found = [name for name in known if typed in name.lower()]
    found.sort(key=lambda name: not name.lower().startswith(typed))
    return [Choice(name=name, value=name) for name in found[:MOST_CHOICES]]
