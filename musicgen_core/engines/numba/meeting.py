"""Threads within one compiled function: who does what, and where all wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from musicgen_core.engines.numba.compiling import compiled_strictly
from musicgen_core.engines.numba.threads import arrive, give_way, seen

Meeting = npt.NDArray[np.int64]
"""How many have arrived at meetings so far, and whether it is called off."""
_PATIENCE = 4096
"""Looks before another thread may have the core: a few microseconds."""


def meeting() -> Meeting:
    """Make a place where threads meet during one call."""
    return np.zeros(2, np.int64)


def cut(count: int, unit: int, member: int, members: int) -> tuple[int, int]:
    """Return which of `count` numbers a member sees to: from the first on, up to the second.

    Shares begin at multiples of `unit`.
    """
    units = (count + unit - 1) // unit
    first, last = units * member // members * unit, units * (member + 1) // members * unit
    return min(first, count), min(last, count)


@compiled_strictly
def meet(place: Meeting, members: int, time: int) -> bool:  # pragma: no cover
    """Wait for all members to have come here for the `time`-th time; False: it is called off."""
    if members == 1:
        return True
    arrive(place)
    looks = 0
    while seen(place, 0) < members * time:
        looks += 1
        if looks % _PATIENCE == 0:
            if seen(place, 1):
                return False
            give_way()
    return True


@contextmanager
def expected(place: Meeting) -> Iterator[None]:
    """Send everybody home who waits when the block raises: somebody will not come."""
    try:
        yield
    except BaseException:
        place[1] = 1
        raise
