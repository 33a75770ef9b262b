"""A person's words in the bot's mouth: escaped, short, harmless, in messages and in file names."""

from __future__ import annotations

import re
import unicodedata

from discord.utils import escape_markdown, escape_mentions

QUOTE_LENGTH = 200
NAME_LENGTH = 40


def quote(text: str, length: int = QUOTE_LENGTH) -> str:
    """Return `text` on one line, cut to `length` characters, with nothing Discord would act on."""
    line = " ".join(_printable(text).split())
    if len(line) > length:
        line = line[: length - 1].rstrip() + "…"
    escaped = escape_mentions(escape_markdown(line, ignore_links=False))
    # What is left in angle brackets would become a timestamp, an emoji or a channel.
    return "“" + escaped.replace("<", "\\<") + "”"


def clip_name(prompt: str | None, seed: int, suffix: str) -> str:
    """Return a safe ASCII file name, e.g. `lo-fi-piano-42.wav`; `mindjam` where nothing is left."""
    plain = unicodedata.normalize("NFKD", prompt or "").encode("ascii", "ignore").decode("ascii")
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = "-".join(words)[:NAME_LENGTH].strip("-")
    return f"{slug or 'mindjam'}-{seed}.{suffix.lower()}"


def _printable(text: str) -> str:
    """Drop control and direction-changing characters, which could make a line lie."""
    return "".join(
        c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}
    )
