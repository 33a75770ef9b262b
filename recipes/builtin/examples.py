"""What training reads: windows of composed pieces with a caption each, numbered for ever."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from recipes.builtin.attributes import Attributes
from recipes.builtin.captions.captioning import Caption, caption
from recipes.builtin.captions.saying import MISSABLE, Habits
from recipes.builtin.composer.composing import Piece, compose
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS, SECONDS
from recipes.builtin.composer.kits import PERCUSSION_LINES

_DESCRIBED = 500
"""Frames that a caption is true of, at least: in a third of a second no instrument is heard twice,
and a caption of so little would name almost none."""
_DRUMLESS, _LACKING, _RATTLING, _MIXED = 0.06, 0.06, 0.08, 0.25
"""Shares of examples with what chance brings too seldom to be learned: no drums, not one
instrument, some percussion, instruments whatever the genre."""
_PERCUSSION = (*PERCUSSION_LINES, "percussion")
_PLAYERS = ((*BASSES,), (*CHORDS, "guitar", "synth"), (*LEADS,), (*SECONDS,))
_TELLING = Habits(no_drums=1.0, absent=0.9, instruments=(0.05, 0.3, 0.35, 0.2, 0.1))
"""How captions are that say what is missing."""
_CARRIED = Habits(
    genre=0.4, era=0.2, bpm=1.0, tempo=0.0, key=1.0, mood=0.2, kit=0.1, absent=0.1, density=0.1,
    feel=0.1, seconds=0.0, instruments=(0.5, 0.25, 0.15, 0.07, 0.03),
)  # fmt: skip
"""What is said where somebody else's clip goes on: the tempo and the key that are heard in it, as
bot and library say them; else little."""
_MINOR = 0.5


@dataclass(frozen=True)
class Example:
    """A piece's window, one true caption of it, and its tokens."""

    piece: Piece
    caption: Caption
    codes: npt.NDArray[np.uint16]
    """[9, frames]."""


def example(number: int, frames: int, *, carried: bool = False) -> Example:
    """The example of a number; the same anywhere, at any time, in any order.

    One by which somebody else's clip is `carried` on begins a bar, and its caption says how.
    """
    seed = f"train {number}"
    if carried:  # with any wish at all, pieces begin at their beginning
        minor = Random(f"mode {seed}").random() < _MINOR  # noqa: S311 - likewise
        piece = compose(seed, max(frames, _DESCRIBED), Attributes(minor=minor))
        told = caption(seed, piece.attributes, _CARRIED)
    else:
        wish = _wish(Random(f"wish {seed}"))  # noqa: S311 - training data, not secrets
        piece = compose(seed, max(frames, _DESCRIBED), wish)
        told = caption(seed, piece.attributes, _habits(wish))
    return Example(piece, told, piece.codes[:, :frames].astype(np.uint16))


def _habits(wish: Attributes | None) -> Habits | None:
    if wish is None:
        return None
    return _TELLING if wish.absent else Habits(wanted=wish.present)


def _wish(rng: Random) -> Attributes | None:
    chance = rng.random()
    if chance < _DRUMLESS:
        return Attributes(absent=("drums",))
    if chance < _DRUMLESS + _LACKING:
        return Attributes(absent=(rng.choice(MISSABLE),))
    if chance < _DRUMLESS + _LACKING + _RATTLING:
        return Attributes(present=(rng.choice(_PERCUSSION),))
    if chance < _DRUMLESS + _LACKING + _RATTLING + _MIXED:
        wanted = rng.sample(_PLAYERS, rng.choice((1, 1, 2)))
        return Attributes(present=tuple(rng.choice(names) for names in wanted))
    return None
