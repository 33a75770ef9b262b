from random import Random

import numpy as np
import pytest
from tokenizers import Tokenizer

from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from recipes.builtin.attributes import Attributes
from recipes.builtin.batches import (
    KINDS,
    TEXT_LENGTH,
    Others,
    batch,
    begins_a_bar,
    events_of,
)
from recipes.builtin.examples import example
from recipes.builtin.labels import label_numbers, labels_of
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, PATCH, SILENCE, Note, tokens_of


@pytest.fixture(scope="module")
def reader() -> Tokenizer:
    return Tokenizer.from_file(str(BUILTIN_FOLDER / "tokenizer.json"))


def test_a_step_has_the_same_batch_whenever_it_is_made(reader) -> None:
    one, again = batch(7, reader, None), batch(7, reader, None)
    assert one.codes.shape == (KINDS[7].examples, CODEBOOKS, KINDS[7].frames)
    for name in ("codes", "heard", "given", "begins", "ids", "labels", "events"):
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


CLIPS = np.stack([np.full((CODEBOOKS, 500), value) for value in (1998, 1999)])
"""What others played; tokens that nobody of ours plays so long."""


def overheard(rng: Random, codes: np.ndarray) -> np.ndarray:
    return np.full_like(codes, 1997)


OTHERS = Others(overheard, CLIPS)


@pytest.mark.parametrize("step", [2, 3, 7])
def test_what_carries_somebody_elses_clip_on_begins_a_bar_behind_it(reader, step: int) -> None:
    made, kind = batch(step, reader, OTHERS), KINDS[step]
    carried = np.flatnonzero(made.begins)
    assert abs(len(carried) / kind.examples - kind.carried) < 0.35
    for i in carried:
        begin = made.begins[i]
        assert begin in range(*kind.given)
        assert made.given[i] == begin
        assert begins_a_bar(int(made.codes[i, CONDUCTOR, begin]))
        heard, there = made.heard[i], made.heard[i] != SILENCE
        assert np.isin(heard[:, :begin], (1997, 1998, 1999))[there[:, :begin]].mean() > 0.95
        assert (heard == made.codes[i])[:, begin:][there[:, begin:]].mean() > 0.95
        assert made.events[i, begin : begin + 13].all()


def test_captions_of_what_carries_a_clip_on_say_tempo_and_key(reader) -> None:
    made, numbers = batch(2, reader, OTHERS), label_numbers()
    for kind, least in (("beat", 0.9), ("tonic", 1.0), ("minor", 1.0)):
        columns = [at for name, at in numbers.items() if name.startswith(f"{kind} ")]
        said = made.labels[:, columns].any(axis=1)
        assert said.mean() >= least, kind


def test_others_play_our_own_music_too(reader) -> None:
    made = batch(7, reader, OTHERS)
    own = [made.heard[i, 0, 20] == 1997 for i in np.flatnonzero(made.begins)]
    more = [batch(step, reader, OTHERS) for step in (15, 23, 31, 39)]
    own += [b.heard[i, 0, 20] == 1997 for b in more for i in np.flatnonzero(b.begins)]
    assert 0 < sum(own) < len(own)


def test_labels_say_what_is_said_and_nothing_else() -> None:
    numbers = label_numbers()
    said = Attributes(genre="jazz", tonic=9, minor=True, bpm=100.0, absent=("drums",))
    told = {name for name, at in numbers.items() if labels_of(said)[at]}
    assert told == {"genre jazz", "tonic 9", "minor True", "beat 30", "absent drums"}
