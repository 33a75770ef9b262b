"""A layer's arithmetic but for attention, one column beside the other, compiled.

Everything is float32 but weights, which may be whole numbers with a scale a row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from musicgen_core.engines.numba.compiling import compiled
from musicgen_core.model.protocols import Floats

Numbers = npt.NDArray[Any]
"""float32, or whole numbers that have scales."""
ACTIVATIONS = ("gelu", "gelu_new", "relu")
_EPSILON = np.float32(1e-5)
_ROOT_HALF = np.float32(math.sqrt(0.5))
_GELU_TANH = np.float32(math.sqrt(2.0 / math.pi))


@compiled
def score(
    state: Floats, weights: Numbers, scales: Floats, found: Floats
) -> None:  # pragma: no cover
    """A state [in] by weights [out, in] and scales [out] -> found [out].

    A layer's weights, or the keys that a query is compared to.
    """
    width = len(state)
    for o in range(len(found)):
        row, total = weights[o], np.float32(0)
        for i in range(width):
            total += np.float32(row[i]) * state[i]
        found[o] = total * scales[o]


@compiled
def multiply(
    states: Floats, weights: Numbers, scales: Floats, found: Floats
) -> None:  # pragma: no cover
    """States [N, in] by weights [out, in] and scales [out] -> found [N, out].

    Four columns, or two, share what is read of the weights.
    """
    count, width = states.shape
    n = 0
    while n + 4 <= count:
        x0, x1, x2, x3 = states[n], states[n + 1], states[n + 2], states[n + 3]
        for o in range(len(weights)):
            row = weights[o]
            sum0 = sum1 = sum2 = sum3 = np.float32(0)
            for i in range(width):
                weight = np.float32(row[i])
                sum0 += weight * x0[i]
                sum1 += weight * x1[i]
                sum2 += weight * x2[i]
                sum3 += weight * x3[i]
            scale = scales[o]
            found[n, o], found[n + 1, o] = sum0 * scale, sum1 * scale
            found[n + 2, o], found[n + 3, o] = sum2 * scale, sum3 * scale
        n += 4
    if n + 2 <= count:
        x0, x1 = states[n], states[n + 1]
        for o in range(len(weights)):
            row = weights[o]
            sum0 = sum1 = np.float32(0)
            for i in range(width):
                weight = np.float32(row[i])
                sum0 += weight * x0[i]
                sum1 += weight * x1[i]
            found[n, o], found[n + 1, o] = sum0 * scales[o], sum1 * scales[o]
        n += 2
    if n < count:
        score(states[n], weights, scales, found[n])


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
def add(states: Floats, added: Floats) -> None:  # pragma: no cover
    """Add to states [N, E], in place."""
    for n in range(len(states)):
        state, more = states[n], added[n]
        for i in range(len(state)):
            state[i] += more[i]


@compiled
def activate(states: Floats, activation: int) -> None:  # pragma: no cover
    """The activation of that number, in place."""
    for n in range(len(states)):
        row = states[n]
        for i in range(len(row)):
            x = row[i]
            if activation == 0:
                row[i] = np.float32(0.5) * x * (np.float32(1) + math.erf(x * _ROOT_HALF))
            elif activation == 1:
                inner = _GELU_TANH * (x + np.float32(0.044715) * x * x * x)
                row[i] = np.float32(0.5) * x * (np.float32(1) + math.tanh(inner))
            else:
                row[i] = max(x, np.float32(0))
