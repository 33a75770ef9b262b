"""The decoder's attention: many rows at one column each, or one row at a chunk of columns."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.mindspore.buckets import ROWS_AT_ONCE, BatchShape
from musicgen_core.engines.mindspore.cache import Cache
from musicgen_core.engines.mindspore.weights import Graph, Weights


class Attention(Graph):
    """What both kinds of attention share: heads, softmax, the output projection."""

    def __init__(self, config: DecoderConfig, weights: Weights, shape: BatchShape) -> None:
        super().__init__()
        width = config.hidden // config.heads
        # Scaling the query's weights once saves a multiplication in every step.
        scale = np.float32(width**-0.5)
        self.q = weights.take("q_proj.weight", lambda weight: weight * scale)
        self.o = weights.take("out_proj.weight")
        self.linear = RowLinear(shape)
        self.scores = ops.BatchMatMul(transpose_b=True)
        self.mix = ops.BatchMatMul()
        self.softmax = ops.Softmax(-1)
        self.chunk = shape.columns > 1
        self.rows, self.heads, self.width = shape.rows, config.heads, width
        self.columns, self.hidden = shape.columns, config.hidden

    def split(self, states: Any) -> Any:
        """[R, hidden] -> [R * heads, 1, width], or of a chunk [Q, hidden] -> [heads, Q, width]."""
        if self.chunk:
            return states.reshape(self.columns, self.heads, self.width).transpose(1, 0, 2)
        return states.reshape(self.rows * self.heads, 1, self.width)

    def read(self, table: Any, length: int, row: Any) -> Any:
        """A cache's table -> [R * heads, length, width], or of a chunk's row [heads, ...]."""
        if self.chunk:
            size = self.heads * length * self.width
            one = ops.gather(table.reshape(self.rows, size), row, 0)
            return one.reshape(self.heads, length, self.width)
        return table.reshape(self.rows * self.heads, length, self.width)

    def attend(self, queries: Any, keys: Any, values: Any, mask: Any) -> Any:
        """Softmax in float32 over keys plus an additive mask -> projected [N, hidden]."""
        scores = ops.cast(self.scores(queries, keys), ms.float32) + mask
        mixed = self.mix(ops.cast(self.softmax(scores), queries.dtype), values)
        if self.chunk:
            mixed = mixed.transpose(1, 0, 2)
        return self.linear(mixed.reshape(-1, self.hidden), self.o)


class SelfAttention(Attention):
    """Attention over the row's own past, whose keys and values it writes in place."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, cache: Cache, layer: int
    ) -> None:
        super().__init__(config, weights, shape)
        self.k, self.v = weights.take("k_proj.weight"), weights.take("v_proj.weight")
        self.keys, self.values = cache.keys[layer], cache.values[layer]
        self.context = shape.context
        self.write = ops.ScatterUpdate()

    def construct(self, states: Any, place: Any) -> Any:
        """States [N, hidden] -> [N, hidden]."""
        entries, future, row = place
        queries = self.split(self.linear(states, self.q))
        keys = self.split(self.linear(states, self.k)).reshape(-1, self.width)
        values = self.split(self.linear(states, self.v)).reshape(-1, self.width)
        self.write(self.keys, entries, keys)
        self.write(self.values, entries, values)
        keys = self.read(self.keys, self.context, row)
        values = self.read(self.values, self.context, row)
        return self.attend(queries, keys, values, future)


class CrossAttention(Attention):
    """Attention over the prompt's keys and values, computed once for the whole clip."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, cache: Cache, layer: int
    ) -> None:
        super().__init__(config, weights, shape)
        self.keys, self.values = cache.keys[layer], cache.values[layer]
        self.length = shape.text

    def construct(self, states: Any, place: Any, text_mask: Any) -> Any:
        """States [N, hidden] -> [N, hidden]."""
        row = place[2]
        keys = self.read(self.keys, self.length, row)
        values = self.read(self.values, self.length, row)
        return self.attend(self.split(self.linear(states, self.q)), keys, values, text_mask)


class RowLinear(Graph):
    """x [N, in] times w [out, in] transposed, without bias.

    A step multiplies at most eight rows at once: from two to eight rows, MindSpore's CPU kernel
    gives a row the same bits whatever their number; beyond, another kernel takes over.
    """

    def __init__(self, shape: BatchShape) -> None:
        super().__init__()
        self.blocks = 1 if shape.columns > 1 else -(-shape.rows // ROWS_AT_ONCE)
        self.matmul = ops.MatMul(transpose_b=True)

    def construct(self, x: Any, weight: Any) -> Any:
        """Return [N, out]."""
        if self.blocks == 1:
            return self.matmul(x, weight)
        starts = [ROWS_AT_ONCE * i for i in range(self.blocks)]
        parts = [self.matmul(x[start : start + ROWS_AT_ONCE], weight) for start in starts]
        return ops.concat(parts, 0)
