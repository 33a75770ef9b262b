"""Keys and values of the language model's attention, kept in Parameters between steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from mindspore import ParameterTuple

from musicgen_core.engines.mindspore.weights import fill, frozen


class Cache:
    """For every layer, keys and values as two tables [entries, width].

    A table is flat because ScatterUpdate writes whole entries in place, and because a reshape of a
    Parameter costs nothing: with `entry = (row * heads + head) * context + position`, attention
    reads it as [rows * heads, context, head_dim] without a copy.
    """

    def __init__(self, name: str, layers: int, entries: int, width: int, dtype: Any) -> None:
        self.shape = (entries, width)
        self.keys, self.values = (
            ParameterTuple([frozen(f"{name}.{kind}.{i}", dtype) for i in range(layers)])
            for kind in ("keys", "values")
        )

    def allocate(self) -> None:
        """Fill with zeros: attention multiplies what it masks by 0, which must not meet a NaN."""
        for table in (*self.keys, *self.values):
            fill(table, np.zeros(self.shape, dtype=np.float32))

    def release(self) -> None:
        """Give the memory back; graphs over this cache stay compiled and wait for `allocate`."""
        for table in (*self.keys, *self.values):
            fill(table, np.zeros(1, dtype=np.float32))

    def grow_from(self, smaller: Cache, lanes: int) -> None:
        """Take over a cache of a shorter context; each has `lanes` = rows * heads."""
        old = [(*smaller.keys, *smaller.values), (*self.keys, *self.values)]
        for source, table in zip(*old, strict=True):
            known = source.asnumpy().reshape(lanes, -1, self.shape[1])
            wide = np.zeros((lanes, self.shape[0] // lanes, self.shape[1]), dtype=known.dtype)
            wide[:, : known.shape[1]] = known
            fill(table, wide.reshape(self.shape))
