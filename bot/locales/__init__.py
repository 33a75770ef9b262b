"""What the bot says, in every language it speaks: one TOML catalogue a language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LOCALES = ("en-US", "zh-CN")
ENGLISH = LOCALES[0]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language."""

    locale: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence `key`, e.g. `status.waiting`, with its {names} filled in."""
        return self.sentences[key].format(**values)

    def of_core(self, sentence: str) -> str:
        """Say a sentence of musicgen_core in this language, where the catalogue knows it."""
        if self.locale == ENGLISH:
            return sentence
        for key, pattern in _core_patterns():
            if match := pattern.fullmatch(sentence):
                return self(key, **self._in_own_words(match.groupdict()))
        return sentence

    def _in_own_words(self, values: dict[str, str]) -> dict[str, str]:
        """Call an option that a sentence names as it is called in this language."""
        own = self.sentences.get(f"command.compose.{values.get('name')}")
        return values if own is None else {**values, "name": own}

    def time(self, seconds: float) -> str:
        """Say a rough length of time, never less than one second."""
        whole = max(1, round(seconds))
        if whole < 60:
            return self("time.seconds", seconds=whole)
        return self("time.minutes", minutes=whole // 60, seconds=whole % 60)


@cache
def phrases(locale: str) -> Phrases:
    """Return the catalogue of a locale in LOCALES."""
    text = (resources.files(__name__) / f"{locale}.toml").read_text("utf-8")
    return Phrases(locale, dict(_flatten(tomllib.loads(text))))


def best_phrases(locale: str, fallback: str = ENGLISH) -> Phrases:
    """Return the catalogue for what Discord calls a person's locale."""
    if locale in LOCALES:
        return phrases(locale)
    if locale == "zh-TW":  # closer than English to who reads traditional characters
        return phrases("zh-CN")
    return phrases(ENGLISH if locale.startswith("en") else fallback)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@cache
def _core_patterns() -> list[tuple[str, re.Pattern[str]]]:
    """English sentences of the core as patterns that catch their {names}."""
    return [
        (key, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence))))
        for key, sentence in phrases(ENGLISH).sentences.items()
        if key.startswith("core.")
    ]


def format_seconds(seconds: float) -> str:
    """Write seconds as people do: 5, 5.1, 12.5."""
    return f"{seconds:.1f}".removesuffix(".0")
