"""How sharply a layer's attention decides, told from its weights alone.

Eight bits move a score by about half a percent of its size. Where scores are small that is nothing;
where they are large, softmax turns it into looking somewhere else, and such a layer's attention is
better kept in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicgen_core.model.protocols import Floats

SHARP = 4.0
"""Scores of this deviation are moved by about 0.03, a weight of attention by as many percent."""


def is_sharp(queries: Floats, keys: Floats, gain: Floats, bias: Floats, heads: int) -> bool:
    """Tell whether any head of a layer's self-attention has scores beyond `SHARP`."""
    return bool(deviation(queries, keys, gain, bias, heads).max() > SHARP)


def deviation(queries: Floats, keys: Floats, gain: Floats, bias: Floats, heads: int) -> Floats:
    """Return the standard deviation [heads] of the scores between two unrelated columns.

    Both are taken to be white before the norm's `gain` and `bias` [hidden]: with the covariance
    C of what comes out of it, and Q and K a head's rows of `queries` and `keys` [hidden, hidden],
    it is the root of trace(Q C Q' K C K') / width.
    """
    width = len(queries) // heads

    def spread(weight: Floats) -> Any:
        split = weight.reshape(heads, width, -1)
        scaled, shifted = split * gain, split @ bias
        return scaled @ scaled.transpose(0, 2, 1) + shifted[:, :, None] * shifted[:, None]

    found: Floats = np.sqrt((spread(queries) * spread(keys)).sum(axis=(1, 2)) / width)
    return found
