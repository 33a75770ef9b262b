"""The decoder's step as one compiled function, which a thread does alone or some share.

A narrow model's step is some millions of multiplications, done before a runtime's threads have
woken up: what costs there are the hundred nodes of a graph, their bookkeeping and their copies. So
each thread takes rows of its own. A wide model's weights come from memory, best once for all rows:
its threads share every layer's outputs, and meet six times a layer.

N columns of any rows are computed side by side; each has the number of its row's slot in the state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from musicgen_core.engines.numba.attention import attend, attend_text
from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.engines.numba.kept import remember_keys, remember_values
from musicgen_core.engines.numba.layers import activate, add, normalize
from musicgen_core.engines.numba.linear import (
    Linear,
    Numbers,
    Rounded,
    multiply,
    prepare,
    room,
    transform,
)
from musicgen_core.engines.numba.meeting import Meeting, cut, meet, meeting
from musicgen_core.engines.numba.threads import apart
from musicgen_core.engines.numba.vectors import PACKED
from musicgen_core.model.protocols import Floats

Indices = npt.NDArray[np.int64]
PARTS = 6
"""Of a layer, with a meeting behind each."""


class Network(NamedTuple):
    """The decoder's weights, each of all L layers; E is the hidden size, W that of the inner layer.

    Linear ones are [L, out, in], or packed as `linear` says.
    """

    tokens: Floats
    """[K * (V + 1), E]: all codebooks' embeddings."""
    places: Floats
    """[positions, E]."""
    norms: Floats
    """[L, 3, 2, E]: before self-attention, cross-attention and inner layer; gain, bias."""
    last_norm: Floats
    """[2, E]"""
    attention: Linear
    """[L, 3 E, E]: queries, divided by the root of a head's width, keys, values."""
    out: Linear
    """[L, E, E]"""
    text_queries: Linear
    """[L, E, E], divided like the others; where they are folded there are none, [0]."""
    text_out: Linear
    inner: Linear
    """[L, W, E]"""
    outer: Linear
    """[L, E, W]"""
    heads: Linear
    """[1, K * V, E]"""
    activation: int
    """Its number in layers.ACTIVATIONS."""

    @property
    def folded(self) -> bool:
        """Whether a text's keys and values hold the projections of queries and outputs."""
        return self.text_queries.weights.ndim == 1


class State(NamedTuple):
    """What the slots remember: T columns and S of text at most, by H heads of width D."""

    keys: Numbers
    """[slots, L, H, T, D], or whole numbers as `kept` says."""
    key_scales: Floats
    """[slots, L, H, T]"""
    values: Numbers
    """[slots, L, H, T, D], or [slots, L, H, T / 2, D, 2]."""
    value_scales: Floats
    text_keys: Floats
    """[slots, L, H, S, D]; through the projection of queries [slots, L, H, S, E]."""
    text_values: Floats
    """Likewise; through that of outputs [slots, L, H, S, E]."""
    text_lengths: Indices
    """[slots]; 0: no text."""


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


class Desk(NamedTuple):
    """What all members work on: N columns, and where they meet."""

    states: Floats
    """[N, E]"""
    parts: Floats
    """[N, 3 E]: queries, keys, values."""
    mixed: Floats
    """[N, E]: what attention has found; in the end the last states, normed."""
    wide: Floats
    """[N, W]"""
    added: Floats
    """[N, E]"""
    meeting: Meeting


def desk(network: Network, columns: int) -> Desk:
    """Make room for one call with so many columns."""
    hidden, inner = network.tokens.shape[1], network.inner.scales.shape[1]
    states, parts, mixed, wide, added = (
        np.empty((columns, width), np.float32)
        for width in (hidden, 3 * hidden, hidden, inner, hidden)
    )
    return Desk(states, parts, mixed, wide, added, meeting())


class Share(NamedTuple):
    """What one member sees to, from each first to the last but one, and what only it writes to."""

    member: int
    members: int
    heads: tuple[int, int]
    hidden: tuple[int, int]
    wide: tuple[int, int]
    normed: Floats
    """[N, E]"""
    rounded: Rounded


def share_of(network: Network, state: State, columns: int, member: int, members: int) -> Share:
    """Cut a member's share: heads, and groups of a layer's outputs."""
    hidden, inner = network.tokens.shape[1], network.inner.scales.shape[1]
    return Share(
        member,
        members,
        cut(state.keys.shape[2], 1, member, members),
        cut(hidden, PACKED, member, members),
        cut(inner, PACKED, member, members),
        np.empty((columns, hidden), np.float32),
        room(columns, max(hidden, inner)),
    )


@compiled
def look_back(
    network: Network,
    state: State,
    layer: int,
    slots: Indices,
    positions: Indices,
    desk: Desk,
    own: Share,
) -> None:  # pragma: no cover
    """Attend to what the slots have seen, with the share's heads -> desk.mixed."""
    (head, end), hidden = own.heads, desk.states.shape[1]
    width = hidden // state.keys.shape[2]
    normalize(desk.states, network.norms[layer, 0], own.normed)
    weights, scales = network.attention.weights[layer], network.attention.scales[layer]
    prepare(own.normed, weights, own.rounded)
    for part in range(3):
        start = part * hidden
        multiply(own.normed, own.rounded, weights, scales,
                 start + head * width, start + end * width, desk.parts)  # fmt: skip
    for n in range(len(slots)):
        slot, at, part = slots[n], positions[n], desk.parts[n]
        remember_keys(part[hidden : 2 * hidden], at, state.keys[slot, layer],
                      state.key_scales[slot, layer], head, end)  # fmt: skip
        remember_values(part[2 * hidden :], at, state.values[slot, layer],
                        state.value_scales[slot, layer], head, end)  # fmt: skip
    for n in range(len(slots)):
        slot = slots[n]
        apart(attend, (
            desk.parts[n, :hidden], state.keys[slot, layer], state.key_scales[slot, layer],
            state.values[slot, layer], state.value_scales[slot, layer],
            positions[n] + 1, head, end, desk.mixed[n],
        ))  # fmt: skip


@compiled
def readers(state: State, slots: Indices) -> int:  # pragma: no cover
    """Return how many columns there are up to the last whose slot has a text."""
    count = len(slots)
    while count and not state.text_lengths[slots[count - 1]]:
        count -= 1
    return count


@compiled
def read_text(
    weights: Numbers,
    network: Network,
    state: State,
    layer: int,
    slots: Indices,
    desk: Desk,
    own: Share,
) -> None:  # pragma: no cover
    """Attend to texts with the share's heads -> desk.mixed, of as many columns as there are slots.

    Without weights of queries they are folded, and what texts say is added to desk.states. Which of
    both is known when this is compiled.
    """
    normalize(desk.states[: len(slots)], network.norms[layer, 1], own.normed)
    if weights.ndim == 1:
        _read_folded(state, layer, slots, desk, own)
    else:
        _read_apart(weights, network, state, layer, slots, desk, own)


@compiled
def _read_folded(
    state: State, layer: int, slots: Indices, desk: Desk, own: Share
) -> None:  # pragma: no cover
    for n in range(len(slots)):
        slot, length = slots[n], state.text_lengths[slots[n]]
        if length:
            keys, values = state.text_keys[slot, layer], state.text_values[slot, layer]
            attend_text(own.normed[n], keys, values, length, 0, len(keys), desk.states[n])


@compiled
def _read_apart(
    weights: Numbers,
    network: Network,
    state: State,
    layer: int,
    slots: Indices,
    desk: Desk,
    own: Share,
) -> None:  # pragma: no cover
    (head, end), width = own.heads, desk.states.shape[1] // state.keys.shape[2]
    first, last, count = head * width, end * width, len(slots)
    transform(own.normed[:count], own.rounded, weights[layer], network.text_queries.scales[layer],
              first, last, desk.parts)  # fmt: skip
    for n in range(count):
        slot, length, mixed = slots[n], state.text_lengths[slots[n]], desk.mixed[n]
        for i in range(first, last):
            mixed[i] = 0
        if length:
            attend_text(desk.parts[n, : len(mixed)], state.text_keys[slot, layer],
                        state.text_values[slot, layer], length, head, end, mixed)  # fmt: skip


@compiled
def widen(network: Network, layer: int, desk: Desk, own: Share) -> None:  # pragma: no cover
    """The inner layer's share -> desk.wide."""
    first, last = own.wide
    normalize(desk.states, network.norms[layer, 2], own.normed)
    weights, scales = network.inner.weights[layer], network.inner.scales[layer]
    transform(own.normed, own.rounded, weights, scales, first, last, desk.wide)
    activate(desk.wide, network.activation, first, last)


@compiled
def bring_back(
    found: Floats, linear: Linear, layer: int, desk: Desk, own: Share
) -> None:  # pragma: no cover
    """Add to desk.states the share of found [<= N, in] by a layer's weights [E, in]."""
    first, last = own.hidden
    weights, scales = linear.weights[layer], linear.scales[layer]
    transform(found, own.rounded, weights, scales, first, last, desk.added)
    add(desk.states[: len(found)], desk.added, first, last)


@compiled
def bring_text(
    weights: Numbers, found: Floats, network: Network, layer: int, desk: Desk, own: Share
) -> None:  # pragma: no cover
    """Add to desk.states what attention to texts has found, unless it is folded."""
    if weights.ndim > 1:
        bring_back(found, network.text_out, layer, desk, own)


@compiled
def advance(
    network: Network,
    state: State,
    ids: Indices,
    slots: Indices,
    positions: Indices,
    desk: Desk,
    own: Share,
) -> None:  # pragma: no cover
    """Feed columns of ids [N, K] to slots [N] at positions [N] -> desk.mixed: last states, normed.

    A slot's columns come in order; each sees those before it, of this call and of others. All
    members call it with the same desk and a share each; where projections are folded there is one.
    """
    time, told = 1, slots[: readers(state, slots)]
    if own.member == 0:
        embed(network, ids, positions, desk.states)
    if not meet(desk.meeting, own.members, time):
        return
    for layer in range(len(network.norms)):
        for part in range(PARTS):
            if part == 0:
                apart(look_back, (network, state, layer, slots, positions, desk, own))
            elif part == 1:
                apart(bring_back, (desk.mixed, network.out, layer, desk, own))
            elif part == 2:
                apart(
                    read_text,
                    (network.text_queries.weights, network, state, layer, told, desk, own),
                )
            elif part == 3:
                apart(
                    bring_text,
                    (network.text_out.weights, desk.mixed[: len(told)], network, layer, desk, own),
                )
            elif part == 4:
                apart(widen, (network, layer, desk, own))
            else:
                apart(bring_back, (desk.wide, network.outer, layer, desk, own))
            time += 1
            if not meet(desk.meeting, own.members, time):
                return
    if own.member == 0:
        normalize(desk.states, network.last_norm, desk.mixed)
