"""What the network knows before it is trained: to count, and to do again what it did before.

A bar repeats an earlier one more often than not. Learning to look back for it takes a transformer
thousands of steps (induction heads, Olsson et al. 2022), so two layers begin with it: the first
lets every column know the ages of the column before, the second looks for columns whose predecessor
had the ages of now, and expects what followed there. Training may change all of it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from recipes.builtin.voices import CODEBOOKS

_CLOCKED = 48
"""Frequencies of the positions whose two dimensions nothing else uses at first."""
_HALF = 128
WHAT = (*range(48, 80), *range(_HALF + 48, _HALF + 80))
"""Dimensions for patches and pitches."""
AGE = tuple(range(80, 128))
"""Dimensions for ages: pairs that turn with time, so that one frame is one rotation."""
PREVIOUS = tuple(range(_HALF + 80, 256))
"""Dimensions for the ages of the column before."""
HIDDEN = 256
_PAIRS = len(AGE) // 2
_SIZE = 4.0
"""Length of a patch's, a pitch's or an age's vector."""
_HEAD = 64


def turns() -> Tensor:
    """[PAIRS]: radians that each pair of age dimensions turns in a frame."""
    shortest, longest = 2 * math.pi / 3, 2 * math.pi / 130
    return torch.exp(torch.linspace(math.log(shortest), math.log(longest), _PAIRS))


def ages(count: int, chance: torch.Generator) -> Tensor:
    """[CODEBOOKS, count, HIDDEN]: the vectors of ages -1, 0, 1... in every codebook."""
    phase = torch.rand(CODEBOOKS, 1, _PAIRS, generator=chance) * 2 * math.pi
    size = torch.rand(CODEBOOKS, 1, _PAIRS, generator=chance) + 0.5
    size = size * _SIZE / size.square().sum(-1, keepdim=True).sqrt()
    angle = torch.arange(-1, count - 1)[None, :, None] * turns() + phase
    vectors = torch.zeros(CODEBOOKS, count, HIDDEN)
    vectors[..., AGE[0::2]] = size * angle.cos()
    vectors[..., AGE[1::2]] = size * angle.sin()
    return vectors


def things(shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    """Random vectors [*shape, HIDDEN] for patches and pitches."""
    vectors = torch.zeros(*shape, HIDDEN)
    scale = _SIZE / math.sqrt(len(WHAT))
    vectors[..., WHAT] = torch.randn(*shape, len(WHAT), generator=chance) * scale
    return vectors


def _read(dimensions: tuple[int, ...], gain: float) -> Tensor:
    """A head's matrix [_HEAD, HIDDEN] that reads some dimensions."""
    weight = torch.zeros(_HEAD, HIDDEN)
    weight[range(len(dimensions)), dimensions] = gain
    return weight


def looking_one_back() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Query, key, value [_HEAD, HIDDEN] and output [HIDDEN, _HEAD] of the head for layer 1."""
    gain, pairs = 4.4, _HEAD // 2
    rates = torch.exp(torch.arange(pairs) * -(math.log(10_000) / (_HALF - 1)))
    query, key = torch.zeros(_HEAD, HIDDEN), torch.zeros(_HEAD, HIDDEN)
    cosine, sine = torch.arange(pairs), torch.arange(pairs) + _HALF
    for row, dimension in ((0, cosine), (1, sine)):
        key[torch.arange(pairs) * 2 + row, dimension] = gain
    # The query is the position one frame earlier: cos(a - w), sin(a - w).
    even, odd = torch.arange(pairs) * 2, torch.arange(pairs) * 2 + 1
    query[even, cosine], query[even, sine] = gain * rates.cos(), gain * rates.sin()
    query[odd, cosine], query[odd, sine] = -gain * rates.sin(), gain * rates.cos()
    out = torch.zeros(HIDDEN, _HEAD)
    out[PREVIOUS, range(len(PREVIOUS))] = 1.4
    return query, key, _read(AGE, 1.0), out


def looking_for_the_same() -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """The two heads for layer 2: what followed the same ages, things and (turned back) ages.

    Heads of the vocabulary ask for the age before, so ages are turned back by a frame.
    """
    query, key = _read(AGE, 1.5), _read(PREVIOUS, 1.5)
    what = torch.zeros(HIDDEN, _HEAD)
    what[WHAT, range(len(WHAT))] = 1.4
    back = torch.zeros(HIDDEN, _HEAD)
    angle = turns()
    for pair in range(_PAIRS):
        cos, sin = AGE[2 * pair], AGE[2 * pair + 1]
        back[cos, 2 * pair], back[cos, 2 * pair + 1] = angle[pair].cos(), angle[pair].sin()
        back[sin, 2 * pair], back[sin, 2 * pair + 1] = -angle[pair].sin(), angle[pair].cos()
    return [(query, key, _read(WHAT, 1.0), what), (query, key, _read(AGE, 1.0), 1.4 * back)]
