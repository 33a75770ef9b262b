"""A running batch of MusicGen's decoder whose rows join and leave, each at its own position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.arrays import SIXTEEN_BITS
from musicgen_core.engines.numba.advancing import Network, advance
from musicgen_core.engines.numba.crew import Crew, shares
from musicgen_core.engines.numba.layers import multiply
from musicgen_core.engines.numba.network import Texts
from musicgen_core.engines.numba.slots import Slots
from musicgen_core.model.protocols import Column, Floats

Numbers = npt.NDArray[np.int64]


class NumbaDecoder:
    """Rows, and where each stands."""

    def __init__(
        self,
        config: DecoderConfig,
        network: Network,
        texts: Texts,
        crew: Crew,
        states: Sequence[Floats | None],
    ) -> None:
        self._config, self._network, self._texts, self._crew = config, network, texts, crew
        sixteen_bits = network.attention.dtype != np.float32
        self._slots = Slots(config, SIXTEEN_BITS if sixteen_bits else 0)
        self._rows = np.zeros(0, np.int64)
        """Every row's slot."""
        self._at = np.zeros(0, np.int64)
        """The position of every row's next column."""
        self._prompts: dict[int, Numbers] = {}
        """By slot, columns [P, K] that are read when the next step comes."""
        self.rearrange([], states)

    def prefill(self, row: int, columns: Numbers) -> None:
        """Feed `columns` [K, P] to one row that is at position 0; no logits are returned.

        The columns are kept, and computed beside those of other new rows when the next step comes.

        Raises:
            RuntimeError: the row has made a step.
        """
        if self._at[row]:
            raise RuntimeError("A row's prompt is read before its first step.")
        self._prompts[int(self._rows[row])] = np.ascontiguousarray(columns.T, np.int64)

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        """Go on with the rows `keep`, in that order, and behind them new ones at position 0."""
        staying = [int(self._rows[row]) for row in keep]
        for slot in self._rows:
            if int(slot) not in staying:
                self._prompts.pop(int(slot), None)
                self._slots.leave(int(slot))
        texts = (None if states is None else self._texts.read(states) for states in joining)
        new = [self._slots.take(text) for text in texts]
        self._at = np.array([*self._at[list(keep)], *(0 for _ in new)], np.int64)
        self._rows = np.array([*staying, *new], np.int64)

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [N, K, V]."""
        self._read_prompts()
        # Another layout or type would be another function, to be compiled first.
        column = np.ascontiguousarray(column, np.int64)
        # A row that is done waits at the last position.
        at = np.minimum(self._at, self._config.max_positions - 1)
        self._slots.reach(int(at.max()) + 1)
        states = np.empty((len(at), self._config.hidden), np.float32)

        def part(rows: slice) -> None:
            states[rows] = advance(
                self._network, self._slots.state, column[rows], self._rows[rows], at[rows]
            )

        self._crew.run([partial(part, each) for each in shares(len(at), self._crew.size)])
        self._at = at + 1
        return self._logits(states if blend is None else blend @ states)

    def _logits(self, states: Floats) -> Floats:
        """Last states [N, E] -> logits [N, K, V], codebook by codebook."""
        heads, scales = self._network.heads, self._network.head_scales
        found = np.empty((len(heads), len(states), heads.shape[1]), np.float32)

        def part(books: slice) -> None:
            for weights, scale, logits in zip(
                heads[books], scales[books], found[books], strict=True
            ):
                multiply(states, weights, scale, logits)

        self._crew.run([partial(part, each) for each in shares(len(heads), self._crew.size)])
        return found.swapaxes(0, 1)

    def _read_prompts(self) -> None:
        """Feed the prompts that there are, each by one thread."""
        if not self._prompts:
            return
        self._slots.reach(max(map(len, self._prompts.values())))

        def read(slot: int, columns: Numbers) -> None:
            places = np.arange(len(columns))
            slots = np.full(len(columns), slot)
            advance(self._network, self._slots.state, columns, slots, places)

        self._crew.run([partial(read, *each) for each in self._prompts.items()])
        lengths = [len(self._prompts.get(int(slot), ())) for slot in self._rows]
        self._at, self._prompts = self._at + lengths, {}
