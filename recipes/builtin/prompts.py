"""Prompts that training never sees, with what they ask for: the material of the measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from recipes.builtin.attributes import Attributes
from recipes.builtin.captions import english
from recipes.builtin.captions.captioning import Caption, caption
from recipes.builtin.captions.saying import Habits
from recipes.builtin.composer.composing import Piece, compose

_FRAMES = 1000
_TELLING = Habits(bpm=0.45, key=0.4, family=0.05, no_drums=0.8, absent=0.1)
"""Held-out prompts say more that can be measured than training's do."""

REFERENCE: tuple[tuple[str, Attributes], ...] = (
    (
        "80s pop track with bassy drums and synth",
        Attributes(genre="pop", era="80s", present=("drums", "synth"), kit="80s"),
    ),
    (
        "90s rock song with loud guitars and heavy drums",
        Attributes(genre="rock", era="90s", present=("distorted guitar", "drums"), kit="rock"),
    ),
    (
        "80s blues track with groovy saxophone",
        Attributes(genre="blues", era="80s", present=("saxophone",), lead="saxophone"),
    ),
)
"""The reference material's prompts and what they mean."""


@dataclass(frozen=True)
class Pair:
    """Two prompts that differ in one attribute."""

    field: str
    one: Caption
    other: Caption


def held_out_prompts(count: int = 200, seed: int = 1) -> list[Caption]:
    """Captions of pieces never composed for training, in texts kept from it, no two alike."""
    prompts: dict[str, Caption] = {}
    number = 0
    while len(prompts) < count:
        told = held_out_piece(seed, number)[1]
        prompts.setdefault(told.text.lower(), told)
        number += 1
    return list(prompts.values())


def held_out_piece(seed: int, number: int) -> tuple[Piece, Caption]:
    """A piece and the prompt that was written of it; a prompt never says when the piece ends."""
    name = f"held out {seed} {number}"
    piece = compose(name, _FRAMES)
    truth = replace(piece.attributes, seconds=None)
    return piece, caption(name, truth, _TELLING, held_out=True)


def contrasting_pairs(count: int = 40, seed: int = 1) -> list[Pair]:
    """Pairs of English prompts that differ in tempo, key, drums or lead only, same words else."""
    rng = Random(f"pairs {seed}")  # noqa: S311
    changes: tuple[tuple[str, Attributes, Attributes], ...] = (
        ("bpm", Attributes(bpm=80), Attributes(bpm=120)),
        ("tonic", Attributes(tonic=9, minor=True), Attributes(tonic=2, minor=True)),
        ("minor", Attributes(tonic=0, minor=False), Attributes(tonic=0, minor=True)),
        ("absent", Attributes(present=("drums",)), Attributes(absent=("drums",))),
        ("present", Attributes(present=("piano",)), Attributes(present=("saxophone",))),
    )
    genres = ("pop", "rock", "lo-fi", "jazz", "funk", "ballad", "folk", "soul")
    pairs = []
    for number in range(count):
        field, one, other = changes[number % len(changes)]
        genre, wording = rng.choice(genres), rng.randrange(10**9)
        told = [
            Caption(english.tell(Random(wording), said), "en", said)  # noqa: S311
            for said in (replace(one, genre=genre), replace(other, genre=genre))
        ]
        pairs.append(Pair(field, told[0], told[1]))
    return pairs
