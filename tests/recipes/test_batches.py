from random import Random

import numpy as np
import pytest
from tokenizers import Tokenizer

from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from recipes.builtin.attributes import Attributes
from recipes.builtin.batches import LENGTHS, TEXT_LENGTH, batch, events_of, strange
from recipes.builtin.examples import example
from recipes.builtin.labels import label_numbers, labels_of
from recipes.builtin.voices import CODEBOOKS, PATCH, Note, tokens_of


@pytest.fixture(scope="module")
def reader() -> Tokenizer:
    return Tokenizer.from_file(str(BUILTIN_FOLDER / "tokenizer.json"))


def test_a_step_has_the_same_batch_whenever_it_is_made(reader) -> None:
    one, again = batch(3, reader, None), batch(3, reader, None)
    frames, count = LENGTHS[3]
    assert one.codes.shape == (count, CODEBOOKS, frames)
    for name in ("codes", "heard", "given", "ids", "labels", "events"):
        assert np.array_equal(getattr(one, name), getattr(again, name)), name
    assert not np.array_equal(one.codes, batch(7, reader, None).codes)


def test_a_batch_holds_the_examples_of_its_numbers(reader) -> None:
    made = batch(3, reader, None)
    known = example(3 * 64 + 2, LENGTHS[3][0])
    assert np.array_equal(made.codes[2], known.codes)
    assert np.array_equal(made.labels[2], labels_of(known.caption.said))
    assert made.ids.shape == (LENGTHS[3][1], TEXT_LENGTH)
    assert all(1 in row for row in made.ids), "a caption is longer than the model is shown"


def test_frames_in_which_something_begins_or_breaks_off_are_events() -> None:
    bass = PATCH["bass_finger"]
    notes = [Note(bass.name, bass.lowest, 23, 4), Note(bass.name, bass.lowest + 2, 27, 3)]
    events = events_of(tokens_of(notes, 40)[None])[0]
    assert np.flatnonzero(events).tolist() == [*range(13), 23, 27, 30]


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
