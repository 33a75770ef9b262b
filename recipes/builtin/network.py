"""The language model as it is trained: MusicGen's decoder with tables that share what tokens share.

Copet et al. 2023; layer for layer transformers' MusicgenForCausalLM, to which it is exported. Only
the embeddings and the heads are parametrized differently: a token is a patch, a note and an age, so
its vector is the sum of theirs and of one of its own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from recipes.builtin import beginnings
from recipes.builtin.conductor import COUNTING, MEANINGS, SIGNS
from recipes.builtin.precision import KIND
from recipes.builtin.shape import START, Shape
from recipes.builtin.voices import (
    CODEBOOK_SIZE,
    CODEBOOKS,
    CONDUCTOR,
    PATCHES,
    SILENCE,
    factors,
)

_SIGNS = (COUNTING, *SIGNS)
_KINDS = len(PATCHES) + len(_SIGNS)
_PITCHES = 128
_OLDEST = 64
_HEADS = 0.6
"""How sure heads are at first."""


def positions(count: int, hidden: int) -> Tensor:
    """Sinusoids [count, hidden]: cosines first, as MusicgenSinusoidalPositionalEmbedding."""
    half = hidden // 2
    rates = torch.exp(torch.arange(half) * -(math.log(10_000) / (half - 1)))
    angles = torch.arange(count)[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], dim=1)


def memberships() -> Tensor:
    """[K, CODEBOOK_SIZE, kinds + pitches + ages]: which patch, pitch and age a token is of.

    For the conductor these are a sign and what it says.
    """
    table = torch.zeros(CODEBOOKS, CODEBOOK_SIZE, _KINDS + _PITCHES + _OLDEST)
    for k in range(CODEBOOKS):
        known = factors(k)
        rows = np.flatnonzero(known.patch_index >= 0)
        table[k, rows, known.patch_index[rows]] = 1
        table[k, rows, _KINDS + known.note_index[rows]] = 1
        table[k, rows, _KINDS + _PITCHES + known.age_index[rows]] = 1
    for value, meaning in enumerate(MEANINGS, 1):
        row = table[CONDUCTOR, value]
        row[len(PATCHES) + _SIGNS.index(meaning.sign)] = 1
        row[_KINDS + meaning.first] = 1
        row[_KINDS + _PITCHES + meaning.second] = 1
    return table


def _things(shared: Tensor) -> Tensor:
    """[K, kinds + pitches, D]: where the kinds and pitches that a codebook has begin."""
    found = torch.zeros(CODEBOOKS, _KINDS + _PITCHES, beginnings.HIDDEN)
    for k in range(CODEBOOKS):
        present = np.flatnonzero(shared[k, :, : _KINDS + _PITCHES].any(dim=0).numpy())
        kinds, pitches = present[present < _KINDS], present[present >= _KINDS]
        found[k, kinds], found[k, pitches] = beginnings.things(k, len(kinds), len(pitches))
    return found


class Tables(nn.Module):
    """Embeddings [K, V + 1, D] and heads [K, V, D], each a sum over what a token is made of."""

    shared: Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.register_buffer("shared", memberships().to(KIND), persistent=False)
        chance = torch.Generator().manual_seed(1)
        parts, ages = _things(self.shared), beginnings.ages(_OLDEST + 1)
        silences = beginnings.silences(chance)
        self.parts = nn.Parameter(torch.cat([parts, ages[:, 1:]], dim=1))
        # A held note goes on: a head first asks for the age before its own.
        self.head_parts = nn.Parameter(torch.cat([parts, ages[:, :-1]], dim=1) * _HEADS)
        own = torch.randn(CODEBOOKS, CODEBOOK_SIZE + 1, hidden, generator=chance) * 0.02
        own[:, [SILENCE, START]] = silences
        self.own = nn.Parameter(own)
        self.head_own = nn.Parameter(torch.zeros(CODEBOOKS, CODEBOOK_SIZE, hidden))
        with torch.no_grad():
            self.head_own[:, SILENCE] = silences[:, 0] * _HEADS

    def embeddings(self) -> Tensor:
        """[K, V + 1, D], in KIND."""
        summed = torch.bmm(self.shared, self.parts.to(KIND))
        return F.pad(summed, (0, 0, 0, 1)) + self.own.to(KIND)

    def heads(self) -> Tensor:
        """[K, V, D], in KIND."""
        return torch.bmm(self.shared, self.head_parts.to(KIND)) + self.head_own.to(KIND)


def _matrix(rows: int, columns: int, scale: float = 1.0) -> nn.Parameter:
    return nn.Parameter(torch.randn(rows, columns) * scale / math.sqrt(columns))


def _linear(signal: Tensor, weight: Tensor) -> Tensor:
    return F.linear(signal, weight.to(signal.dtype))


class Attention(nn.Module):
    """Attention without biases; queries from the signal, keys and values from `source`."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (_matrix(hidden, hidden) for _ in range(3))
        self.out = _matrix(hidden, hidden, 0.0)

    def _split(self, signal: Tensor) -> Tensor:
        return signal.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, signal: Tensor, source: Tensor, mask: Tensor | None) -> Tensor:
        """[B, T, D], [B, S, D] -> [B, T, D]; causal without a mask (additive, [B, 1, 1, S])."""
        q = self._split(_linear(signal, self.q))
        k, v = (self._split(_linear(source, w)) for w in (self.k, self.v))
        if mask is None:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:  # a text is short: the plain product is several times faster
            scores = q @ k.mT * q.shape[-1] ** -0.5 + mask
            mixed = scores.float().softmax(-1).to(v.dtype) @ v
        return _linear(mixed.transpose(1, 2).flatten(2), self.out)


class Layer(nn.Module):
    """Self-attention, attention to the text, feed-forward; norms in front."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(shape.hidden) for _ in range(3))
        self.own = Attention(shape.hidden, shape.heads)
        self.text = Attention(shape.hidden, shape.heads)
        self.fc1 = _matrix(shape.ffn, shape.hidden)
        self.fc2 = _matrix(shape.hidden, shape.ffn, 0.0)

    def forward(self, signal: Tensor, text: Tensor, mask: Tensor) -> Tensor:
        """[B, T, D] -> [B, T, D]."""
        normed = _norm(signal, self.norms[0])
        signal = signal + self.own(normed, normed, None)
        signal = signal + self.text(_norm(signal, self.norms[1]), text, mask)
        grown = F.gelu(_linear(_norm(signal, self.norms[2]), self.fc1))
        return signal + _linear(grown, self.fc2)


def _norm(signal: Tensor, norm: Any) -> Tensor:
    kind = signal.dtype
    return F.layer_norm(signal, signal.shape[-1:], norm.weight.to(kind), norm.bias.to(kind), 1e-5)


class Decoder(nn.Module):
    """MusicGen's decoder up to its last norm."""

    places: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tables = Tables(shape.hidden)
        self.project = nn.Linear(shape.text, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.hidden)
        places = positions(shape.positions, shape.hidden)
        self.register_buffer("places", places.to(KIND), persistent=False)
        with torch.no_grad():
            self.project.weight *= 3  # as large as what self-attention gets
            self._begin()

    def _begin(self) -> None:
        heads = [(0, 0, beginnings.looking_one_back())]
        heads += [(1, i, head) for i, head in enumerate(beginnings.looking_for_the_same())]
        for layer, head, (query, key, value, out) in heads:
            attention = self.layers[layer].own
            place = slice(head * len(query), (head + 1) * len(query))
            attention.q[place], attention.k[place], attention.v[place] = query, key, value
            attention.out[:, place] = out

    def forward(self, summed: Tensor, text: Tensor, mask: Tensor) -> Tensor:
        """Embedded tokens [B, T, D], text [B, S, D] and its additive mask -> states [B, T, D]."""
        signal = summed + self.places[: summed.shape[1]]
        for layer in self.layers:
            signal = layer(signal, text, mask)
        return _norm(signal, self.last)

    def embed(self, table: Tensor, delayed: Tensor) -> Tensor:
        """Sum a table's [K, V + 1, D] rows over codebooks: tokens [B, K, T] -> [B, T, D]."""
        first = torch.arange(CODEBOOKS, device=delayed.device) * (CODEBOOK_SIZE + 1)
        flat = delayed + first[None, :, None]
        rows = F.embedding(flat.transpose(1, 2), table.flatten(0, 1))
        return rows.sum(dim=2)

    def condition(self, states: Tensor, present: Tensor) -> Tensor:
        """T5's states [B, S, E] -> [B, S, D]; zeros where `present` [B, S] is 0, as MusicGen."""
        projected = F.linear(states.to(self.project.weight.dtype), self.project.weight,
                             self.project.bias)  # fmt: skip
        return (projected * present[..., None]).to(KIND)
