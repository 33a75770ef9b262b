"""Sound as numbers to be drawn: levels over time, and levels over time and pitch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

BANDS, WINDOW, RANGE_DB = 106, 2048, 70.0


def levels(samples: Samples, count: int) -> tuple[Floats, Floats]:
    """Return peak and root mean square [C, count] of as many equal stretches."""
    edges = np.linspace(0, samples.shape[1], count + 1).astype(int)
    starts = np.minimum(edges[:-1], max(samples.shape[1] - 1, 0))
    size = np.maximum(np.diff(edges), 1)
    peaks = np.maximum.reduceat(np.abs(samples), starts, axis=1).astype(np.float64)
    power = np.add.reduceat(np.square(samples, dtype=np.float64), starts, axis=1) / size
    return peaks, np.sqrt(power)


def mel_levels(samples: Samples, rate: int, columns: int) -> Floats:
    """Return a mel spectrogram [BANDS, columns], 0 at 70 dB below full scale, 1 near it."""
    from librosa.filters import mel

    mono = np.pad(samples.mean(axis=0, dtype=np.float64), WINDOW // 2)
    starts = np.linspace(0, len(mono) - WINDOW, columns).astype(int)
    frames = np.stack([mono[at : at + WINDOW] for at in starts]) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1) / (WINDOW / 4)) ** 2
    bands = mel(
        sr=rate, n_fft=WINDOW, n_mels=BANDS, fmin=40.0, fmax=min(16_000, rate / 2), norm=None
    )
    decibels = 10 * np.log10(bands @ power.T + 1e-9)
    shown: Floats = ((decibels + RANGE_DB) / (RANGE_DB - 6)).clip(0.0, 1.0)
    return shown
