"""Captions: true, varied, in two languages, and apart from the held-out ones."""

from __future__ import annotations

import re

import pytest

from recipes.builtin.attributes import unmet
from recipes.builtin.captions import chinese_words, english_words
from recipes.builtin.captions.captioning import Caption, caption, is_held_out, mistyped
from recipes.builtin.composer.composing import Piece, compose
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.instruments import INSTRUMENTS
from recipes.builtin.composer.kits import KITS
from recipes.builtin.composer.moods import MOODS
from recipes.builtin.examples import example
from recipes.builtin.prompts import contrasting_pairs, held_out_prompts


@pytest.fixture(scope="module")
def told() -> list[tuple[Piece, Caption]]:
    pieces = [compose(f"test {number}", 600) for number in range(120)]
    return [(p, caption(f"{i} {j}", p.attributes)) for i, p in enumerate(pieces) for j in range(4)]


def test_a_caption_says_only_what_is_true(told: list[tuple[Piece, Caption]]) -> None:
    for piece, words in told:
        assert unmet(words.said, piece.attributes) == (), words


def test_the_text_holds_every_word_of_what_it_says(told: list[tuple[Piece, Caption]]) -> None:
    for _, words in told:
        tables = english_words if words.language == "en" else chinese_words
        said = words.said
        named = [tables.INSTRUMENTS[name] for name in said.present]
        named += [tables.GENRES[said.genre]] if said.genre else []
        named += [tables.KITS[said.kit]] if said.kit else []
        missing = [row for row in named if not any(w.lower() in words.text.lower() for w in row)]
        assert len(missing) <= 1, words  # a slip of the finger may hide one


def test_numbers_in_a_caption_are_tempo_length_or_part_of_a_name(
    told: list[tuple[Piece, Caption]],
) -> None:
    with_tempo = [words for _, words in told if words.said.bpm]
    assert len(with_tempo) > 40
    for words in with_tempo:
        assert str(round(words.said.bpm or 0)) in re.findall(r"\d+", words.text)


def test_half_of_the_captions_leave_the_key_and_the_tempo_open(
    told: list[tuple[Piece, Caption]],
) -> None:
    silent = [w for _, w in told if w.said.tonic is None and w.said.bpm is None]
    assert 0.35 <= len(silent) / len(told) <= 0.75


def test_wordings_hardly_repeat(told: list[tuple[Piece, Caption]]) -> None:
    texts = [words.text for _, words in told]
    assert len(set(texts)) >= 0.9 * len(texts)
    chinese = sum(words.language == "zh" for _, words in told)
    assert 0.15 <= chinese / len(told) <= 0.35


@pytest.mark.parametrize("words", [english_words, chinese_words])
def test_both_languages_have_words_for_everything(words: object) -> None:
    for table, names in (
        ("GENRES", GENRES),
        ("INSTRUMENTS", INSTRUMENTS),
        ("MOODS", MOODS),
        ("KITS", KITS),
    ):
        assert set(getattr(words, table)) == set(names), table


def test_the_words_of_the_reference_prompts_are_taught() -> None:
    assert "bassy drums" in english_words.KITS["80s"]
    assert "heavy drums" in english_words.KITS["rock"]
    assert "loud guitars" in english_words.INSTRUMENTS["distorted guitar"]
    assert "groovy" in english_words.PLAYING["saxophone"]


def test_held_out_prompts_are_200_different_texts_that_training_skips() -> None:
    prompts = held_out_prompts(200)
    assert len({p.text.lower() for p in prompts}) == 200
    assert all(is_held_out(p.text) for p in prompts)
    assert prompts[:3] == held_out_prompts(3)
    assert not any(is_held_out(example(n, 300).caption.text) for n in range(40))


def test_a_pair_differs_in_one_attribute() -> None:
    for pair in contrasting_pairs(10):
        assert pair.one.text != pair.other.text
        assert pair.one.said.genre == pair.other.said.genre


def test_a_slip_changes_a_text_but_not_its_numbers() -> None:
    from random import Random

    text = "groovy saxophone at 120 bpm"
    slips = {mistyped(Random(seed), text) for seed in range(30)}
    assert len(slips - {text}) > 10
    assert all("120 bpm" in slip for slip in slips)


def test_an_example_is_the_same_whenever_it_is_asked_for() -> None:
    first, again = example(7, 400), example(7, 400)
    assert first.caption == again.caption
    assert (first.codes == again.codes).all()
    assert first.codes.shape == (9, 400)
