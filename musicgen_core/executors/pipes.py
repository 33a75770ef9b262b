"""What parent and child processes share: messages over a pipe, and how a child begins."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np


def send(pipe: Connection, message: object) -> None:
    """Send any picklable value; arrays travel beside the pickle, uncopied.

    Raises:
        OSError: the other side is gone.
    """
    arrays: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    views = [array.raw() for array in arrays]
    pipe.send_bytes(pickle.dumps(([view.nbytes for view in views], body)))
    for view in views:
        sent = 0
        while sent < view.nbytes:
            sent += os.write(pipe.fileno(), view[sent:])


def receive(pipe: Connection) -> Any:
    """Wait for the next message.

    Whoever copies a clip while it holds the GIL stops the event loop for as long; here the system
    reads arrays into their place, which needs no GIL.

    Raises:
        EOFError: the other side is gone.
    """
    sizes, body = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own process
    arrays = [np.empty(size, np.uint8) for size in sizes]
    for array in arrays:
        got = 0
        while got < array.nbytes:
            if not (count := os.readv(pipe.fileno(), [array.data[got:]])):
                raise EOFError
            got += count
    return pickle.loads(body, buffers=arrays)  # noqa: S301


def enter(target: Callable[..., None], *args: object) -> None:
    """Begin a child process: leave Ctrl+C to the parent and stdout to the parent's results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.dup2(2, 1)
    target(*args)
