"""For an engine that makes whole batches only: what waits is made together, sound at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

import numpy as np

from musicgen_core.errors import JobCancelled
from musicgen_core.model.protocols import Codec, Row, Seat
from musicgen_core.requests import Codes, Progress, Samples

OnProgress: TypeAlias = Callable[[Progress], None]
"""Called after every step; raising JobCancelled from it stops the batch within that step."""


class _AllLeft(JobCancelled):
    """Nobody wants the batch; what `meanwhile` raises is another matter."""


class WholeSeat:
    """A row that is made at once."""

    def __init__(self, row: Row) -> None:
        self.row, self.frames, self.left = row, 0, False
        self._codes: Codes | None = None

    @property
    def done(self) -> bool:
        """Whether the row is made."""
        return self._codes is not None

    def codes(self, start: int) -> Codes:
        """All frames from `start` on, [K, n]; none before the row is done."""
        return np.zeros((1, 0), np.int64) if self._codes is None else self._codes[:, start:]

    def finish(self, codes: Codes) -> None:
        """The row's codes [K, frames] are there."""
        self._codes, self.frames = codes, codes.shape[1]


class WholeBatches:
    """Rows that join while others are made wait for the next batch."""

    def __init__(self, generate: Callable[[Sequence[Row], OnProgress], list[Codes]]) -> None:
        self._generate = generate
        self._waiting: list[WholeSeat] = []
        self._batch: list[WholeSeat] = []

    def join(self, row: Row) -> WholeSeat:
        """Take a row into the next batch."""
        seat = WholeSeat(row)
        self._waiting.append(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        """Forget a row that waits; a batch stops within a step when all of its rows have left."""
        self._waiting = [other for other in self._waiting if other is not seat]
        for other in self._batch:
            other.left |= other is seat

    def step(self, meanwhile: Callable[[], None]) -> None:
        """Make all that wait; see Ensemble.step."""
        batch = self._batch = self._waiting
        self._waiting = []
        if not batch:
            return

        def report(progress: Progress) -> None:
            for seat in batch:
                share = progress.done / max(1, progress.total)
                seat.frames = int(seat.row.frames * share)
            meanwhile()
            if all(seat.left for seat in batch):
                raise _AllLeft

        with suppress(_AllLeft):
            made = self._generate([seat.row for seat in batch], report)
            for seat, codes in zip(batch, made, strict=True):
                seat.finish(codes)


class WholeStream:
    """A CodecStream that decodes at the end."""

    def __init__(self, codec: Codec, skip: int = 0) -> None:
        self._codec, self._skipped = codec, skip * codec.hop
        self._codes: list[Codes] = []

    def feed(self, codes: Codes) -> Samples:
        """Keep codes [K, f]; nothing comes of them yet."""
        self._codes.append(codes)
        return np.zeros(0, np.float32)

    def finish(self) -> Samples:
        """Decode them all."""
        return self._codec.decode(np.concatenate(self._codes, axis=1))[self._skipped :]
