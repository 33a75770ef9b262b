"""What rows attend to of their texts: cross-attention's keys and values, computed once a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import openvino

from musicgen_core.engines.openvino.runtime import Compiled
from musicgen_core.engines.openvino.timeline import MASKED
from musicgen_core.model.protocols import Floats

RowText = Mapping[str, Floats]
"""Of one row, every layer's `keys.i` and `values.i`, each [heads, S, width]."""


class TextReader:
    """Runs `text_graph`."""

    def __init__(self, graph: Compiled, text_hidden: int) -> None:
        self._graph, self._text_hidden = graph, text_hidden
        self._names = graph.outputs()

    def read(self, states: Sequence[Floats | None]) -> list[RowText]:
        """Rows' states [S, text_hidden] -> their keys and values; None is all zero, S = 1."""
        if not states:
            return []
        lengths = [1 if row is None else len(row) for row in states]
        padded = np.zeros((len(states), max(lengths), self._text_hidden), dtype=np.float32)
        real = np.zeros((len(states), max(lengths), 1), dtype=np.float32)
        for index, row in enumerate(states):
            if row is not None:
                padded[index, : len(row)], real[index, : len(row)] = row, 1
        request = self._graph.request()
        request.infer({"states": padded, "real": real}, share_outputs=True)
        self._graph.release()
        found = {name: request.get_tensor(name).data for name in self._names}
        return [
            {name: values[index, :, :length].copy() for name, values in found.items()}
            for index, length in enumerate(lengths)
        ]


def text_inputs(rows: Sequence[RowText]) -> dict[str, Any]:
    """Return the decoder graph's inputs for rows side by side, padding masked."""
    lengths = [next(iter(row.values())).shape[1] for row in rows]
    inputs = {}
    for name, (heads, _, width) in ((n, v.shape) for n, v in rows[0].items()):
        joined = np.zeros((len(rows), heads, max(lengths), width), dtype=np.float32)
        for index, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            joined[index, :, :length] = row[name]
        inputs[name] = tensor(joined)
    columns = np.arange(max(lengths))
    mask = np.where(columns < np.array(lengths)[:, None], np.float32(0), np.float32(MASKED))
    return inputs | {"text_mask": tensor(mask[:, None, None])}


def tensor(values: Any) -> Any:
    """Return a tensor with memory of its own."""
    return openvino.Tensor(np.ascontiguousarray(values))
