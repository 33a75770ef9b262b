"""What the page of /settings says."""

from __future__ import annotations

from collections.abc import Sequence

from bot.locales import Phrases, format_seconds
from bot.settings import Settings
from bot.ui.choices import language_name
from bot.ui.quoting import quote
from musicgen_core.storage import ServerSettings

WORDS_SHOWN = 150
NAME_SHOWN = 60
"""Characters, so that the page fits into a message."""


def page_text(
    rules: ServerSettings,
    settings: Settings,
    most: float,
    models: Sequence[str],
    say: Phrases,
) -> str:
    """Return every setting with its value, on one page; `most` seconds is the bot's longest."""

    def line(name: str, value: str | None, default: str) -> str:
        shown = value if value is not None else say("settings.default", value=default)
        return f"**{say(f'settings.{name}')}** {shown}"

    hour, kept = settings.clips_an_hour, settings.keep_days
    any_number, for_ever = say("settings.any_number"), say("settings.for_ever")
    model = rules.model if rules.model in models else None
    chosen = [line("model", _name(model), _name(models[0]) or "")] if len(models) > 1 else []
    return "\n".join(
        [
            say("settings.title"),
            line("channels", _mentions("<#{}>", rules.channels), say("settings.everywhere")),
            line("roles", _mentions("<@&{}>", rules.roles), say("settings.everybody")),
            *chosen,
            line("longest", seconds(rules.longest_seconds, say), seconds(most, say) or ""),
            line("hour", _count(rules.clips_an_hour), _count(hour) or any_number),
            line("jam", seconds(rules.jam_seconds, say), seconds(settings.jam_seconds, say) or ""),
            line("format", (rules.formats or (None,))[0], settings.clip_format),
            line("language", language_name(rules.language), say("settings.each_their_own")),
            line("words", _words(rules.blocked_words), say("settings.no_words")),
            line("days", _count(rules.retention_days), _count(kept) or for_ever),
        ]
    )


def seconds(value: float | None, say: Phrases) -> str | None:
    """Say a length, None for none."""
    return None if value is None else say("settings.seconds_value", seconds=format_seconds(value))


def _name(model: str | None) -> str | None:
    return quote(model, NAME_SHOWN) if model else None


def _count(number: int | None) -> str | None:
    return str(number) if number else None


def _mentions(form: str, ids: Sequence[int] | None) -> str | None:
    return " ".join(form.format(number) for number in ids) if ids else None


def _words(words: Sequence[str] | None) -> str | None:
    return quote(", ".join(words), WORDS_SHOWN) if words else None
