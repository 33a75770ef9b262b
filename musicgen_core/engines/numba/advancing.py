"""The decoder's step as one compiled function, which a thread does alone.

A narrow model's step is some millions of multiplications, done before a runtime's threads have
woken up: what costs there are the hundred nodes of a graph, their bookkeeping and their copies.

N columns of any rows are computed side by side; each has the number of its row's slot in the state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from musicgen_core.engines.numba.attention import attend, attend_text, remember
from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.engines.numba.layers import Numbers, activate, add, multiply, normalize
from musicgen_core.model.protocols import Floats

Indices = npt.NDArray[np.int64]


class Network(NamedTuple):
    """The decoder's weights, each of all L layers; E is the hidden size, W that of the inner layer.

    Linear ones are [out, in] with scales [out].
    """

    tokens: Floats
    """[K * (V + 1), E]: all codebooks' embeddings."""
    places: Floats
    """[positions, E]."""
    norms: Floats
    """[L, 3, 2, E]: before self-attention, cross-attention and inner layer; gain, bias."""
    last_norm: Floats
    """[2, E]"""
    attention: Numbers
    """[L, 3 E, E]: queries, divided by the root of a head's width, keys, values."""
    attention_scales: Floats
    out: Numbers
    """[L, E, E]"""
    out_scales: Floats
    inner: Numbers
    """[L, W, E]"""
    inner_scales: Floats
    outer: Numbers
    """[L, E, W]"""
    outer_scales: Floats
    heads: Numbers
    """[K * V, E]"""
    head_scales: Floats
    activation: int
    """Its number in layers.ACTIVATIONS."""


class State(NamedTuple):
    """What the slots remember: T columns and S of text at most, by H heads of width D."""

    keys: Numbers
    """[slots, L, H, T, D]"""
    key_scales: Floats
    """[slots, L, H, T]"""
    values: Numbers
    value_scales: Floats
    text_keys: Floats
    """[slots, L, H, S, E], through the projection of queries."""
    text_values: Floats
    """[slots, L, H, S, E], through that of outputs."""
    text_lengths: Indices
    """[slots]; 0: no text."""
    steps: float
    """What the largest of a head's keys or values is kept as; 0: they are kept as they are."""


@compiled
def embed(
    network: Network, ids: Indices, positions: Indices, states: Floats
) -> None:  # pragma: no cover
    """Ids [N, K] at positions [N] -> states [N, E]."""
    count, books = ids.shape
    vocabulary = len(network.tokens) // books
    for n in range(count):
        state, place = states[n], network.places[positions[n]]
        for i in range(len(state)):
            state[i] = place[i]
        for book in range(books):
            token = network.tokens[book * vocabulary + ids[n, book]]
            for i in range(len(state)):
                state[i] += token[i]


@compiled
def advance(
    network: Network,
    state: State,
    ids: Indices,
    slots: Indices,
    positions: Indices,
) -> Floats:  # pragma: no cover
    """Feed columns of ids [N, K] to slots [N] at positions [N] -> their last states [N, E], normed.

    A slot's columns come in order; each sees those before it, of this call and of others.
    """
    count = len(ids)
    layers, inner, hidden = network.inner.shape
    states = np.empty((count, hidden), np.float32)
    normed, added = np.empty((count, hidden), np.float32), np.empty((count, hidden), np.float32)
    parts = np.empty((count, 3 * hidden), np.float32)
    wide = np.empty((count, inner), np.float32)
    embed(network, ids, positions, states)
    for layer in range(layers):
        normalize(states, network.norms[layer, 0], normed)
        multiply(normed, network.attention[layer], network.attention_scales[layer], parts)
        for n in range(count):
            slot, at, part = slots[n], positions[n], parts[n]
            remember(part[hidden : 2 * hidden], state.steps, at,
                     state.keys[slot, layer], state.key_scales[slot, layer])  # fmt: skip
            remember(part[2 * hidden :], state.steps, at,
                     state.values[slot, layer], state.value_scales[slot, layer])  # fmt: skip
        for n in range(count):
            slot = slots[n]
            attend(parts[n, :hidden], state.keys[slot, layer], state.key_scales[slot, layer],
                   state.values[slot, layer], state.value_scales[slot, layer],
                   positions[n] + 1, normed[n])  # fmt: skip
        multiply(normed, network.out[layer], network.out_scales[layer], added)
        add(states, added)
        normalize(states, network.norms[layer, 1], normed)
        for n in range(count):
            slot, length = slots[n], state.text_lengths[slots[n]]
            if length:
                attend_text(normed[n], state.text_keys[slot, layer],
                            state.text_values[slot, layer], length, states[n])  # fmt: skip
        normalize(states, network.norms[layer, 2], normed)
        multiply(normed, network.inner[layer], network.inner_scales[layer], wide)
        activate(wide, network.activation)
        multiply(wide, network.outer[layer], network.outer_scales[layer], added)
        add(states, added)
    normalize(states, network.last_norm, normed)
    return normed
