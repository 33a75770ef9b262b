"""Composed pieces: on the grid, in their key, playable, and what their attributes say."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from recipes.builtin.adherence import Hearing, hear, misses
from recipes.builtin.attributes import TEMPO_WORDS, Attributes, unmet
from recipes.builtin.composer.composing import Piece, compose
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.instruments import BEATS, INSTRUMENTS
from recipes.builtin.composer.theory import MODES
from recipes.builtin.prompts import REFERENCE
from recipes.builtin.variety import likeness, melody_of
from recipes.builtin.voices import PATCH, notes_of, tokens_of

FRAMES = 750
ROOT = Path(__file__).resolve().parents[2]
FINGERPRINT = """
import hashlib
from recipes.builtin.examples import example
digest = hashlib.sha256()
for number in range(12):
    one = example(number, 500)
    digest.update(one.codes.astype("<u2").tobytes() + one.caption.text.encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return [compose(f"test {number}", FRAMES) for number in range(100)]


@pytest.fixture(scope="module")
def hearings(pieces: list[Piece]) -> list[Hearing]:
    return [hear(piece.codes) for piece in pieces]


def of_genre(genre: str, seed: int) -> Piece:
    return compose(seed, FRAMES, Attributes(genre=genre))


def test_there_are_many_genres() -> None:
    assert len(GENRES) >= 16


def test_a_seed_gives_the_same_pieces_and_captions_in_every_process() -> None:
    prints = {
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(prints) == 1
    assert len(prints.pop().strip()) == 64


def test_every_onset_is_on_the_sixteenths_of_its_meter(pieces: list[Piece]) -> None:
    for piece in pieces:
        grid = {(piece.downbeat + step) % piece.meter.beat for step in piece.meter.steps}
        assert {n.start % piece.meter.beat for n in piece.notes if n.start >= 0} <= grid


def test_sixteenths_are_rounded_quarters_of_a_beat() -> None:
    straight = [p for p in map(of_genre, ["rock"] * 5, range(5)) if p.meter.feel == "straight"]
    assert straight
    for piece in straight:
        assert piece.meter.steps == tuple(round(i * piece.meter.beat / 4) for i in range(4))


def test_the_notes_come_back_out_of_the_tokens(pieces: list[Piece]) -> None:
    for piece in pieces:
        assert {(n.patch, n.start) for n in piece.notes if n.start > 0} == {
            (n.patch, n.start) for n in notes_of(piece.codes) if n.start > 0
        }


def test_no_voice_plays_two_notes_at_once(pieces: list[Piece]) -> None:
    for piece in pieces:
        for voice in range(1, 9):
            line = [n for n in piece.notes if PATCH[n.patch].codebook == voice]
            assert all(a.start + a.frames <= b.start for a, b in pairwise(line))


def test_nearly_all_sounding_time_is_in_key() -> None:
    for genre in ("pop", "house", "folk", "reggae", "ambient", "metal"):
        for seed in range(4):
            piece = of_genre(genre, seed)
            scale = {(piece.key.tonic + step) % 12 for step in MODES[piece.key.mode]}
            pitched = [n for n in piece.notes if PATCH[n.patch].codebook > 2]
            inside = sum(n.frames for n in pitched if n.pitch % 12 in scale)
            assert inside >= 0.9 * sum(n.frames for n in pitched), (genre, seed)


def test_the_ears_hear_the_tempo_and_mostly_the_key(
    pieces: list[Piece], hearings: list[Hearing]
) -> None:
    pairs = zip(pieces, hearings, strict=True)
    heard = [(p, h.attributes) for p, h in pairs if min(n.start for n in p.notes) >= 0]
    tempo = [abs((found.bpm or 0) / (p.attributes.bpm or 1) - 1) < 0.03 for p, found in heard]
    key = [(found.tonic, found.minor) == (p.key.tonic, p.key.minor) for p, found in heard]
    assert np.mean(tempo) >= 0.96
    assert np.mean(key) >= 0.88


def test_the_ears_confirm_players_and_absences(
    pieces: list[Piece], hearings: list[Hearing]
) -> None:
    for piece, hearing in zip(pieces, hearings, strict=True):
        claims = replace(piece.attributes, bpm=None, tempo=None, tonic=None, minor=None)
        claims = replace(claims, kit=None, density=None, feel=None)
        wrong = misses(claims, hearing)
        assert len(wrong) <= 1, wrong


def test_pieces_never_stutter_and_never_fall_silent(hearings: list[Hearing]) -> None:
    for heard in hearings:
        assert heard.broken == 0.0
        assert heard.on_grid >= 0.98
        assert heard.longest_silence <= 1.5


@pytest.mark.parametrize("genre", sorted(GENRES))
def test_a_genre_asked_for_keeps_its_tempo_range_mostly(genre: str) -> None:
    low, high = GENRES[genre].bpm
    tempos = [of_genre(genre, seed).attributes.bpm or 0 for seed in range(12)]
    assert sum(low * 0.97 <= tempo <= high * 1.03 for tempo in tempos) >= 7


def test_no_drums_means_none_and_drums_means_some() -> None:
    for seed in range(10):
        silent = compose(seed, FRAMES, Attributes(genre="rock", absent=("drums",)))
        assert not BEATS & {n.patch for n in silent.notes}
        beating = compose(seed, FRAMES, Attributes(genre="ambient", present=("drums",)))
        assert BEATS & {n.patch for n in beating.notes}


@pytest.mark.parametrize("name", sorted(set(INSTRUMENTS) - {"percussion", "brushes"}))
def test_any_instrument_can_be_asked_for_in_any_genre(name: str) -> None:
    for seed, genre in enumerate(("pop", "metal", "jazz", "techno")):
        piece = compose(seed, FRAMES, Attributes(genre=genre, present=(name,)))
        assert name in piece.attributes.present, genre


@pytest.mark.parametrize(("prompt", "wish"), REFERENCE)
def test_the_reference_prompts_can_be_composed(prompt: str, wish: Attributes) -> None:
    for seed in range(3):
        assert unmet(wish, compose(seed, FRAMES, wish).attributes) == (), prompt


def test_a_number_of_bpm_is_kept_to_within_a_frame() -> None:
    for bpm in (60, 77, 93, 100, 120, 128, 140, 174):
        piece = compose(bpm, FRAMES, Attributes(bpm=bpm))
        assert piece.meter.beat == round(3000 / bpm)
        assert abs((piece.attributes.bpm or 0) / bpm - 1) < 0.03


@pytest.mark.parametrize("word", TEMPO_WORDS)
def test_a_tempo_word_is_kept_even_where_the_genre_never_goes(word: str) -> None:
    low, high = TEMPO_WORDS[word]
    for genre in ("ambient", "drum and bass", "house", "pop"):
        piece = compose(1, FRAMES, Attributes(genre=genre, tempo=word))
        assert low <= (piece.attributes.bpm or 0) <= high


def test_an_ending_is_a_chord_that_rings_out_before_the_window_does() -> None:
    for seed in range(8):
        piece = compose(seed, 1000, Attributes(genre="ballad", seconds=16.0))
        last = max(n.start for n in piece.notes)
        final = [n for n in piece.notes if n.start == last]
        assert len({PATCH[n.patch].codebook for n in final}) >= 3
        assert all(n.start + n.frames <= 1000 for n in piece.notes)
        assert piece.key.tonic in {n.pitch % 12 for n in final}


def test_some_windows_begin_in_the_middle_of_a_note(pieces: list[Piece]) -> None:
    inside = [p for p in pieces if any(n.start < 0 for n in p.notes)]
    assert 0.1 <= len(inside) / len(pieces) <= 0.4
    assert all((p.codes[1:, 0] > 0).any() for p in inside)


@pytest.mark.parametrize("fault", ["stutter", "hole", "off the grid", "a drum"])
def test_the_ears_notice_faults_that_are_put_in(fault: str) -> None:
    piece = compose(3, FRAMES, Attributes(genre="folk", absent=("drums",), bpm=100))
    codes = piece.codes.copy()
    assert misses(Attributes(bpm=100, absent=("drums",)), hear(codes)) == ()
    if fault == "stutter":
        codes[:, 200:400:7] = codes[:, 201:401:7]
        assert hear(codes).broken > 0.01
    elif fault == "hole":
        codes[:, 300:400] = 0
        assert hear(codes).longest_silence >= 2.0
    elif fault == "off the grid":
        notes = [replace(n, start=n.start + i % 3) for i, n in enumerate(piece.notes)]
        assert hear(tokens_of(notes, FRAMES)).on_grid < 0.9
    else:
        codes[1, 100] = 1
        assert misses(Attributes(absent=("drums",)), hear(codes)) == ("absent:drums",)


def test_seeds_of_one_wish_have_different_melodies() -> None:
    wish = Attributes(genre="blues", lead="saxophone", bpm=80, tonic=9, minor=False)
    tunes = [melody_of(compose(seed, FRAMES, wish).codes) for seed in range(20)]
    assert min(map(len, tunes)) >= 10
    assert max(likeness(a, b) for i, a in enumerate(tunes) for b in tunes[:i]) <= 0.6
    assert likeness(tunes[0], tunes[0]) == 1.0


def test_the_ears_make_do_with_silence_and_with_noise() -> None:
    silence = hear(np.zeros((9, 100), dtype=np.int64))
    assert (silence.notes, silence.attributes.bpm, silence.longest_silence) == (0, None, 2.0)
    noise = hear(np.random.default_rng(1).integers(0, 2048, (9, 300)))
    assert noise.broken > 0.8
    assert noise.on_grid < 0.7


def test_fills_change_the_drums_at_phrase_ends() -> None:
    piece = compose(1, 1500, Attributes(genre="rock", bpm=120, kit="rock"))
    bars = [
        frozenset(
            (n.patch, n.start % piece.meter.bar)
            for n in piece.notes
            if PATCH[n.patch].codebook == 1 and n.start // piece.meter.bar == bar
        )
        for bar in range(1500 // piece.meter.bar)
    ]
    assert 2 <= len(set(bars)) < len(bars)
