"""What the network knows before it is trained: to count, and to do again what it did before.

Every voice gets dimensions of its own for what sounds and for how long it has, so that a held note
is from the start expected to go on. And a bar repeats an earlier one more often than not: learning
to look back for it takes a transformer thousands of steps (induction heads, Olsson et al. 2022), so
two layers begin with it. The first lets every column know some ages of the column before, the
second looks for columns whose predecessor had the ages of now, and expects what followed there.
Training may change all of it.
"""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from recipes.builtin.codec_space import spread_out
from recipes.builtin.voices import CODEBOOKS

HIDDEN = 256
_HALF = 128
_CLOCKED = 48
"""Frequencies of the positions whose two dimensions nothing else uses at first."""
_KIND, _PITCH, _AGE = 4, 5, 6
"""Dimensions of a voice for its patch, its pitch and its age."""
_EACH = _KIND + _PITCH + _AGE
_MATCHED = (0, 1, 3, 7)
"""The codebooks by whose ages the second layer finds its way: conductor, drums, bass, melody."""
_SIZE = 4.0
"""Length of a patch's, a pitch's or an age's vector."""
_HEAD = 64
_TURNS = (1.733, 0.821, 0.506)
"""Radians that the pairs of an age's dimensions turn in a frame: no two ages up to 60 are alike."""

_FREE = (*range(_CLOCKED, _HALF), *range(_HALF + _CLOCKED, HIDDEN))


def _dimensions(codebook: int, start: int, count: int) -> list[int]:
    return list(_FREE[codebook * _EACH + start : codebook * _EACH + start + count])


WHAT = [_dimensions(k, 0, _KIND + _PITCH) for k in range(CODEBOOKS)]
AGE = [_dimensions(k, _KIND + _PITCH, _AGE) for k in range(CODEBOOKS)]
PREVIOUS = list(_FREE[CODEBOOKS * _EACH : CODEBOOKS * _EACH + _AGE * len(_MATCHED)])
"""For the ages of the column before."""


def ages(count: int) -> Tensor:
    """[CODEBOOKS, count, HIDDEN]: the vectors of ages -1, 0, 1... in every codebook."""
    angles = torch.arange(-1, count - 1)[:, None] * torch.tensor(_TURNS)
    vectors = torch.zeros(CODEBOOKS, count, HIDDEN)
    for k in range(CODEBOOKS):
        vectors[k][:, AGE[k][0::2]] = angles.cos() * _SIZE / math.sqrt(len(_TURNS))
        vectors[k][:, AGE[k][1::2]] = angles.sin() * _SIZE / math.sqrt(len(_TURNS))
    return vectors


def things(codebook: int, kinds: int, pitches: int) -> tuple[Tensor, Tensor]:
    """Vectors [N, HIDDEN] for a codebook's kinds (patches or signs), [M, HIDDEN] for its pitches.

    As far from each other as there is room; drums have but one pitch and need none for it.
    """
    split = _KIND if pitches > 1 else _KIND + _PITCH
    found = []
    for count, dims in ((kinds, WHAT[codebook][:split]), (pitches, WHAT[codebook][split:])):
        vectors = torch.zeros(count, HIDDEN)
        if dims:
            points = spread_out(count, len(dims), seed=codebook) if count > 1 else np.eye(len(dims))
            vectors[:, dims] = torch.from_numpy(points[:count] * _SIZE).float()
        found.append(vectors)
    return found[0], found[1]


def silences(chance: torch.Generator) -> Tensor:
    """[CODEBOOKS, 2, HIDDEN]: silence and the start, as long as the sum of a token's vectors."""
    vectors = torch.zeros(CODEBOOKS, 2, HIDDEN)
    for k in range(CODEBOOKS):
        drawn = torch.randn(2, _EACH, generator=chance)
        drawn *= _SIZE * math.sqrt(3) / drawn.norm(dim=1, keepdim=True)
        vectors[k][:, WHAT[k] + AGE[k]] = drawn
    return vectors


def _read(dimensions: list[int], gain: float) -> Tensor:
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
    return query, key, _read(_matched(), 1.0), out


def _matched() -> list[int]:
    return [dimension for k in _MATCHED for dimension in AGE[k]]


def looking_for_the_same() -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """The heads for layer 2: what followed the same ages, things and (turned back) ages.

    Heads of the vocabulary ask for the age before, so ages are turned back by a frame.
    """
    query, key = _read(_matched(), 1.5), _read(PREVIOUS, 1.5)
    heads = []
    what = list(chain.from_iterable(WHAT))
    for part in (what[: len(what) // 2], what[len(what) // 2 :]):
        out = torch.zeros(HIDDEN, _HEAD)
        out[part, range(len(part))] = 1.4
        heads.append((query, key, _read(part, 1.0), out))
    back, every = torch.zeros(HIDDEN, _HEAD), list(chain.from_iterable(AGE))
    for place in range(0, len(every), 2):
        angle, (cos, sin) = _TURNS[place // 2 % len(_TURNS)], every[place : place + 2]
        back[cos, place], back[cos, place + 1] = math.cos(angle), math.sin(angle)
        back[sin, place], back[sin, place + 1] = -math.sin(angle), math.cos(angle)
    heads.append((query, key, _read(every, 1.0), 1.4 * back))
    return heads
