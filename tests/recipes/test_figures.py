"""The measurements tell clips that do what they are asked from clips that do not."""

from collections.abc import Sequence

import numpy as np
import pytest

from recipes.builtin import figures
from recipes.builtin.adherence import hear
from recipes.builtin.captions.captioning import Caption
from recipes.builtin.card import percent
from recipes.builtin.conductor import END
from recipes.builtin.prompts import held_out_piece, held_out_prompts
from recipes.builtin.voices import CONDUCTOR, Codes

PROMPTS = held_out_prompts(20)
FRAMES = 1000


def _pieces() -> dict[str, Codes]:
    """What was composed before each prompt was written of it."""
    known: dict[str, Codes] = {}
    number = 0
    for prompt in PROMPTS:
        while (piece := _piece_of(prompt, number)) is None:
            number += 1
        known[prompt.text] = piece
        number += 1
    return known


def _piece_of(prompt: Caption, number: int) -> Codes | None:
    piece, told = held_out_piece(1, number)
    return piece.codes if told.text == prompt.text else None


@pytest.fixture(scope="module")
def pieces() -> dict[str, Codes]:
    return _pieces()


@pytest.fixture(scope="module")
def true(pieces) -> figures.Generate:
    def generate(texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        return [pieces[str(text)] for text in texts]

    return generate


def test_pieces_that_prompts_were_written_of_meet_them(true, pieces) -> None:
    found = figures.listen(PROMPTS, (1, 2), FRAMES, true)
    told = figures.adherence(found)
    assert told["instruments"]["median"] == 1
    assert told["key"]["median"] >= 0.9
    assert told["bpm"]["median"] >= 0.9
    assert told["bpm"]["asked"] == sum(p.said.bpm is not None for p in PROMPTS)
    assert len(figures.failures(found)) <= 2
    beat = figures.rhythm(found)
    assert beat["on grid"] > 0.99
    assert beat["broken notes"] == 0
    endings = sum(hear(piece).tail > 1.5 for piece in pieces.values())
    assert beat["clips with a silence"] == 2 * endings < len(PROMPTS)


def test_other_pieces_do_not(pieces) -> None:
    others = dict(
        zip(pieces, [*list(pieces.values())[1:], next(iter(pieces.values()))], strict=True)
    )
    found = figures.listen(PROMPTS, (1,), FRAMES, lambda texts, *_: [others[str(t)] for t in texts])
    told = figures.adherence(found)
    assert told["bpm"]["median"] < 0.5
    assert told["key"]["median"] < 0.5
    assert told["instruments"]["median"] < 0.9
    assert len(figures.failures(found)) > 10


def test_faults_in_rhythm_are_counted(pieces) -> None:
    rng = np.random.default_rng(1)

    def damaged(texts: Sequence[str | None], *_: int) -> list[Codes]:
        made = []
        for text in texts:
            codes = pieces[str(text)].copy()
            codes[:, 300:400] = 0
            for at in rng.integers(0, 1000, 40):
                codes[:, at] = codes[:, at - 1]
            made.append(codes)
        return made

    beat = figures.rhythm(figures.listen(PROMPTS, (1,), FRAMES, damaged))
    assert beat["broken notes"] > 0.05
    assert beat["on grid"] < 0.98
    assert beat["clips with a silence"] > beat["clips"] * 0.8


def test_the_same_piece_again_is_no_variety(pieces) -> None:
    texts = list(pieces)
    same = figures.variety(texts[0], 4, FRAMES, lambda *_: [pieces[texts[0]]] * 4)
    assert same["most alike"] == 1
    different = figures.variety(texts[0], 4, FRAMES, lambda *_: [pieces[t] for t in texts[:4]])
    assert different["median"] < 0.6


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100 %"), (0.999, "99.9 %"), (0.914, "91 %"), (0.004, "0.4 %")]
)
def test_shares_are_never_rounded_to_perfection(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_piece_that_ends_before_its_clip_is_told_from_one_that_falls_silent(pieces) -> None:
    ended = next(iter(pieces.values())).copy()
    ended[:, 900:], ended[CONDUCTOR, 900:] = 0, END
    silent = ended.copy()
    silent[:, 300:400] = 0
    stopped = ended.copy()
    stopped[CONDUCTOR, 900:] = 0
    for made, ends in ((ended, 1), (silent, 0), (stopped, 0)):
        beat = figures.rhythm(
            figures.listen(PROMPTS[:1], (1,), FRAMES, lambda *_, made=made: [made])
        )
        assert beat["clips with a silence"] == 1
        assert beat["of these, pieces that had ended"] == ends
