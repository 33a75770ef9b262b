"""A person's words in the bot's mouth: escaped, short, harmless."""

from __future__ import annotations

import unicodedata

from discord.utils import escape_markdown, escape_mentions

QUOTE_LENGTH = 200


def quote(text: str, length: int = QUOTE_LENGTH) -> str:
    """Return `text` on one line, cut to `length` characters, with nothing Discord would act on."""
    return "“" + escaped(text, length) + "”"


def escaped(text: str, length: int = QUOTE_LENGTH) -> str:
    """Return the same without quotation marks, for where it is one word of a list."""
    plain = escape_mentions(escape_markdown(one_line(text, length), ignore_links=False))
    # What is left in angle brackets would become a timestamp, an emoji or a channel.
    return plain.replace("<", "\\<")


def one_line(text: str, length: int = QUOTE_LENGTH) -> str:
    """Return `text` on one line, cut to `length` characters, for where nothing is formatted."""
    line = " ".join(_printable(text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _printable(text: str) -> str:
    """Drop control and direction-changing characters, which could make a line lie."""
    return "".join(
        c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}
    )
