"""How loud a piece is and how high it peaks, after ITU-R BS.1770-4."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from musicgen_core.audio import Samples

ABSOLUTE_GATE = -70.0
"""LUFS; quieter blocks are silence."""
RELATIVE_GATE = -10.0
"""LU below the mean of what is not silence; quieter blocks are pauses."""
OFFSET = -0.691
"""Makes a sine of 997 Hz, whose K-weighting is +0.691 dB, read as its power."""
HOP_SECONDS, HOPS_A_BLOCK = 0.1, 4
MEASURED_RATE = 192_000
"""Hz at least; a peak between samples is found on this grid to within 0.4 dB or better."""
BLOCK = 1 << 17
MARGIN = 64
"""Samples beyond a block that its resampling needs."""

Floats = npt.NDArray[np.float64]


def integrated_loudness(samples: Samples, rate: int) -> float:
    """Return the gated loudness in LUFS of samples [1 or 2, N]; -inf: silence, or under 0.4 s."""
    hop = round(HOP_SECONDS * rate)
    energy = sum(_hop_energies(channel, rate, hop) for channel in samples)
    if not isinstance(energy, np.ndarray) or len(energy) < HOPS_A_BLOCK:
        return -math.inf
    # Blocks of 0.4 s that overlap by three quarters.
    blocks = np.convolve(energy, np.ones(HOPS_A_BLOCK), "valid") / (HOPS_A_BLOCK * hop)
    loud = blocks[_lufs(blocks) > ABSOLUTE_GATE]
    if not len(loud):
        return -math.inf
    gate = _lufs(loud.mean()) + RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def true_peak(samples: Samples, rate: int) -> float:
    """Return the highest absolute value of [C, N] also between samples, 1.0 for full scale."""
    return max((float(peaks.max(initial=0.0)) for peaks in peak_blocks(samples, rate)), default=0.0)


def peak_blocks(samples: Samples, rate: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yield, block by block of `BLOCK` samples, the peak [n] of all channels at each sample."""
    for start in range(0, samples.shape[1], BLOCK):
        yield peaks_around(samples, rate, start, min(start + BLOCK, samples.shape[1]))


def peaks_around(samples: Samples, rate: int, start: int, stop: int) -> npt.NDArray[np.float32]:
    """Return, for each sample from `start` to `stop`, the peak from the one before to the next."""
    from scipy.signal import resample_poly

    factor = max(4, math.ceil(MEASURED_RATE / rate))
    low, high = max(0, start - MARGIN), min(samples.shape[1], stop + MARGIN)
    fine = np.abs(resample_poly(samples[:, low:high].astype(np.float64), factor, 1, axis=1))
    # [C, n, factor]: what lies between a sample and its next belongs to both.
    after = fine.reshape(len(samples), high - low, factor).max(axis=(0, 2))
    before = np.concatenate([after[:1], after[:-1]])
    peaks: npt.NDArray[np.float32] = np.maximum(after, before).astype(np.float32)
    return peaks[start - low : stop - low]


def decibels(value: float) -> float:
    """Return an amplitude in dB of full scale."""
    return 20 * math.log10(value) if value > 0 else -math.inf


def _lufs(power: npt.ArrayLike) -> Floats:
    with np.errstate(divide="ignore"):
        level: Floats = OFFSET + 10 * np.log10(np.asarray(power, np.float64))
    return level


def _hop_energies(channel: npt.NDArray[np.float32], rate: int, hop: int) -> Floats:
    """Return the K-weighted energy [hops] of each whole hop of one channel [N]."""
    from scipy.signal import sosfilt

    filters = k_weighting(rate)
    state = np.zeros((len(filters), 2))
    energies = [np.zeros(0)]
    length = len(channel) // hop * hop
    for start in range(0, length, 100 * hop):
        piece = channel[start : min(start + 100 * hop, length)].astype(np.float64)
        weighted, state = sosfilt(filters, piece, zi=state)
        energies.append(np.square(weighted).reshape(-1, hop).sum(axis=1))
    return np.concatenate(energies)


def k_weighting(rate: int) -> Floats:
    """Return the shelf for the head and the high pass for the ear as sections [2, 6].

    The standard prints coefficients for 48 kHz; these are the analog filters behind them, as
    libebur128 has them, through the bilinear transform for any rate.
    """
    return np.array([_shelf(rate), _high_pass(rate)])


def _shelf(rate: int) -> list[float]:
    frequency, quality, gain = 1681.974450955533, 0.7071752369554196, 3.999843853973347
    k = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    scale = 1 + k / quality + k * k
    return [
        (high + band * k / quality + k * k) / scale,
        2 * (k * k - high) / scale,
        (high - band * k / quality + k * k) / scale,
        1.0,
        2 * (k * k - 1) / scale,
        (1 - k / quality + k * k) / scale,
    ]


def _high_pass(rate: int) -> list[float]:
    frequency, quality = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * frequency / rate)
    scale = 1 + k / quality + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / scale, (1 - k / quality + k * k) / scale]
