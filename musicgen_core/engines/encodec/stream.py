"""EnCodec's decoder over codes that arrive bit by bit; the pieces together are the whole, exactly.

The convolution at the frame rate looks a few frames ahead, the LSTM carries its memory on, and the
upsampling network's windows overlap by what it sees to either side.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.engines.encodec import windows
from musicgen_core.engines.encodec.networks import Networks
from musicgen_core.engines.encodec.quantizer import ResidualQuantizer
from musicgen_core.engines.encodec.windows import decoder_margin, reflected
from musicgen_core.model.protocols import Floats
from musicgen_core.requests import Codes, Samples


class EnCodecStream:
    """Decodes frames as soon as a window is full."""

    def __init__(
        self, config: CodecConfig, networks: Networks, quantizer: ResidualQuantizer, skip: int = 0
    ) -> None:
        self._networks, self._quantizer = networks, quantizer
        self._kernel, self._margin = config.kernel, decoder_margin(config)
        self._memory: Any = None
        self._looked_up: list[Floats] = []
        self._given: Floats | None = None
        self._frames: Floats | None = None
        """What the LSTM made so far."""
        self._sizes = windows.SIZES
        self._done = self._skipped = skip
        """Frames whose samples have been returned, or are not wanted."""

    def feed(self, codes: Codes) -> Samples:
        """Codes [K, f] of the next frames -> the samples that are certain now, possibly none."""
        self._looked_up.append(self._quantizer.decode(codes))
        pieces = []
        while (size := self._next_size()) is not None:
            start = max(0, self._done - self._margin)
            self._recur_to(start + size)
            pieces.append(self._upsample(start, size, start + size - self._margin))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def finish(self) -> Samples:
        """Return the rest; nothing may be fed after."""
        count, margin = self._count(), self._margin
        self._recur_to(count, last=True)
        pieces = [np.zeros(0, np.float32)]
        fitting = [size for size in self._sizes if 2 * margin < size <= count] or [count]
        while self._done < count:
            # The last window ends with the sound; of those that reach, the smallest.
            first = max(0, self._done - margin)
            size = next((s for s in reversed(fitting) if s >= count - first), fitting[0])
            start = min(first, count - size)
            last = start + size == count
            pieces.append(self._upsample(start, size, count if last else start + size - margin))
        return np.concatenate(pieces)

    def _count(self) -> int:
        given = 0 if self._given is None else len(self._given)
        return given + sum(map(len, self._looked_up))

    def _next_size(self) -> int | None:
        """The size of a window that can be made now, None while there are too few frames.

        The first may be a shorter one, so that something is heard soon.
        """
        seen = self._count() - (self._kernel - 1) // 2
        start = max(0, self._done - self._margin)
        begun = self._done > self._skipped
        sizes, block = self._sizes[: 1 if begun else -1], self._sizes[-1]
        fitting = (size for size in sizes if size > 2 * self._margin)
        return next((s for s in fitting if -(-(start + s) // block) * block <= seen), None)

    def _recur_to(self, count: int, *, last: bool = False) -> None:
        """Run convolution and LSTM up to a frame at least, up to the sound's end if it is the last.

        Blocks are whole, but for one at the end, behind which the memory is not needed any more.
        """
        known = 0 if self._frames is None else len(self._frames)
        parts = [] if self._frames is None else [self._frames]
        while known < count:
            room = -(-(count - known) // self._sizes[-1]) * self._sizes[-1]
            size = next(size for size in self._sizes if size <= room)
            made, self._memory = self._networks.recur(
                "decoder",
                self._networks.convolve("decoder", self._padded(known, size, last=last)),
                self._memory,
            )
            parts.append(made[: count - known] if last else made)
            known += size
        self._frames = np.concatenate(parts)

    def _padded(self, start: int, size: int, *, last: bool) -> Floats:
        """Frames [start - left, start + size + right): reflected where the sound has an end."""
        if self._looked_up:
            known = [] if self._given is None else [self._given]
            self._given, self._looked_up = np.concatenate([*known, *self._looked_up]), []
        given = np.zeros((0, 1), np.float32) if self._given is None else self._given
        left, right = self._kernel // 2, (self._kernel - 1) // 2
        if last:
            index = reflected(len(given), left, right)[start : start + size + left + right]
        else:
            index = np.abs(np.arange(start - left, start + size + right))
        room = np.zeros((size + left + right, given.shape[1]), dtype=np.float32)
        room[: len(index)] = np.where(index[:, None] < 0, np.float32(0), given[index])
        return room

    def _upsample(self, start: int, size: int, keep_to: int) -> Samples:
        """Samples of the frames from those that are done to `keep_to`, from one window."""
        frames = self._frames if self._frames is not None else np.zeros((0, 1), np.float32)
        sound = self._networks.upsample(frames[start : start + size])
        kept = sound[self._done - start : keep_to - start]
        self._done = keep_to
        return kept.reshape(-1)
