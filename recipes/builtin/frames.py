"""Waveforms cut into one vector per token, and codes put together to sound again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recipes.builtin.shaping import HOP, OVERLAP, loop_samples
from recipes.builtin.sounds import waveforms
from recipes.builtin.voices import CODEBOOK_SIZE, CODEBOOKS, PATCHES, Codes, Patch, token

SUPPORT = HOP + 2 * OVERLAP
"""Samples one token sounds: its frame and a fade into each neighbor."""

Tables = npt.NDArray[np.float32]
"""[CODEBOOKS, CODEBOOK_SIZE, SUPPORT]: what each token adds to the mix."""


def window() -> npt.NDArray[np.float64]:
    """Raised cosines at both ends; windows one HOP apart sum to one."""
    rise = (1 - np.cos(np.pi * (np.arange(2 * OVERLAP) + 0.5) / (2 * OVERLAP))) / 2
    return np.concatenate([rise, np.ones(SUPPORT - 4 * OVERLAP), rise[::-1]])


def cut(waveform: npt.NDArray[np.float64], patch: Patch, note: int) -> npt.NDArray[np.float64]:
    """A note's waveform [ages * HOP + OVERLAP] -> frames [ages, SUPPORT]."""
    before = np.concatenate([np.zeros(OVERLAP), waveform])
    shape = window()
    if loop_samples(patch, note) is None:
        before[-OVERLAP:] = 0.0
    return np.stack([before[a * HOP : a * HOP + SUPPORT] * shape for a in range(patch.ages)])


def build_tables() -> Tables:
    """Render every patch; takes some minutes and needs the sound font."""
    tables = np.zeros((CODEBOOKS, CODEBOOK_SIZE, SUPPORT), dtype=np.float32)
    for patch in PATCHES:
        for note, waveform in enumerate(waveforms(patch)):
            first = token(patch, note, 0)
            tables[patch.codebook, first : first + patch.ages] = cut(waveform, patch, note)
    return tables


def mix(tables: Tables, codes: Codes) -> npt.NDArray[np.float32]:
    """Codes [CODEBOOKS, F] -> samples [F * HOP]: the exact sound that the codec approaches."""
    frames = codes.shape[1]
    total = sum(tables[k][codes[k]] for k in range(len(codes)))
    out = np.zeros((frames + 2) * HOP, dtype=np.float32)
    for frame, vector in enumerate(np.asarray(total)):
        at = HOP - OVERLAP + frame * HOP
        out[at : at + SUPPORT] += vector
    return out[HOP : HOP + frames * HOP]
