"""The language model's and the text encoder's sizes."""

from __future__ import annotations

from dataclasses import dataclass

from recipes.builtin.voices import CODEBOOK_SIZE

START = CODEBOOK_SIZE
"""The token before the first and, in the delay pattern, wherever nothing is yet."""


@dataclass(frozen=True)
class Shape:
    """The decoder's sizes, and T5's."""

    hidden: int = 256
    layers: int = 5
    heads: int = 4
    ffn: int = 480
    text: int = 192
    text_ffn: int = 384
    text_layers: int = 3
    positions: int = 2048
