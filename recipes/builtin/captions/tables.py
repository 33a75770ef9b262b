"""Tables of words, written as lines of `name: word, word`."""

from __future__ import annotations

Words = dict[str, tuple[str, ...]]


def rows(text: str) -> Words:
    """Read such lines; a word given twice is twice as likely, the first is the plain one."""
    table = {}
    for line in text.strip().splitlines():
        name, words = line.split(":", 1)
        table[name.strip()] = tuple(word.strip() for word in words.split(","))
    return table
