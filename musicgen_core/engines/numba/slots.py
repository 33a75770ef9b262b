"""Where rows remember: a slot each, given back when they leave, in arrays that grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.numba.advancing import State
from musicgen_core.engines.numba.kept import VALUES, shapes
from musicgen_core.model.protocols import Floats

_COLUMNS = 256
"""What the time axis grows by."""


class Slots:
    """The kernels' state; a slot's row stands at any position, whatever the others do."""

    def __init__(self, config: DecoderConfig, kind: npt.DTypeLike, *, folded: bool) -> None:
        """Keep keys as float32 or in 8 or 16 bits, like the weights that make them.

        Texts' are as wide as a state where projections are `folded` into them.
        """
        shape, width = (0, config.layers, config.heads, 0), config.hidden // config.heads
        whole = np.dtype(kind).kind != "f"
        keys, values = shapes(width, whole=whole)
        scales = np.zeros(shape, np.float32)
        text = np.zeros((*shape, config.hidden if folded else width), np.float32)
        self.state = State(
            keys=np.zeros((*shape, *keys), kind),
            key_scales=scales,
            values=np.zeros((*shape, *values), VALUES if whole else kind),
            value_scales=scales,
            text_keys=text,
            text_values=text,
            text_lengths=np.zeros(0, np.int64),
        )
        self._free: list[int] = []

    def take(self, text: tuple[Floats, Floats] | None) -> int:
        """Return a slot for a row that attends to a text's keys and values [L, H, S, ...]."""
        length = 0 if text is None else text[0].shape[2]
        if not self._free:
            before = len(self.state.text_lengths)
            self._grow(max(2, 2 * before), 0, 0)
            self._free = list(range(before, len(self.state.text_lengths)))
        self._grow(0, 0, length)
        slot = self._free.pop(0)
        self.state.text_lengths[slot] = length
        if text is not None:
            (
                self.state.text_keys[slot, :, :, :length],
                self.state.text_values[slot, :, :, :length],
            ) = text
        return slot

    def leave(self, slot: int) -> None:
        """Give a slot back."""
        self._free.append(slot)

    def reach(self, columns: int) -> None:
        """Make room for so many columns."""
        if columns > self.state.keys.shape[3]:
            self._grow(0, -(-columns // _COLUMNS) * _COLUMNS, 0)

    def _grow(self, slots: int, columns: int, text: int) -> None:
        state = self.state
        lengths = np.zeros(max(slots, len(state.text_lengths)), np.int64)
        lengths[: len(state.text_lengths)] = state.text_lengths
        self.state = state._replace(
            keys=_grown(state.keys, slots, columns),
            key_scales=_grown(state.key_scales, slots, columns),
            # Two columns of whole numbers lie side by side.
            values=_grown(state.values, slots, columns // (state.values.ndim - 4)),
            value_scales=_grown(state.value_scales, slots, columns),
            text_keys=_grown(state.text_keys, slots, text),
            text_values=_grown(state.text_values, slots, text),
            text_lengths=lengths,
        )


def _grown(values: npt.NDArray[Any], slots: int, length: int) -> npt.NDArray[Any]:
    """Values [slots, L, H, length, ...] with at least so many slots, of at least that length."""
    before, layers, heads, known, *rest = values.shape
    if before >= slots and known >= length:
        return values
    grown = np.zeros((max(before, slots), layers, heads, max(known, length), *rest), values.dtype)
    grown[:before, :, :, :known] = values
    return grown
