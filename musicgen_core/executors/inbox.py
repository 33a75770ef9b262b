"""The child's ear: orders come in by a thread, so that the parent's end is heard at any time."""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from musicgen_core.executors.pipes import receive

Order = TypeVar("Order")
EXIT_GRACE = 2
"""Seconds that work in progress has to end when nobody wants it any more."""


class Inbox(Generic[Order]):
    """Hears orders in a thread, so that the parent's end is noticed in native code too."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders
        self._queue: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def next_orders(self, wait: bool) -> list[Order] | None:
        """Return what has come; None when there will be no more."""
        return drained(self._queue, wait=wait)

    def _listen(self) -> None:
        try:
            with contextlib.suppress(EOFError, OSError):
                while True:
                    self._queue.put(receive(self._orders))
        finally:
            # The parent closed the pipe or died. SIGALRM ends even a process stuck in native code.
            signal.alarm(EXIT_GRACE)
            self._queue.put(None)


def drained(orders: queue.SimpleQueue[Order | None], *, wait: bool) -> list[Order] | None:
    """Take all that is there, waiting for the first if told to; None if the end is among it."""
    found = [orders.get()] if wait else []
    while not orders.empty():
        found.append(orders.get())
    known = [order for order in found if order is not None]
    return known if len(known) == len(found) else None
