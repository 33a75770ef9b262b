"""Rows that stand at positions of their own on one time axis that they share.

The graph's state has one column in every row for each that was fed. Prompts of different lengths
end together: in front of a shorter one are columns that its row never sees.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from musicgen_core.model.protocols import Floats

MASKED = -1e9
"""Added to scores that attention must not see; exp of it is 0 in float32, and no NaN comes of it
where a row has nothing to see."""

Positions = npt.NDArray[np.int32]


class Timeline:
    """Counts columns; `last` is the position at which a row that is done waits."""

    def __init__(self, own: Sequence[int], last: int) -> None:
        """Start with each row's number of columns, which end together."""
        self.length, self._last = max(own, default=0), last
        self._starts = self.length - np.array(own, dtype=np.int64)

    @property
    def own(self) -> list[int]:
        """How many columns each row has of its own."""
        return [int(count) for count in self.length - self._starts]

    def prompts(self) -> tuple[Positions, Floats]:
        """Return positions [R, P] and mask [R, 1, P, P] of all prompts side by side."""
        columns = np.arange(self.length)
        positions = np.maximum(columns - self._starts[:, None], 0).astype(np.int32)
        future = columns > columns[:, None]
        return positions, _masked(future | self._before(columns)[:, None, None])

    def step(self) -> tuple[Positions, Floats]:
        """Return positions [R, 1] and mask [R, 1, 1, T] of the next column and move on."""
        positions = np.minimum(self.length - self._starts, self._last).astype(np.int32)
        self.length += 1
        before = self._before(np.arange(self.length))
        return positions[:, None], _masked(before[:, None, None])

    @property
    def waste(self) -> int:
        """Columns at the beginning that no row sees any more."""
        return self.length - max(self.own, default=self.length)

    def rearrange(self, rows: Sequence[int | None]) -> None:
        """Go on with these rows; None is a new one, which begins here."""
        starts = [self.length if row is None else self._starts[row] for row in rows]
        self._starts = np.array(starts, dtype=np.int64)

    def _before(self, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Tell which columns lie in front of each row's start, [R, T]."""
        before: npt.NDArray[np.bool_] = columns < self._starts[:, None]
        return before


def _masked(hidden: npt.NDArray[np.bool_]) -> Floats:
    return np.where(hidden, np.float32(MASKED), np.float32(0))
