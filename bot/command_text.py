"""Names and descriptions of commands, as Discord shows them in the person's language."""

from __future__ import annotations

from discord.app_commands import locale_str

from bot.locales import ENGLISH, phrases


def command_text(key: str) -> locale_str:
    """Return the sentence `command.{key}` of the catalogues."""
    key = f"command.{key}"
    return locale_str(phrases(ENGLISH)(key), key=key)
