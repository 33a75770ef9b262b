"""The conductor counts true and says what the piece is."""

import numpy as np
import pytest

from recipes.builtin.attributes import Attributes
from recipes.builtin.composer.composing import Piece, compose
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS
from recipes.builtin.composer.kits import KITS
from recipes.builtin.conductor import (
    COUNTING,
    END,
    MEANINGS,
    PHRASE,
    PLAYERS,
    SIGNS,
    USED,
    Meaning,
    counted,
    token,
)
from recipes.builtin.voices import CODEBOOK_SIZE, CONDUCTOR, notes_of


def said(piece: Piece, name: str) -> list[tuple[int, Meaning]]:
    """(frame, what is said) for one sign."""
    read = ((at, MEANINGS[v - 1]) for at, v in enumerate(piece.codes[CONDUCTOR]) if 0 < v < END)
    return [(at, meaning) for at, meaning in read if meaning.sign.name == name]


def test_every_meaning_has_a_token_of_its_own() -> None:
    assert USED <= CODEBOOK_SIZE
    tokens = [token(m.sign.name, m.first, m.second) for m in MEANINGS]
    assert tokens == list(range(1, END))
    with pytest.raises(KeyError):
        token("place", 24, 0)


@pytest.mark.parametrize("beat", [16, 27, 50])
def test_every_beat_has_room_for_every_sign(beat: int) -> None:
    silent = [phase for phase, value in enumerate(counted(beat)) if value == 0]
    assert silent == [sign.phase for sign in SIGNS]


@pytest.mark.parametrize("seed", range(6))
def test_it_counts_the_beats_of_the_piece(seed: int) -> None:
    piece = compose(f"conducted {seed}", 600)
    counts = said(piece, COUNTING.name)
    assert {meaning.first for _, meaning in counts} == {piece.meter.beat}
    beat, bar = piece.meter.beat, piece.meter.bar
    assert all((at - piece.downbeat) % beat == meaning.second for at, meaning in counts)
    places = said(piece, "place")
    assert all((at - piece.downbeat) % bar // beat == m.second % 4 for at, m in places)
    steps = np.diff([meaning.second for _, meaning in places]) % PHRASE
    assert np.mean(steps == 1) > 0.8, "sections may begin anew"
    key = 2 * piece.key.tonic + piece.key.minor
    assert {meaning.first for _, meaning in places} == {key}


def test_it_says_who_plays() -> None:
    wish = Attributes(genre="rock", kit="rock", lead="saxophone", present=("piano", "slap bass"))
    piece = compose(3, 1000, wish)
    assert {list(LEADS)[m.first - 1] for _, m in said(piece, "melody")} == {"saxophone"}
    assert {(list(KITS)[m.first - 1], list(BASSES)[m.second - 1])
            for _, m in said(piece, "rhythm")} == {("rock", "slap bass")}  # fmt: skip
    harmony = {n for _, m in said(piece, "harmony") for n in (m.first, m.second)}
    assert list(CHORDS).index("piano") + 1 in harmony


def test_who_does_not_play_is_not_said_to() -> None:
    piece = compose(5, 1000, Attributes(genre="pop", absent=("drums",)))
    drums = 1 << PLAYERS.index("drums") | 1 << PLAYERS.index("percussion")
    assert all(not m.first & drums for _, m in said(piece, "playing"))
    assert all(m.first for _, m in said(piece, "playing"))


def test_it_stops_when_the_piece_is_over() -> None:
    piece = compose(2, 900, Attributes(genre="pop", bpm=120, seconds=10))
    row = piece.codes[CONDUCTOR]
    assert row[-1] == END
    last = int(np.flatnonzero(row != END)[-1])
    assert (row[last + 1 :] == END).all()
    assert max(note.start for note in notes_of(piece.codes)) <= last


def test_it_makes_no_sound() -> None:
    piece = compose("silent", 300)
    assert all(note.patch for note in notes_of(piece.codes))
    alone = piece.codes.copy()
    alone[1:] = 0
    assert notes_of(alone) == []
