"""How sound of any length goes through networks that are compiled for a few lengths."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.model.protocols import Floats

SIZES = (128, 32, 8)
"""Frames of a window, longest first; shorter sound gets a window of its own length."""


class Window(NamedTuple):
    """Frames [start, start + size) go in; of what comes out, [keep_from, keep_to) is exact."""

    start: int
    size: int
    keep_from: int
    keep_to: int

    def of(self, whole: Floats) -> Floats:
        """Return what goes in of `whole` [F, ...]."""
        return whole[self.start : self.start + self.size]

    def keep(self, part: Floats, whole: Floats) -> None:
        """Put what is exact of `part` [size, ...] in its place in `whole` [F, ...]."""
        kept = part[self.keep_from - self.start : self.keep_to - self.start]
        whole[self.keep_from : self.keep_to] = kept


def overlapping(frames: int, margin: int) -> Iterator[Window]:
    """Cover `frames` by windows of one size whose edges are the sound's own or are thrown away.

    Convolutions pad by reflection, which is right at the sound's true ends only; elsewhere a window
    loses `margin` frames, as far as a convolution sees. The last window ends with the sound.
    """
    size = next((size for size in SIZES if 2 * margin < size <= frames), frames)
    start = done = 0
    while done < frames:
        start = min(max(0, done - margin), frames - size)
        last = start + size == frames
        keep_to = frames if last else start + size - margin
        yield Window(start, size, done, keep_to)
        done = keep_to


def consecutive(frames: int) -> Iterator[Window]:
    """Cover `frames` by windows one behind the other; the last may reach beyond the end."""
    done = 0
    while done < frames:
        size = next((size for size in SIZES if size <= frames - done), SIZES[-1])
        keep_to = min(done + size, frames)
        yield Window(done, size, done, keep_to)
        done = keep_to


def decoder_margin(config: CodecConfig) -> int:
    """Return how many frames the upsampling network sees to either side."""
    rate, sight = 1, 0.0
    for ratio in config.ratios:
        sight += 1 / rate
        rate *= ratio
        sight += _residual_sight(config) / rate
    return math.ceil(sight + (config.last_kernel // 2) / rate)


def encoder_margin(config: CodecConfig) -> int:
    """Return how many frames the downsampling network sees to either side."""
    rate, sight = 1, float(config.kernel // 2)
    for ratio in reversed(config.ratios):
        sight += rate * _residual_sight(config)
        sight += rate * ratio
        rate *= ratio
    return math.ceil(sight / rate)


def reflected(length: int, left: int, right: int) -> npt.NDArray[np.int64]:
    """Return which of `length` values stands where after EnCodec's reflect padding; -1 is zero.

    Where there are too few values to reflect, transformers first puts zeros behind them.
    """
    missing = max(0, max(left, right) - length + 1)
    known = np.concatenate([np.arange(length), np.full(missing, -1)])
    padded = np.pad(known, (left, right), mode="reflect")
    return padded[: len(padded) - missing]


def padded(frames: Floats, kernel: int) -> Floats:
    """Frames [F, C] -> [F + kernel - 1, C], padded as before a convolution by `kernel`."""
    index = reflected(len(frames), kernel // 2, (kernel - 1) // 2)
    whole: Floats = np.where(index[:, None] < 0, np.float32(0), frames[index])
    return whole


def _residual_sight(config: CodecConfig) -> int:
    reach = (config.residual_kernel - 1) // 2
    return sum(reach * config.dilation_growth**j for j in range(config.residual_layers))
