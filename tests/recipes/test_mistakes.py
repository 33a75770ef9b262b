"""What training gets wrong on purpose."""

from random import Random

import numpy as np

from recipes.builtin.examples import example
from recipes.builtin.mistakes import hush, misheard, strange, unfounded
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, PATCH, SILENCE, Note, successors, tokens_of

CODES = np.stack([example(number, 200).codes for number in range(40)]).astype(np.int64)


def test_few_tokens_are_misheard_and_each_is_one_that_is_played() -> None:
    heard = CODES.copy()
    misheard(np.random.default_rng(1), heard)
    wrong = (heard != CODES).mean(axis=(1, 2))
    assert 0.2 < (wrong == 0).mean() < 0.8
    assert 0 < wrong.max() < 0.05
    for k in range(CODEBOOKS):
        assert set(heard[:, k].ravel()) <= set(CODES[:, k].ravel()), "a token nobody plays"


def test_voices_that_are_hushed_are_silent_for_a_while_and_the_conductor_never() -> None:
    heard = CODES.copy()
    hushed = hush(np.random.default_rng(1), heard)
    rows = hushed.any(axis=(1, 2))
    assert 0.1 < rows.mean() < 0.5
    assert (heard[hushed] == SILENCE).all()
    assert np.array_equal(heard[~hushed], CODES[~hushed])
    assert not hushed[:, CONDUCTOR].any()
    every = hushed[rows][:, CONDUCTOR + 1 :].any(axis=2).all(axis=1)
    assert 0 < every.sum() < len(every), "all voices together, or some of them"


def test_the_first_frames_are_heard_as_they_are() -> None:
    hushed = np.stack([hush(np.random.default_rng(seed), CODES.copy()) for seed in range(20)])
    assert not hushed[..., :16].any()
    assert hushed[..., 16:40].any()
    assert not hush(np.random.default_rng(1), CODES[..., :16].copy()).any()


def test_a_note_that_was_not_heard_is_not_gone_on_with_but_the_next_one_begins() -> None:
    bass = PATCH["bass_finger"]
    notes = [Note(bass.name, bass.lowest, 10, 10), Note(bass.name, bass.lowest + 2, 24, 4)]
    codes = tokens_of(notes, 40)[None]
    hushed = np.zeros(codes.shape, dtype=np.bool_)
    hushed[0, bass.codebook, 12:26] = True
    found = np.flatnonzero(unfounded(codes, hushed)[0, bass.codebook])
    assert found.tolist() == [*range(13, 20), 25, 26]
    others = np.delete(unfounded(codes, hushed)[0], bass.codebook, axis=0)
    assert not others.any()
    assert successors(bass.codebook)[codes[0, bass.codebook, 26]] == codes[0, bass.codebook, 27]


def test_strange_words_leave_the_others_in_place() -> None:
    rng, text = Random(1), "slow jazz with piano"
    made = [strange(rng, text) for _ in range(300)]
    changed = [words for words in made if words != text]
    assert 5 < len(changed) < 60
    for words in changed:
        kept = iter(words.split())
        assert all(word in kept for word in text.split())
