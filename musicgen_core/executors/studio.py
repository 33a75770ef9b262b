"""Makes the clips that are ordered, all at once, and looks for new orders between two steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from musicgen_core.errors import BackendError, JobCancelled, MusicGenError
from musicgen_core.executors.base import Core, contained
from musicgen_core.executors.orders import Ended, Moved, Order, Report, Start
from musicgen_core.requests import Clip, GenerationRequest

if TYPE_CHECKING:
    from musicgen_core.model.take import Take

REPORT_EVERY = 0.1
"""Seconds between two progress reports of a clip."""

Orders: TypeAlias = Callable[[bool], Sequence[Order] | None]
"""Return the orders that came, waiting for one if told to; None: there will be no more."""


class Studio:
    """A core at work until orders end.

    Args:
        core: what makes clips.
        orders: where orders come from.
        report: takes what becomes of them.
        preview_seconds: how much of a clip is reported as soon as it is made; 0: nothing.
        exercises: clips that are made for nobody, one after the other while nothing is ordered, so
            that what is compiled when it is first met is compiled by then; one that is being made
            is given up when an order comes.
    """

    def __init__(
        self,
        core: Core,
        orders: Orders,
        report: Callable[[Report], None],
        *,
        preview_seconds: float = 0.0,
        exercises: Sequence[GenerationRequest] = (),
    ) -> None:
        self._core, self._orders, self._report = core, orders, report
        self._preview_seconds = preview_seconds
        self._session = core.session()
        self._exercises = list(exercises)
        """Those to come."""
        self._exercise: Take | None = None
        self._takes: dict[int, Take] = {}
        self._told: dict[int, int] = {}
        """Of each clip, how many frames were reported last."""
        self._previewed: set[int] = set()
        self._next_report = 0.0
        self._over = False

    def work(self) -> None:
        """Make what is ordered; what is not done when orders end is given up."""
        while not self._over:
            self._look(wait=not self._busy)
            if not self._over and self._busy:
                self._step()
        for key in list(self._takes):
            self._end(key, JobCancelled())

    @property
    def _busy(self) -> bool:
        return bool(self._takes or self._exercise or self._exercises)

    def _look(self, *, wait: bool) -> None:
        orders = self._orders(wait) if not self._over else None
        self._over = orders is None
        if orders and self._exercise is not None:
            self._session.stop(self._exercise)
            self._exercise = None
        for order in orders or ():
            if isinstance(order, Start):
                self._start(order)
            elif order.key in self._takes:  # else it ended before the order came
                self._session.stop(self._takes[order.key])
                self._end(order.key, JobCancelled())

    def _start(self, order: Start) -> None:
        try:
            with contained("Making the clip"):
                self._takes[order.key] = self._session.start(order.request)
        except MusicGenError as error:
            self._end(order.key, error)

    def _step(self) -> None:
        try:
            with contained("Making the clip"):
                if self._exercises and not self._takes and self._exercise is None:
                    self._exercise = self._session.start(self._exercises.pop(0))
                self._session.step(self._between)
        except MusicGenError as error:
            self._fail(error)
        self._tell()

    def _between(self) -> None:
        """Where a step is long, hear orders within it."""
        self._look(wait=False)
        if self._over:
            for take in self._takes.values():
                self._session.stop(take)
        self._tell()

    def _fail(self, error: MusicGenError) -> None:
        """End all that were made together; whose fault it was is not known."""
        if len(self._takes) > 1 and not isinstance(error, BackendError):
            error = BackendError(str(error))
        for key in list(self._takes):
            self._end(key, error)
        self._session, self._exercise = self._core.session(), None
        self._exercises = []

    def _tell(self) -> None:
        """Report how far clips are, now and then, and those that are done."""
        due = (now := time.monotonic()) >= self._next_report
        for key, take in list(self._takes.items()):
            done = take.progress.done
            if (due or take.clip is not None) and done != self._told.get(key):
                self._told[key], self._next_report = done, now + REPORT_EVERY
                self._report(Moved(key, replace(take.progress, preview=self._preview(key, take))))
            if take.clip is not None:
                self._end(key, take.clip)
        if self._exercise is not None and self._exercise.clip is not None:
            self._exercise = None

    def _preview(self, key: int, take: Take) -> Clip | None:
        """Return the first seconds of a clip the first time they are there."""
        if not self._preview_seconds or key in self._previewed or take.clip is not None:
            return None
        preview = take.preview(self._preview_seconds)
        self._previewed |= {key} if preview is not None else set()
        return preview

    def _end(self, key: int, outcome: Clip | MusicGenError) -> None:
        self._takes.pop(key, None)
        self._told.pop(key, None)
        self._previewed.discard(key)
        self._report(Ended(key, outcome))
