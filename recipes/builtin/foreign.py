"""What the codec makes of sound that is not its own: how continuations hear people's clips.

A piece is rendered, moved off the frame grid, and colored, so that its marks mean nothing and its
waves fit no token exactly; then it is encoded as EnCodec would, voice by voice.
"""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt

from recipes.builtin.codec_space import MARK_RADIUS, WAVE, Space
from recipes.builtin.codec_weights import analysis
from recipes.builtin.frames import SUPPORT
from recipes.builtin.shaping import HOP, OVERLAP
from recipes.builtin.voices import CODEBOOKS, Codes

Floats = npt.NDArray[np.float32]


class Ears:
    """Encodes codes as if somebody else had played them."""

    def __init__(self, space: Space) -> None:
        self._sounds = (space.waves @ space.basis.T).astype(np.float32)
        self._filters = analysis(space)[:WAVE].astype(np.float32)
        self._waves = space.waves.astype(np.float32)
        # A token that nothing sounds is never the nearest.
        unused = np.abs(space.marks).max(axis=2) > 1.0
        marks = (MARK_RADIUS * space.marks) ** 2
        self._energies = np.where(unused, np.inf, (space.waves**2).sum(axis=2) + marks.sum(axis=2))
        self._energies = (self._energies - MARK_RADIUS**2).astype(np.float32)

    def __call__(self, rng: Random, codes: Codes) -> Codes:
        """Codes [K, F] -> those of the same music, displaced and colored [K, F]."""
        sound = self.render(codes)
        shift = rng.randrange(HOP)
        sound = np.concatenate([np.zeros(shift, np.float32), sound])[: len(sound)]
        spectrum = np.fft.rfft(sound)
        tilt = np.linspace(0, 1, len(spectrum)) * rng.uniform(-3, 1)
        colored = np.fft.irfft(spectrum * np.exp(tilt), len(sound)).astype(np.float32)
        return self.encode(colored * rng.uniform(0.4, 1.4))

    def render(self, codes: Codes) -> Floats:
        """Codes [K, F] -> samples [F * HOP] without marks."""
        frames = codes.shape[1]
        total = sum(self._sounds[k][codes[k]] for k in range(CODEBOOKS))
        out = np.zeros((frames + 2) * HOP, dtype=np.float32)
        for frame, vector in enumerate(np.asarray(total)):
            at = HOP - OVERLAP + frame * HOP
            out[at : at + SUPPORT] += vector
        return out[HOP : HOP + frames * HOP]

    def encode(self, sound: Floats) -> Codes:
        """Samples [F * HOP] -> codes [K, F] by waves alone, the nearest in every voice in turn."""
        padded = np.pad(sound, HOP // 2)
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP)[::HOP]
        rest = windows @ self._filters.T
        codes = np.zeros((CODEBOOKS, len(rest)), dtype=np.int64)
        for k in range(CODEBOOKS):
            distance = self._energies[k] - 2 * rest @ self._waves[k].T
            codes[k] = distance.argmin(axis=1)
            rest = rest - self._waves[k][codes[k]]
        return codes
