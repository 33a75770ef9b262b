"""What a layer does to states between its weights and its attention, in float32, compiled."""

from __future__ import annotations

import math

import numpy as np

from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.engines.numba.exponentials import error_function, hyperbolic_tangent
from musicgen_core.model.protocols import Floats

ACTIVATIONS = ("gelu", "gelu_new", "relu")
_EPSILON = np.float32(1e-5)
_ROOT_HALF = np.float32(math.sqrt(0.5))
_GELU_TANH = np.float32(math.sqrt(2.0 / math.pi))


@compiled
def normalize(states: Floats, norm: Floats, found: Floats) -> None:  # pragma: no cover
    """PyTorch's LayerNorm over the last axis of states [N, E]; norm [2, E] is gain and bias."""
    count, width = states.shape
    for n in range(count):
        total = np.float32(0)
        for i in range(width):
            total += states[n, i]
        mean = total / np.float32(width)
        square = np.float32(0)
        for i in range(width):
            square += (states[n, i] - mean) * (states[n, i] - mean)
        scale = np.float32(1) / np.sqrt(square / np.float32(width) + _EPSILON)
        for i in range(width):
            found[n, i] = (states[n, i] - mean) * scale * norm[0, i] + norm[1, i]


@compiled
def add(states: Floats, added: Floats, first: int, last: int) -> None:  # pragma: no cover
    """Add to states [N, E] from first to last - 1, in place."""
    for n in range(len(states)):
        state, more = states[n], added[n]
        for i in range(first, last):
            state[i] += more[i]


@compiled
def activate(states: Floats, activation: int, first: int, last: int) -> None:  # pragma: no cover
    """The activation of that number on states [N, W] from first to last - 1, in place."""
    for n in range(len(states)):
        row = states[n, first:last]
        if activation == 0:
            for i in range(len(row)):
                x = row[i]
                row[i] = np.float32(0.5) * x * (np.float32(1) + error_function(x * _ROOT_HALF))
        elif activation == 1:
            for i in range(len(row)):
                x = row[i]
                inner = _GELU_TANH * (x + np.float32(0.044715) * x * x * x)
                row[i] = np.float32(0.5) * x * (np.float32(1) + hyperbolic_tangent(inner))
        else:
            for i in range(len(row)):
                row[i] = max(row[i], np.float32(0))
