"""A running batch of MusicGen's decoder whose rows join and leave, each at its own position."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.runtime import Compiled
from musicgen_core.engines.openvino.texts import TextReader, tensor, text_inputs
from musicgen_core.engines.openvino.timeline import Timeline
from musicgen_core.model.protocols import Column, Floats

Columns = npt.NDArray[np.int64]
LEAST_WASTE = 256
"""Columns that nobody sees any more before the time axis is shortened."""


class OpenVINODecoder:
    """Rows on one time axis, which is an axis of the graph's state.

    A row that joins begins where the axis ends, and does not see what is before: that costs a
    reordering and no computation. Only for the sake of a prompt, or when most of the axis has
    become waste, are the state's values taken out, cut, and put back.
    """

    def __init__(
        self,
        graph: Compiled,
        reader: TextReader,
        config: DecoderConfig,
        states: Sequence[Floats | None],
    ) -> None:
        self._graph, self._reader, self._config = graph, reader, config
        self._request = graph.request()
        self._timeline = Timeline([], config.max_positions - 1)
        self._texts = reader.read(states)
        self._sources: list[int | None] = [None] * len(states)
        """Which row of the state each row is; None: it is new."""
        self._prompts: dict[int, Columns] = {}
        self._changed = True
        """Whether rows came or went since the last step."""
        self._blend: Floats | None = None
        """What the last step summed its rows by."""

    def prefill(self, row: int, columns: Columns) -> None:
        """Feed `columns` [K, P] to one row that is at position 0; no logits are returned.

        The columns are kept, and computed with those of all new rows when the next step comes.

        Raises:
            RuntimeError: the row has made a step.
        """
        if self._sources[row] is not None:
            raise RuntimeError("A row's prompt comes before its first step.")
        self._prompts[row] = columns

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        """Go on with the rows `keep`, in that order, and behind them new ones at position 0."""
        self._texts = [*(self._texts[row] for row in keep), *self._reader.read(joining)]
        self._prompts = {n: self._prompts[r] for n, r in enumerate(keep) if r in self._prompts}
        self._sources = [*(self._sources[row] for row in keep), *([None] * len(joining))]
        self._changed = True

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [N, K, V]."""
        if self._changed or self._timeline.waste > max(LEAST_WASTE, *self._timeline.own):
            self._settle()
        rows, books = column.shape
        if self._changed or blend is not self._blend:
            self._blend = blend
            wanted = np.eye(rows, dtype=np.float32) if blend is None else blend
            self._request.set_tensor("blend", tensor(wanted))
        self._feed(self._request, column[:, None], *self._timeline.step())
        if self._changed:
            self._set_order(range(rows))
            self._sources, self._changed = list(range(rows)), False
            self._graph.release()
        # The next step writes into the same memory.
        logits: Floats = self._request.get_tensor("logits").data.copy()
        return logits.reshape(rows if blend is None else len(blend), books, -1)

    def _settle(self) -> None:
        """Make the state hold the rows that there are now."""
        for name, values in text_inputs(self._texts).items():
            self._request.set_tensor(name, values)
        staying = [source for source in self._sources if source is not None]
        if not staying:
            self._request.reset_state()
            self._timeline = self._read_prompts(self._request, range(len(self._sources)))
        elif self._prompts or not self._changed:
            self._splice()
        else:
            self._set_order([source or 0 for source in self._sources])
            self._timeline.rearrange(self._sources)
        self._prompts = {}

    def _splice(self) -> None:
        """Rebuild the state from the columns that rows still see and from new rows' prompts."""
        joining = [row for row, source in enumerate(self._sources) if source is None]
        known = self._timeline.own
        read = self._graph.request()
        if joining:
            for name, values in text_inputs([self._texts[row] for row in joining]).items():
                read.set_tensor(name, values)
            self._read_prompts(read, joining)
        own = [self._length(row) if s is None else known[s] for row, s in enumerate(self._sources)]
        prompts = {state.name: state for state in read.query_state()}
        for state in self._request.query_state():
            whole = state.state.data
            fresh = prompts[state.name].state.data if self._prompts else whole[:0]
            shape = (len(own), whole.shape[1], max(own), whole.shape[3])
            memory = mmap.mmap(-1, 4 * math.prod(shape))
            spliced = np.frombuffer(memory, np.float32).reshape(shape)
            for row, (source, count) in enumerate(zip(self._sources, own, strict=True)):
                if count:
                    part = fresh[joining.index(row)] if source is None else whole[source]
                    spliced[row, :, -count:] = part[:, -count:]
            state.state = openvino.Tensor(spliced, shared_memory=True)
            # OpenVINO has converted the values, and holds on to the memory that they were in.
            memory.madvise(mmap.MADV_DONTNEED)
        self._timeline = Timeline(own, self._config.max_positions - 1)
        self._set_order(range(len(own)))

    def _read_prompts(self, request: Any, rows: Sequence[int]) -> Timeline:
        """Feed these rows' prompts to a request whose state is empty."""
        self._set_order(range(len(rows)), request)
        lengths = [self._length(row) for row in rows]
        timeline, longest = Timeline(lengths, self._config.max_positions - 1), max(lengths)
        if longest:
            shape = (len(lengths), longest, self._config.codebooks)
            ids = np.full(shape, self._config.start_token, dtype=np.int64)
            for place, (row, length) in enumerate(zip(rows, lengths, strict=True)):
                if length:
                    ids[place, -length:] = self._prompts[row].T
            # Nobody wants a prompt's logits.
            request.set_tensor("blend", tensor(np.zeros((1, len(lengths)), dtype=np.float32)))
            self._feed(request, ids, *timeline.prompts())
        return timeline

    def _length(self, row: int) -> int:
        return self._prompts[row].shape[1] if row in self._prompts else 0

    def _set_order(self, order: Sequence[int], request: Any = None) -> None:
        (request or self._request).set_tensor("order", tensor(np.array(order, dtype=np.int32)))

    def _feed(
        self, request: Any, ids: Columns, positions: npt.NDArray[np.int32], mask: Floats
    ) -> None:
        """Run the graph over ids [R, Q, K]."""
        request.set_tensor("ids", tensor(ids.astype(np.int32)))
        request.set_tensor("positions", tensor(positions))
        request.set_tensor("mask", tensor(mask))
        # The outputs are read from the request: copies of them would go unread.
        request.infer(share_outputs=True)
