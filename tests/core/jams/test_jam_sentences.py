"""Every sentence that a jam says exists, in every language, with the values that it is given."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import musicgen_core
from bot.locales import LOCALES, phrases
from bot.refusal import sentence
from musicgen_core.errors import JamRefusal

TABLES = {"JamRefusal": "refusal", "announce": "news"}


def said() -> set[tuple[str, frozenset[str]]]:
    """Return each key of a sentence, with the names of its values."""
    found = set()
    for path in Path(musicgen_core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            keys = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
            for key in keys if name in TABLES else ():
                if isinstance(key.value, str):
                    values = frozenset(word.arg for word in node.keywords if word.arg)
                    found.add((f"jam.{TABLES[name]}.{key.value}", values))
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_of_a_jam_is_in_the_catalogue_with_its_values(locale: str) -> None:
    sentences = phrases(locale).sentences
    for key, values in said():
        assert {name for _, name, _, _ in string.Formatter().parse(sentences[key]) if name} == {
            *values
        }, key


def test_the_catalogue_has_no_sentence_that_no_jam_says() -> None:
    tables = tuple(f"jam.{table}." for table in TABLES.values())
    known = {key for key in phrases("en-US").sentences if key.startswith(tables)}
    assert known - {key for key, _ in said()} == set()


def test_a_refusal_is_said_in_the_persons_language() -> None:
    refusal = JamRefusal("not_your_turn", who=7)
    assert sentence(refusal, phrases("en-US")) == "It is the turn of <@7>."
    assert sentence(refusal, phrases("zh-CN")) == "现在轮到 <@7>。"
