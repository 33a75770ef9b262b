"""A running batch of MusicGen's decoder whose rows join and leave, each at its own position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.numba.advancing import Desk, Network, advance, desk, share_of
from musicgen_core.engines.numba.crew import Crew, shares
from musicgen_core.engines.numba.linear import room, transform
from musicgen_core.engines.numba.meeting import cut
from musicgen_core.engines.numba.network import Texts
from musicgen_core.engines.numba.slots import Slots
from musicgen_core.engines.numba.vectors import PACKED
from musicgen_core.model.protocols import Column, Floats

Numbers = npt.NDArray[np.int64]
_AT_HAND = 32
"""Columns, of a few thousand bytes each."""


class Run(NamedTuple):
    """N columns that are fed at once, those of a slot in order."""

    columns: Numbers
    """[N, K]"""
    slots: Numbers
    positions: Numbers

    def blocks(self) -> Iterator[Run]:
        """Cut into as many columns as stay at hand while weights go by."""
        for first in range(0, len(self.slots), _AT_HAND):
            part = slice(first, first + _AT_HAND)
            yield Run(self.columns[part], self.slots[part], self.positions[part])


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
        self._slots = Slots(config, network.attention.weights.dtype, folded=network.folded)
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
        parts = shares(len(at), self._crew.size) if self._network.folded else [slice(0, len(at))]
        found = self._feed([Run(column[part], self._rows[part], at[part]) for part in parts])
        states = np.concatenate(found)
        self._at = at + 1
        return self._logits(states if blend is None else blend @ states)

    def _read_prompts(self) -> None:
        """Feed the prompts that there are."""
        if not self._prompts:
            return
        self._slots.reach(max(map(len, self._prompts.values())))
        self._feed(
            [
                Run(columns, np.full(len(columns), slot), np.arange(len(columns)))
                for slot, columns in self._prompts.items()
            ]
        )
        lengths = [len(self._prompts.get(int(slot), ())) for slot in self._rows]
        self._at, self._prompts = self._at + lengths, {}

    def _feed(self, runs: Sequence[Run]) -> list[Floats]:
        """Feed runs of columns, each of rows of its own -> their last states [N, E]."""
        if not self._network.folded:
            return [self._feed_together(run) for run in runs]
        found: list[Floats] = [np.empty(0, np.float32)] * len(runs)

        def alone(which: int, run: Run) -> None:
            made = []
            for block in run.blocks():
                own = desk(self._network, len(block.slots))
                self._advance(block, own, 0, 1)
                made.append(own.mixed)
            found[which] = np.concatenate(made)

        self._crew.run([partial(alone, *each) for each in enumerate(runs)])
        return found

    def _feed_together(self, run: Run) -> Floats:
        # Behind the last column that has a text none is computed for it.
        untold = self._slots.state.text_lengths[run.slots] == 0
        order = np.argsort(untold, kind="stable")
        made = []
        for block in Run(*(part[order] for part in run)).blocks():
            common, size = desk(self._network, len(block.slots)), self._crew.size
            works = [partial(self._advance, block, common, m, size) for m in range(size)]
            self._crew.meet(works, common.meeting)
            made.append(common.mixed)
        found: Floats = np.concatenate(made)[np.argsort(order)]
        return found

    def _advance(self, run: Run, common: Desk, member: int, members: int) -> None:
        network, state = self._network, self._slots.state
        own = share_of(network, state, len(run.slots), member, members)
        advance(network, state, *run, common, own)

    def _logits(self, states: Floats) -> Floats:
        """Last states [N, E] -> logits [N, K, V]."""
        (weights,), (scales,) = self._network.heads
        size, (count, width) = self._crew.size, states.shape
        found = np.empty((count, len(scales)), np.float32)

        def part(member: int) -> None:
            first, last = cut(len(scales), PACKED, member, size)
            transform(states, room(count, width), weights, scales, first, last, found)

        self._crew.run([partial(part, member) for member in range(size)])
        return found.reshape(count, self._config.codebooks, -1)
