"""MusicGen's decoder as rows that each move at their own position through OpenVINO's graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.timeline import MASKED, Timeline
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.protocols import Column, Floats


class OpenVINOLanguageModel:
    """The language model on a CPU: `decoder_graph` and `text_graph`, compiled."""

    def __init__(
        self, config: DecoderConfig, text_hidden: int, decoder: Any, text: Any, memory: Any = None
    ) -> None:
        """Take the compiled graphs; `memory` is what their constants lie in, to be held."""
        self._config, self._text_hidden = config, text_hidden
        self._decoder, self._text, self._memory = decoder, text, memory

    @property
    def codebooks(self) -> int:
        """K, the number of parallel streams."""
        return self._config.codebooks

    @property
    def start_token(self) -> int:
        """The id that stands for start and padding."""
        return self._config.start_token

    def begin(self, states: Sequence[Floats | None], positions: int) -> OpenVINODecoder:
        """Start a batch of len(states) rows of at most `positions` columns each.

        Raises:
            InvalidRequest: the model has no such positions.
        """
        if positions > self._config.max_positions:
            raise InvalidRequest(
                f"The model reaches {self._config.max_positions} frames, not {positions}."
            )
        # A request of its own, so that the batch's cache goes with the batch.
        request = self._decoder.create_infer_request()
        for name, values in self._read(states).items():
            request.set_tensor(name, values)
        return OpenVINODecoder(request, self._config, len(states), positions)

    def _read(self, states: Sequence[Floats | None]) -> dict[str, Any]:
        """Return the inputs that hold the rows' texts; an unconditional row's are all zero."""
        longest = max((len(row) for row in states if row is not None), default=1)
        padded = np.zeros((len(states), longest, self._text_hidden), dtype=np.float32)
        real = np.zeros((len(states), longest, 1), dtype=np.float32)
        mask = np.zeros((len(states), 1, 1, longest), dtype=np.float32)
        for index, row in enumerate(states):
            if row is not None:
                padded[index, : len(row)], real[index, : len(row)] = row, 1
                mask[index, ..., len(row) :] = MASKED
        request = self._text.create_infer_request()
        request.infer({"states": padded, "real": real})
        names = [output.get_any_name() for output in self._text.outputs]
        return {name: request.get_tensor(name) for name in names} | {"text_mask": _tensor(mask)}


class OpenVINODecoder:
    """A running batch; every row's prompt goes in with one call, before the first step."""

    def __init__(self, request: Any, config: DecoderConfig, rows: int, positions: int) -> None:
        self._request, self._start_token = request, config.start_token
        self._last = max(positions, 1) - 1
        empty = np.zeros((config.codebooks, 0), dtype=np.int64)
        self._prompts: list[npt.NDArray[np.int64]] = [empty] * rows
        self._timeline: Timeline | None = None
        request.set_tensor("order", _tensor(np.arange(rows, dtype=np.int32)))

    def prefill(self, row: int, columns: npt.NDArray[np.int64]) -> None:
        """Feed `columns` [K, P] to one row that is at position 0; no logits are returned.

        The columns are kept, and computed with those of all rows when the first step comes.

        Raises:
            RuntimeError: the batch has made a step.
        """
        if self._timeline is not None:
            raise RuntimeError("A row's prompt comes before its batch's first step.")
        self._prompts[row] = columns

    def step(self, column: Column) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [R, K, V]."""
        if self._timeline is None:
            self._timeline = self._read_prompts()
        rows, books = column.shape
        self._feed(column[:, None], *self._timeline.step())
        # The next step writes into the same memory.
        logits: Floats = self._request.get_tensor("logits").data.reshape(rows, books, -1).copy()
        return logits

    def _read_prompts(self) -> Timeline:
        lengths = [prompt.shape[1] for prompt in self._prompts]
        timeline, longest = Timeline(lengths, self._last), max(lengths)
        if longest:
            shape = (len(lengths), longest, len(self._prompts[0]))
            ids = np.full(shape, self._start_token, dtype=np.int64)
            for row, prompt in enumerate(self._prompts):
                ids[row, longest - prompt.shape[1] :] = prompt.T
            self._feed(ids, *timeline.prompts())
        return timeline

    def _feed(
        self, ids: npt.NDArray[np.int64], positions: npt.NDArray[np.int32], mask: Floats
    ) -> None:
        """Run the graph over ids [R, Q, K]."""
        self._request.set_tensor("ids", _tensor(ids.astype(np.int32)))
        self._request.set_tensor("positions", _tensor(positions))
        self._request.set_tensor("mask", _tensor(mask))
        self._request.infer()


def _tensor(values: npt.NDArray[Any]) -> Any:
    """Return a tensor with memory of its own."""
    return openvino.Tensor(np.ascontiguousarray(values))
