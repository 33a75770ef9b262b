"""Mistakes that training makes on purpose, for the model to go on from them as if there were none.

What people write has words in it that nobody taught it, and what it plays itself has wrong tokens,
and now and then a voice that stopped.
"""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt

from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, SILENCE, successors

_MISHEARD = 0.012
"""Share of tokens that are heard wrong, in half of the examples."""
_HUSHED = 0.25
"""Share of examples in which voices are not heard for a while."""
_ALL_HUSHED = 0.5
"""How often that is all of them; else every voice is or is not, by a coin."""
_WHILE = (8, 250)
"""Frames of it, any length as likely as twice it."""
_BEFORE = 16
"""Frames that are heard as they are: in the first ones a caption is decided upon."""
_STRANGE = 0.08
"""How often words that mean nothing are put into a caption: people use words never seen."""

Ints = npt.NDArray[np.int64]


def misheard(chance: np.random.Generator, heard: Ints) -> None:
    """Replace, in half of the examples, a few tokens by those of a frame nearby, or by any."""
    count, _, frames = heard.shape
    wrong = chance.random(heard.shape) < _MISHEARD
    wrong &= (chance.random(count) < 0.5)[:, None, None]
    row, book, frame = np.nonzero(wrong)
    near = np.clip(frame + chance.integers(-4, 5, len(frame)), 0, frames - 1)
    other = np.where(chance.random(len(row)) < 0.5, row, chance.integers(0, count, len(row)))
    heard[row, book, frame] = heard[other, book, near]


def hush(chance: np.random.Generator, heard: Ints) -> npt.NDArray[np.bool_]:
    """Silence, in some examples, voices for a while; [B, K, F]: what is not heard.

    The conductor goes on, and what is to be learned stays: voices that fell silent come in again.
    """
    count, _, frames = heard.shape
    hushed = np.zeros(heard.shape, dtype=np.bool_)
    if frames <= _BEFORE:
        return hushed
    for row in np.flatnonzero(chance.random(count) < _HUSHED):
        length = round(np.exp(chance.uniform(*np.log(_WHILE))))
        first = int(chance.integers(_BEFORE, frames))
        voices = chance.random(CODEBOOKS) < 0.5
        if chance.random() < _ALL_HUSHED:
            voices[:] = True
        voices[CONDUCTOR] = False
        hushed[row, voices, first : first + length] = True
    heard[hushed] = SILENCE
    return hushed


def unfounded(codes: Ints, hushed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """[B, K, F] -> [B, K, F]: tokens in which a note goes on that was hushed the frame before.

    Nobody who did not hear it can go on with it.
    """
    missed = np.zeros_like(hushed)
    missed[:, :, 1:] = hushed[:, :, :-1]
    for k in range(CONDUCTOR + 1, CODEBOOKS):
        held = successors(k)[codes[:, k, :-1]]
        missed[:, k, 1:] &= (codes[:, k, 1:] == held) & (held != SILENCE)
    return missed


def strange(rng: Random, text: str) -> str:
    """Now and then, put a word or two without meaning somewhere between the words."""
    if rng.random() >= _STRANGE:
        return text
    words = text.split(" ")
    for _ in range(rng.randint(1, 2)):
        syllables = (rng.choice("bcdfghjklmnprstvwyz") + rng.choice("aeiou") for _ in range(9))
        word = "".join(list(syllables)[: rng.randint(2, 4)]) + rng.choice(("", "n", "r", "s", "t"))
        words.insert(rng.randint(0, len(words)), word)
    return " ".join(words)
