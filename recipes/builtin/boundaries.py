"""Whether frames can be heard to meet: the energy of jumps between samples there and elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recipes.builtin.batches import events_of
from recipes.builtin.voices import Codes


def jumps_at_boundaries(
    sound: npt.NDArray[np.float32], codes: Codes, reach: int = 1, hop: int = 640
) -> float:
    """Energy of sample-to-sample jumps up to `reach` from where frames meet, over that elsewhere.

    An attack is no fault of a boundary, nor is it what a boundary is to be compared with: where a
    note begins in either frame, the two are left out.
    """
    jumps = np.roll(np.diff(sound.astype(np.float64)) ** 2, -hop // 2)
    rows = jumps[: len(jumps) // hop * hop].reshape(-1, hop)
    begins = events_of(codes[None])[0, : len(rows) + 1]
    held = rows[: len(begins) - 1][~(begins[:-1] | begins[1:])]
    place = slice(hop // 2 - 1 - reach, hop // 2 + reach)
    return float(held[:, place].mean() / np.delete(held, np.r_[place], axis=1).mean())
