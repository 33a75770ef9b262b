"""What training reads: windows of composed pieces with a caption each, numbered for ever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipes.builtin.captions.captioning import Caption, caption
from recipes.builtin.composer.composing import Piece, compose


@dataclass(frozen=True)
class Example:
    """A piece's window, one true caption of it, and its tokens."""

    piece: Piece
    caption: Caption
    codes: npt.NDArray[np.uint16]
    """[9, frames]."""


def example(number: int, frames: int, split: str = "train") -> Example:
    """The example of a number in a split; the same anywhere, at any time, in any order."""
    seed = f"{split} {number}"
    piece = compose(seed, frames)
    return Example(piece, caption(seed, piece.attributes), piece.codes.astype(np.uint16))
