"""Keys and values of the language model's attention, kept in Parameters between steps."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Parameter, ParameterTuple, Tensor

from musicgen_core.model.protocols import Floats


class Cache:
    """For every layer, keys and values as two tables [entries, width].

    A table is flat because ScatterUpdate writes whole entries in place, and because a reshape of a
    Parameter costs nothing: with `entry = (row * heads + head) * context + position`, attention
    reads it as [rows * heads, context, head_dim] without a copy.
    """

    def __init__(self, name: str, layers: int, entries: int, width: int, dtype: Any) -> None:
        self.shape = (entries, width)
        self._dtype = dtype
        self.keys = self._tables(f"{name}.keys", layers)
        self.values = self._tables(f"{name}.values", layers)

    def allocate(self) -> None:
        """Fill with zeros: attention multiplies what it masks by 0, which must not meet a NaN."""
        for table in (*self.keys, *self.values):
            self._put(table, np.zeros(self.shape, dtype=np.float32))

    def release(self) -> None:
        """Give the memory back; graphs over this cache stay compiled and wait for `allocate`."""
        for table in (*self.keys, *self.values):
            self._put(table, np.zeros((1, self.shape[1]), dtype=np.float32))

    def grow_from(self, smaller: Cache, lanes: int) -> None:
        """Take over a cache of a shorter context; each has `lanes` = rows * heads."""
        old = [(*smaller.keys, *smaller.values), (*self.keys, *self.values)]
        for source, table in zip(*old, strict=True):
            known = source.asnumpy().reshape(lanes, -1, self.shape[1])
            wide = np.zeros((lanes, self.shape[0] // lanes, self.shape[1]), dtype=known.dtype)
            wide[:, : known.shape[1]] = known
            self._put(table, wide.reshape(self.shape))

    def _tables(self, name: str, layers: int) -> Any:
        empty = Tensor(np.zeros((1, self.shape[1])), self._dtype)
        return ParameterTuple(
            [Parameter(empty, name=f"{name}.{i}", requires_grad=False) for i in range(layers)]
        )

    def _put(self, table: Any, value: Floats) -> None:
        tensor = Tensor.from_numpy(value)
        if self._dtype != ms.float32:
            tensor = tensor.astype(self._dtype)
        table.set_data(tensor, slice_shape=True)
