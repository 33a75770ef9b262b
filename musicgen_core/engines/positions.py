"""MusicGen's sinusoidal positions, the same for every engine."""

from __future__ import annotations

import numpy as np

from musicgen_core.model.protocols import Floats


def sinusoids(length: int, hidden: int) -> Floats:
    """Return the position table [length, hidden], cosines first, as transformers has it."""
    half = hidden // 2
    step = np.float32(-np.log(10000) / (half - 1))
    rates = np.exp(np.arange(half, dtype=np.float32) * step)
    angles = np.arange(length, dtype=np.float32)[:, None] * rates
    table = np.zeros((length, hidden), dtype=np.float32)
    table[:, :half], table[:, half : 2 * half] = np.cos(angles), np.sin(angles)
    return table
