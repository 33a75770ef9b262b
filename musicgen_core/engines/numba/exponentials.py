"""Exponentials, a register at a time: the compiler calls a function for each number."""

from __future__ import annotations

import math

import numpy as np

from musicgen_core.engines.numba.compiling import compiled_strictly
from musicgen_core.engines.numba.instructions import power_of_two

_LOG2_E = np.float32(math.log2(math.e))
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
"""The logarithm of 2 in two parts: whole numbers of the first are exact."""
_LEAST = np.float32(-60.0)
"""Less counts as it: nobody hears a chance of 1e-26, and still smaller numbers take long."""
_ROUND = np.float32(1.5 * 2**23)
"""Added and taken away, it leaves the nearest whole number."""
_ERF_REACH = np.float32(0.3275911)
_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


@compiled_strictly
def power(exponent: np.float32) -> np.float32:  # pragma: no cover
    """Return e to an exponent of at most 0, to the last bit or two.

    2 to the whole part times a polynomial of the rest (Cody and Waite's reduction, Taylor's
    coefficients).
    """
    exponent = max(exponent, _LEAST)
    whole = (exponent * _LOG2_E + _ROUND) - _ROUND
    rest = exponent - whole * _LN_2_HIGH - whole * _LN_2_LOW
    found: np.float32 = np.float32(1 / 720)
    found = found * rest + np.float32(1 / 120)
    found = found * rest + np.float32(1 / 24)
    found = found * rest + np.float32(1 / 6)
    found = found * rest + np.float32(0.5)
    found = found * rest + np.float32(1)
    return (found * rest + np.float32(1)) * power_of_two(whole)


@compiled_strictly
def error_function(x: np.float32) -> np.float32:  # pragma: no cover
    """Return erf(x) within 5e-7 (Abramowitz and Stegun, formula 7.1.26)."""
    size = abs(x)
    t = np.float32(1) / (np.float32(1) + _ERF_REACH * size)
    total = np.float32(_ERF[4])
    total = total * t + np.float32(_ERF[3])
    total = total * t + np.float32(_ERF[2])
    total = total * t + np.float32(_ERF[1])
    total = total * t + np.float32(_ERF[0])
    found = np.float32(1) - total * t * power(-size * size)
    return found if x > 0 else -found


@compiled_strictly
def hyperbolic_tangent(x: np.float32) -> np.float32:  # pragma: no cover
    """Return tanh(x) within 5e-7."""
    rest = power(np.float32(-2) * abs(x))
    found = (np.float32(1) - rest) / (np.float32(1) + rest)
    return found if x > 0 else -found
