"""The child's side of ProcessExecutor: build a core once, then make batches until orders end."""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from musicgen_core.errors import JobCancelled, MusicGenError
from musicgen_core.executors.base import Core, contained
from musicgen_core.executors.pipes import receive, send
from musicgen_core.requests import Clip, GenerationRequest, Progress

REPORT_EVERY = 0.1
"""Seconds between two progress reports."""
EXIT_GRACE = 2
"""Seconds that a step in progress has to end when nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The order to make one clip per request."""

    requests: tuple[GenerationRequest, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """The order to drop the batch that is being made."""


def serve(
    orders: Connection, reports: Connection, factory: Callable[[], Core], log_level: int
) -> None:
    """Report ModelInfo, then for each Batch any number of Progress and one list[Clip].

    Where something fails, a MusicGenError is reported in place of ModelInfo or the clips.
    """
    logging.basicConfig(
        level=log_level, format="%(asctime)s worker %(levelname)s %(name)s: %(message)s"
    )
    inbox = Inbox(orders)
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        try:
            with contained("Loading the model"):
                core = factory()
                info = core.info
        except MusicGenError as error:
            send(reports, error)
            return
        send(reports, info)
        while (batch := inbox.next_batch()) is not None:
            send(reports, _make(core, batch, Reporter(reports, inbox)))


def _make(core: Core, batch: Batch, reporter: Reporter) -> list[Clip] | MusicGenError:
    try:
        with contained("Making the clip"):
            return core.generate(batch.requests, reporter)
    except MusicGenError as error:
        return error


class Inbox:
    """Hears orders in a thread, so that Cancel and the parent's end are noticed mid-batch."""

    def __init__(self, orders: Connection) -> None:
        self.cancelled = False
        self._orders = orders
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def next_batch(self) -> Batch | None:
        """Wait for a batch; None when there will be no more."""
        return self._batches.get()

    def _listen(self) -> None:
        try:
            with contextlib.suppress(EOFError, OSError):
                while True:
                    self._obey(receive(self._orders))
        finally:
            # The parent closed the pipe or died. SIGALRM ends even a process stuck in native code.
            signal.alarm(EXIT_GRACE)
            self.cancelled = True
            self._batches.put(None)

    def _obey(self, order: Batch | Cancel) -> None:
        if isinstance(order, Cancel):
            self.cancelled = True
        else:
            self.cancelled = False  # a Cancel may have come after its batch was done
            self._batches.put(order)


class Reporter:
    """Passes progress on, a few times a second and at the end; stops a cancelled batch."""

    def __init__(self, reports: Connection, inbox: Inbox) -> None:
        self._reports, self._inbox = reports, inbox
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        """Report `progress`.

        Raises:
            JobCancelled: nobody wants the batch any more.
        """
        if self._inbox.cancelled:
            raise JobCancelled
        now = time.monotonic()
        if now >= self._next or progress.done == progress.total:
            self._next = now + REPORT_EVERY
            send(self._reports, progress)
