"""A checkpoint's tensors on their way into an engine: looked up, joined, and in fewer bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Floats

EIGHT_BITS, SIXTEEN_BITS = 127, 32767
"""Steps to either side of zero."""


def joined(tensors: Mapping[str, Floats], *names: str) -> Floats:
    """Return tensors as they stand in the checkpoint, joined on their first axis.

    Raises:
        ModelUnavailable: the checkpoint has no such tensor.
    """
    for name in names:
        if name not in tensors:
            raise ModelUnavailable(f"The checkpoint has no tensor {name}; download it again.")
    parts = [tensors[name] for name in names]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def quantized(
    weight: Floats, steps: int = EIGHT_BITS
) -> tuple[npt.NDArray[np.signedinteger[Any]], Floats]:
    """Weight [out, in] -> whole numbers [out, in] and a scale [out, 1]: weight = number * scale.

    Symmetric and to the nearest of `steps` to either side: the error is at most half a scale. A row
    of zeros stays one.
    """
    kind = np.int8 if steps <= EIGHT_BITS else np.int16
    largest = np.abs(weight).max(axis=1, keepdims=True)
    scale: Floats = np.where(largest > 0, largest / steps, 1).astype(np.float32)
    return np.rint(weight / scale).clip(-steps, steps).astype(kind), scale
