"""The delay pattern and its inverse (Copet et al. 2023, section 2.2).

Codebook k of frame f stands in column `1 + f + delay[k]`; column 0 is all start tokens. In a
stereo checkpoint left and right are interleaved and share their delay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from musicgen_core.requests import Codes

UNKNOWN = -1
"""Marks a place whose token the model has yet to choose."""


def delay_of(codebooks: int, channels: int) -> npt.NDArray[np.int64]:
    """Return each codebook's delay in columns, [K]: 0, 1, 2, 3, or 0, 0, 1, 1, ... in stereo."""
    return np.arange(codebooks) // channels


def apply_delay(codes: Codes, delay: npt.NDArray[np.int64], pad: int) -> Codes:
    """Shift codebooks right by their delays: [K, F] -> [K, F + max delay], gaps hold `pad`."""
    books, frames = codes.shape
    delayed = np.full((books, frames + int(delay.max())), pad, dtype=np.int64)
    for book, shift in enumerate(delay):
        delayed[book, shift : shift + frames] = codes[book]
    return delayed


def undo_delay(delayed: Codes, delay: npt.NDArray[np.int64]) -> Codes:
    """Realign codebooks: [K, F + max delay] -> [K, F]."""
    frames = delayed.shape[1] - int(delay.max())
    return np.stack(
        [delayed[book, shift : shift + frames] for book, shift in enumerate(delay)], axis=0
    )


def prompted_columns(
    prompt: Codes, frames: int, delay: npt.NDArray[np.int64], start_token: int
) -> Codes:
    """Lay out a row's columns before anything is made.

    An audio prompt [K, P] and `frames` F to be made give [K, 1 + P + F + max delay]: start tokens,
    the delayed prompt, and UNKNOWN where the model will choose. Columns 0 to P are all known.
    """
    books = len(delay)
    unknown = np.full((books, frames), UNKNOWN, dtype=np.int64)
    stream = np.concatenate([prompt, unknown], axis=1)
    start = np.full((books, 1), start_token, dtype=np.int64)
    return np.concatenate([start, apply_delay(stream, delay, start_token)], axis=1)
