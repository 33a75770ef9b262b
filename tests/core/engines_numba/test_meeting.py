"""Threads that wait for each other within compiled functions."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.engines.numba.compiling import compiled_strictly
from musicgen_core.engines.numba.crew import Crew
from musicgen_core.engines.numba.meeting import cut, meet, meeting

pytestmark = pytest.mark.models


@compiled_strictly
def relay(place, members: int, member: int, rounds: int, seen) -> int:
    """Write one's own number and, behind a meeting, read everybody's; how often one was missed."""
    missed = 0
    for time in range(1, rounds + 1):
        seen[member] = time
        if not meet(place, members, 2 * time - 1):
            return -1
        for other in range(members):
            if seen[other] != time:
                missed += 1
        if not meet(place, members, 2 * time):
            return -1
    return missed


@pytest.mark.parametrize("members", [1, 2, 5])
def test_what_was_written_before_a_meeting_is_read_behind_it(members: int) -> None:
    place, seen, missed = meeting(), np.zeros(members, np.int64), [-2] * members

    def run(member: int) -> None:
        missed[member] = relay(place, members, member, 300, seen)

    Crew(members).meet([lambda m=m: run(m) for m in range(members)], place)
    assert missed == [0] * members


@pytest.mark.parametrize("late", [0, 1])
def test_who_waits_for_somebody_who_fails_is_sent_home(late: int) -> None:
    place, seen, found = meeting(), np.zeros(2, np.int64), []

    def fail() -> None:
        raise MemoryError("no room for a desk")

    def wait() -> None:
        found.append(relay(place, 2, 0, 1, seen))

    works = [wait, fail] if late else [fail, wait]
    with pytest.raises(MemoryError, match="no room for a desk"):
        Crew(2).meet(works, place)
    assert found == [-1]


def test_shares_are_whole_units_and_leave_nothing_out() -> None:
    assert [cut(33, 4, member, 2) for member in range(2)] == [(0, 16), (16, 33)]
    assert [cut(3, 1, member, 5) for member in range(5)] == [(0, 0), (0, 1), (1, 1), (1, 2), (2, 3)]
    assert cut(10, 4, 0, 1) == (0, 10)
