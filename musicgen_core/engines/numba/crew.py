"""Threads that share a step: few pieces of work, each long enough to be worth a handover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

from musicgen_core.engines.numba.meeting import Meeting, expected


class Crew:
    """The calling thread and `size - 1` helpers, which sleep between calls."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._helpers = ThreadPoolExecutor(size - 1, "numba") if size > 1 else None

    def run(self, works: Sequence[Callable[[], None]]) -> None:
        """Do all of the works, the first of them here; what any of them raises is raised."""
        first, *others = works
        if self._helpers is None:
            for work in works:
                work()
            return
        running = [self._helpers.submit(work) for work in others]
        try:
            first()
        finally:
            troubles = [each.exception() for each in running]
        for trouble in troubles:
            if trouble is not None:
                raise trouble

    def meet(self, works: Sequence[Callable[[], None]], place: Meeting) -> None:
        """Do `size` works that wait for each other at a meeting, each in a thread of its own."""

        def attend(work: Callable[[], None]) -> None:
            with expected(place):
                work()

        with expected(place):
            self.run([partial(attend, work) for work in works])


def shares(count: int, parts: int) -> list[slice]:
    """Cut 0 to count - 1 into at most so many slices of about the same length."""
    parts = max(1, min(parts, count))
    bounds = [count * part // parts for part in range(parts + 1)]
    return [slice(first, last) for first, last in pairwise(bounds)]
