"""A spawned process with a pipe each way, used from asyncio without ever blocking it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from musicgen_core.errors import WorkerLost
from musicgen_core.executors.pipes import enter, receive, send
from musicgen_core.host import child_environment, inherited, usable_cores

log = logging.getLogger(__name__)

_GONE = object()


class Child:
    """The parent's side; `target(orders, reports, *args)` runs in the child until orders end.

    Orders leave through one thread and reports come in through another, so neither a large clip
    nor a child that does not read can hold up the event loop.
    """

    def __init__(
        self, name: str, target: Callable[..., None], *args: object, threads: int | None = None
    ) -> None:
        """Start it; its libraries keep to `threads`, None: to the cores that can be used."""
        self.name = name
        self._threads = usable_cores() if threads is None else threads
        context = multiprocessing.get_context("spawn")
        orders, self._orders = context.Pipe(duplex=False)
        self._reports, reports = context.Pipe(duplex=False)
        # Not a daemon: those may have no children, and compilers of device kernels have some.
        self._process = context.Process(
            target=enter, args=(target, orders, reports, *args), name=name
        )
        with orders, reports:  # the child has copies; only theirs may keep the pipes open
            self._launch()
        self._closing = self._ended = False
        self._outbox = ThreadPoolExecutor(1, thread_name_prefix=f"to {name}")
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        threading.Thread(
            target=self._read, args=(asyncio.get_running_loop(),), name=f"from {name}", daemon=True
        ).start()

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs and is meant to."""
        return not (self._closing or self._ended) and self._process.is_alive()

    async def send(self, order: object) -> None:
        """Send an order; it arrives even if the caller is cancelled meanwhile.

        Raises:
            WorkerLost: the child is gone.
        """
        if self._closing:
            raise WorkerLost(f"The {self.name} is closed.")
        sent = asyncio.wrap_future(self._outbox.submit(send, self._orders, order))
        # Who was cancelled does not ask, and asyncio complains of what nobody asked.
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.shield(sent)
        except OSError as exc:
            raise WorkerLost(self._obituary()) from exc

    async def receive(self) -> Any:
        """Wait for the next report.

        Raises:
            WorkerLost: the child is gone.
        """
        report = await self._inbox.get()
        if report is _GONE:
            self._inbox.put_nowait(_GONE)  # for whoever asks again
            raise WorkerLost(self._obituary())
        return report

    def kill(self) -> None:
        """End the child now; whoever waits for it gets WorkerLost."""
        self._ended = True  # the system takes its time
        self._process.kill()

    async def close(self, grace: float = 2.0) -> None:
        """End the orders, give the child `grace` seconds to leave, then kill it."""
        if not self._closing:
            self._closing = True
            # In the thread that writes: closed under a write in progress, the descriptor could be
            # another file's by the time of the next.
            self._outbox.submit(self._orders.close)
            self._outbox.shutdown(wait=False)
        await asyncio.to_thread(self._end, grace)
        atexit.unregister(self._process.kill)

    def _launch(self) -> None:
        # The mask is inherited: Ctrl+C must not reach the child before it ignores it itself.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with inherited(child_environment(self._threads)):
                self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        atexit.register(self._process.kill)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        # RuntimeError: the loop was closed before the child.
        with self._reports, contextlib.suppress(RuntimeError):
            try:
                while True:
                    loop.call_soon_threadsafe(self._inbox.put_nowait, receive(self._reports))
            except (EOFError, OSError):
                self._ended = True
                self._process.join(1.0)
            except RuntimeError:
                raise
            except Exception:
                log.exception("The %s sent something unreadable", self.name)
                self.kill()
            loop.call_soon_threadsafe(self._inbox.put_nowait, _GONE)

    def _end(self, grace: float) -> None:
        self._process.join(grace)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _obituary(self) -> str:
        code = self._process.exitcode
        if code is None:
            return f"The {self.name} went silent."
        if code < 0:
            return f"The {self.name} was ended by {signal.Signals(-code).name}."
        return f"The {self.name} ended with exit code {code}."
