"""MusicGen's decoder as rows that each move at their own position through compiled graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from mindspore import Tensor

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.mindspore.buckets import (
    MASKED,
    BatchShape,
    bucket_of,
    context_of,
    rows_of,
)
from musicgen_core.engines.mindspore.decoder_graphs import CHUNK, DecoderGraphs
from musicgen_core.engines.mindspore.weights import Weights
from musicgen_core.engines.positions import check_reach
from musicgen_core.model.protocols import Column, Floats
from musicgen_core.model.sampling import blended


class MindSporeLanguageModel:
    """The language model in graph mode; it runs one batch at a time."""

    joinable = False

    def __init__(
        self, config: DecoderConfig, tensors: Mapping[str, Floats], text_hidden: int, dtype: Any
    ) -> None:
        self._config, self._text_hidden = config, text_hidden
        self._graphs = DecoderGraphs(config, Weights(tensors, dtype))
        self._running: MindSporeDecoder | None = None

    @property
    def codebooks(self) -> int:
        """K, the number of parallel streams."""
        return self._config.codebooks

    @property
    def start_token(self) -> int:
        """The id that stands for start and padding."""
        return self._config.start_token

    def begin(self, states: Sequence[Floats | None], positions: int) -> MindSporeDecoder:
        """Start a batch of len(states) rows of at most `positions` columns; ends the one before.

        Raises:
            InvalidRequest: the model has no such positions.
        """
        check_reach(self._config, positions)
        if self._running is not None:
            self._running.close()
        self._running = MindSporeDecoder(self._graphs, states, positions, self._text_hidden)
        return self._running


class MindSporeDecoder:
    """A running batch; its self-attention cache grows with the longest row."""

    def __init__(
        self,
        graphs: DecoderGraphs,
        states: Sequence[Floats | None],
        positions: int,
        text_hidden: int,
    ) -> None:
        self._graphs, self._config = graphs, graphs.config
        self._rows, self._last = len(states), max(positions, 1) - 1
        longest = max((len(row) for row in states if row is not None), default=1)
        self._shape = BatchShape(rows_of(self._rows), bucket_of(longest), context_of(1))
        self._positions = np.zeros(self._shape.rows, dtype=np.int32)
        self._read(states, text_hidden)
        self._cache = graphs.cache(self._shape.rows, self._shape.context)
        self._cache.allocate()

    def close(self) -> None:
        """Give the cache's memory back; the batch cannot go on."""
        self._cache.release()
        self._rows = 0

    def prefill(self, row: int, columns: npt.NDArray[np.int64]) -> None:
        """Feed `columns` [K, P] to one row that is at position 0; no logits are returned."""
        books, count = columns.shape
        self._make_room(count)
        # What stands behind the prompt in its last chunk is overwritten before anyone sees it.
        padded = np.full((-(-count // CHUNK) * CHUNK, books), self._config.start_token, np.int32)
        padded[:count] = columns.T
        graph, heads = self._graphs.chunk(self._shape), self._config.heads
        mask = Tensor(self._mask[row * heads : row * heads + 1])
        for start in range(0, count, CHUNK):
            positions = np.arange(start, start + CHUNK, dtype=np.int32)
            graph.run(Tensor(padded[start : start + CHUNK]), Tensor(positions), _index(row), mask)
        self._positions[row] = count

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        """Refuse: the graphs are compiled for a number of rows, which is a batch's to the end."""
        raise RuntimeError("A batch on MindSpore keeps its rows.")

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [N, K, V]."""
        self._make_room(int(self._positions.max()) + 1)
        ids = np.full((self._shape.rows, column.shape[1]), self._config.start_token, np.int32)
        ids[: self._rows] = column
        graph = self._graphs.step(self._shape)
        logits: Floats = graph.run(Tensor(ids), Tensor(self._positions), self._text_mask).asnumpy()
        # A row that is done is fed on until its batch is; it stays where its clip ends.
        self._positions[: self._rows] = np.minimum(self._positions[: self._rows] + 1, self._last)
        own = logits.reshape(self._shape.rows, self._config.codebooks, -1)[: self._rows]
        return blended(own, blend)

    def _read(self, states: Sequence[Floats | None], text_hidden: int) -> None:
        """Compute every row's cross-attention keys and values, zeros for an unconditional one."""
        rows, text = self._shape.rows, self._shape.text
        graph = self._graphs.text(self._shape)
        mask = np.zeros((rows, 1, text), dtype=np.float32)
        for row, known in enumerate(states):
            padded = np.zeros((text, text_hidden), dtype=np.float32)
            real = np.zeros((text, 1), dtype=np.float32)
            if known is not None:
                padded[: len(known)], real[: len(known)] = known, 1.0
                mask[row, 0, len(known) :] = MASKED
            graph.run(Tensor(padded), Tensor(real), _index(row))
        self._mask = np.repeat(mask, self._config.heads, axis=0)
        self._text_mask = Tensor(self._mask)

    def _make_room(self, positions: int) -> None:
        """Move to a longer context when the cache is full, taking what is known along."""
        if not self._rows:
            raise RuntimeError("This batch is over; the language model has begun another.")
        if positions <= self._shape.context:
            return
        self._shape = replace(self._shape, context=context_of(positions))
        larger = self._graphs.cache(self._shape.rows, self._shape.context)
        larger.grow_from(self._cache, self._shape.rows * self._config.heads)
        self._cache.release()
        self._cache = larger


def _index(row: int) -> Any:
    return Tensor(np.array([row], dtype=np.int32))
