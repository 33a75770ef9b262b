"""Where things stand, for every engine: MusicGen's sinusoids and their end, T5's distances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import DecoderConfig, TextConfig
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.protocols import Floats


def check_reach(config: DecoderConfig, positions: int) -> None:
    """Refuse more columns than the model has positions for.

    Raises:
        InvalidRequest: it has not so many.
    """
    if positions > config.max_positions:
        raise InvalidRequest(f"The model reaches {config.max_positions} frames, not {positions}.")


def sinusoids(length: int, hidden: int) -> Floats:
    """Return the position table [length, hidden], cosines first, as transformers has it."""
    half = hidden // 2
    step = np.float32(-np.log(10000) / (half - 1))
    rates = np.exp(np.arange(half, dtype=np.float32) * step)
    angles = np.arange(length, dtype=np.float32)[:, None] * rates
    table = np.zeros((length, hidden), dtype=np.float32)
    table[:, :half], table[:, half : 2 * half] = np.cos(angles), np.sin(angles)
    return table


def relative_buckets(config: TextConfig, length: int) -> npt.NDArray[np.int32]:
    """Return the bucket [length, length] of each (query, key) distance, as T5's encoder has it.

    Half the buckets are for keys behind the query; of each half, the first half holds exact
    distances and the rest grow logarithmically up to `relative_max_distance`.
    """
    half = config.relative_buckets // 2
    exact = half // 2
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]
    far = np.maximum(np.abs(distance), 1).astype(np.float32) / np.float32(exact)
    growth = np.log(far) / np.float32(np.log(config.relative_max_distance / exact))
    large = exact + (growth * np.float32(half - exact)).astype(np.int64)
    near = np.abs(distance) < exact
    bucket = np.where(near, np.abs(distance), np.minimum(large, half - 1))
    buckets: npt.NDArray[np.int32] = (bucket + half * (distance > 0)).astype(np.int32)
    return buckets
