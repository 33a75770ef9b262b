"""Running until somebody stops it, and logging meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Any


def configure_logging(level: str) -> None:
    """Log to stderr, so that stdout stays for results."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr
    )


def set_aside() -> None:
    """Keep what is there out of later garbage collections, once a bot is up.

    It stays anyway; a full collection that looks through it holds the event loop up for 130 ms.
    """
    gc.collect()
    gc.freeze()


def serve(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` until it ends or Ctrl+C or SIGTERM stops it, which closes everything in order."""

    async def guarded() -> None:
        task = asyncio.current_task()
        if task is not None:
            with contextlib.suppress(NotImplementedError):  # no such handlers on Windows
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await main

    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(guarded())
