"""A look-ahead limiter for sound that arrives bit by bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

CEILING = 0.999
REACH = 0.005
"""Seconds to either side of a peak in which the gain is held; it moves for as long again."""


class PeakLimiter:
    """Keeps every value within `CEILING` where one passes full scale, without clipping.

    The gain that a peak needs is spread by a minimum over 10 ms and smoothed over the same width,
    so it moves slowly and is in place when the peak comes. One gain for all channels keeps the
    stereo picture. Where nothing within reach passes full scale, nothing changes, to the bit.
    """

    def __init__(self, rate: int) -> None:
        self._half = max(1, round(REACH * rate))
        self._sound: Samples | None = None
        """What has come, from `2 * half` samples before the first that is not returned yet."""
        self._returned = 0
        """How much of `_sound` has been returned."""

    def feed(self, samples: Samples) -> Samples:
        """Samples [C, n] -> those [C, m] that no later peak can change."""
        self._keep(samples)
        return self._return(self._length() - 2 * self._half, last=False)

    def finish(self) -> Samples:
        """Return the rest; nothing may be fed after."""
        if self._sound is None:
            return np.zeros((1, 0), np.float32)
        return self._return(self._length(), last=True)

    def _keep(self, samples: Samples) -> None:
        known = self._sound
        self._sound = samples if known is None else np.concatenate([known, samples], axis=1)

    def _length(self) -> int:
        return 0 if self._sound is None else self._sound.shape[1]

    def _return(self, stop: int, *, last: bool) -> Samples:
        sound, start = self._sound, self._returned
        if sound is None or (stop <= start and not last):
            return np.zeros((0 if sound is None else len(sound), 0), np.float32)
        out = sound[:, start:stop]
        peak = np.abs(sound).max(axis=0, initial=0.0)
        if peak.max(initial=0.0) > 1.0:
            gain = slow_gain(peak, self._half)[start:stop]
            limited = (out * gain.astype(np.float32)).clip(-CEILING, CEILING)
            out = np.where(gain < 1.0, limited, out).astype(np.float32)
        cut = max(0, stop - 2 * self._half)
        self._sound, self._returned = sound[:, cut:], stop - cut
        return out


def slow_gain(peak: npt.NDArray[np.float32], half: int) -> npt.NDArray[np.float64]:
    """Return the gain [N] that takes peaks [N] beyond 1 down to `CEILING`, without clicks.

    What is more than `2 * half` samples away from such a peak gets exactly 1.
    """
    from scipy import ndimage

    width = 2 * half + 1
    kernel = np.hanning(width + 2)[1:-1]
    needed = np.where(peak > 1.0, CEILING / np.maximum(peak, CEILING), 1.0)
    # A mean over `width` of minima over `width` is at most the value needed at its center.
    held = ndimage.minimum_filter1d(needed, width, mode="constant", cval=1.0)
    reduction = ndimage.convolve1d(1.0 - held, kernel / kernel.sum(), mode="nearest")
    gain: npt.NDArray[np.float64] = 1.0 - reduction
    return gain
