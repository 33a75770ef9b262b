from random import Random

import numpy as np
import pytest
from tokenizers import Tokenizer

from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from recipes.builtin.attributes import Attributes
from recipes.builtin.batches import (
    KINDS,
    TEXT_LENGTH,
    batch,
    begins_a_bar,
    events_of,
    misheard,
    strange,
)
from recipes.builtin.examples import example
from recipes.builtin.labels import label_numbers, labels_of
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, PATCH, Note, tokens_of


@pytest.fixture(scope="module")
def reader() -> Tokenizer:
    return Tokenizer.from_file(str(BUILTIN_FOLDER / "tokenizer.json"))


def test_a_step_has_the_same_batch_whenever_it_is_made(reader) -> None:
    one, again = batch(7, reader, None), batch(7, reader, None)
    frames, count, _ = KINDS[7]
    assert one.codes.shape == (count, CODEBOOKS, frames)
    for name in ("codes", "heard", "given", "ids", "labels", "events"):
        assert np.array_equal(getattr(one, name), getattr(again, name)), name
    assert not np.array_equal(one.codes, batch(15, reader, None).codes)


def test_a_batch_holds_the_examples_of_its_numbers(reader) -> None:
    made = batch(7, reader, None)
    known = example(7 * 192 + 2, KINDS[7].frames)
    assert np.array_equal(made.codes[2], known.codes)
    assert np.array_equal(made.labels[2], labels_of(known.caption.said))
    assert made.ids.shape == (KINDS[7].examples, TEXT_LENGTH)
    assert all(1 in row for row in made.ids), "a caption is longer than the model is shown"


def test_frames_in_which_something_begins_or_breaks_off_are_events() -> None:
    bass = PATCH["bass_finger"]
    notes = [Note(bass.name, bass.lowest, 23, 4), Note(bass.name, bass.lowest + 2, 27, 3)]
    events = events_of(tokens_of(notes, 40)[None])[0]
    assert np.flatnonzero(events).tolist() == [*range(13), 23, 27, 30]


def test_what_begins_inside_a_bar_is_not_learned_at_first(reader) -> None:
    made = batch(0, reader, None)
    inside = np.array([not begins_a_bar(int(codes[CONDUCTOR, 0])) for codes in made.codes])
    assert 0.05 < inside.mean() < 0.45
    assert (made.given[inside] > 0).all()
    assert not made.given[~inside].any()


def test_few_tokens_are_misheard_and_none_of_what_is_to_be_learned(reader) -> None:
    codes = batch(0, reader, None).codes
    heard = codes.copy()
    misheard(np.random.default_rng(1), heard)
    wrong = (heard != codes).mean(axis=(1, 2))
    assert 0.2 < (wrong == 0).mean() < 0.8
    assert 0 < wrong.max() < 0.05
    for k in range(CODEBOOKS):
        assert set(heard[:, k].ravel()) <= set(codes[:, k].ravel()), "a token nobody plays"


def test_strange_words_leave_the_others_in_place() -> None:
    rng, text = Random(1), "slow jazz with piano"
    made = [strange(rng, text) for _ in range(300)]
    changed = [words for words in made if words != text]
    assert 5 < len(changed) < 60
    for words in changed:
        kept = iter(words.split())
        assert all(word in kept for word in text.split())


def test_labels_say_what_is_said_and_nothing_else() -> None:
    numbers = label_numbers()
    said = Attributes(genre="jazz", tonic=9, minor=True, bpm=100.0, absent=("drums",))
    told = {name for name, at in numbers.items() if labels_of(said)[at]}
    assert told == {"genre jazz", "tonic 9", "minor True", "beat 30", "absent drums"}
