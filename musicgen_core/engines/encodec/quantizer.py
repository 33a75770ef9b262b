"""EnCodec's residual vector quantizer: tables and a search, done on the host like all codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from musicgen_core.model.protocols import Floats
from musicgen_core.requests import Codes


class ResidualQuantizer:
    """Writes a frame as one entry of each of K codebooks, each the nearest to what is left."""

    def __init__(self, tables: Sequence[Floats]) -> None:
        """Take K tables [V, D]."""
        self._tables = tables
        self._squares = [np.square(table).sum(axis=1) for table in tables]

    @classmethod
    def of(cls, codebooks: int, tensor: Callable[[str], Floats]) -> ResidualQuantizer:
        """Take a checkpoint's tables, by their names below its EnCodec."""
        return cls([tensor(f"quantizer.layers.{k}.codebook.embed") for k in range(codebooks)])

    def encode(self, frames: Floats) -> Codes:
        """Frames [F, D] -> codes [K, F]."""
        rest, codes = frames, []
        for table, squares in zip(self._tables, self._squares, strict=True):
            # |x - e|² without |x|², which is the same for every entry.
            nearest = (squares - 2 * (rest @ table.T)).argmin(axis=1)
            rest = rest - table[nearest]
            codes.append(nearest)
        stacked: Codes = np.stack(codes).astype(np.int64)
        return stacked

    def decode(self, codes: Codes) -> Floats:
        """Codes [K, F] -> frames [F, D]; fewer codebooks than K are enough."""
        frames = np.zeros((codes.shape[1], self._tables[0].shape[1]), dtype=np.float32)
        for table, chosen in zip(self._tables, codes, strict=False):
            frames += table[chosen]
        return frames
