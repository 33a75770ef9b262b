"""What parent and child processes share: messages over a pipe, and how a child begins."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def send(pipe: Connection, message: object) -> None:
    """Send any picklable value; arrays travel beside the pickle, uncopied.

    Raises:
        OSError: the other side is gone.
    """
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    pipe.send_bytes(len(arrays).to_bytes(4, "little") + head)
    for array in arrays:
        pipe.send_bytes(array.raw())


def receive(pipe: Connection) -> Any:
    """Wait for the next message; its arrays are read-only.

    Unpickling arrays from the stream would hold the GIL, and with it the event loop, for as long
    as copying a clip takes; beside the pickle they arrive in small reads that release it.

    Raises:
        EOFError: the other side is gone.
    """
    head = pipe.recv_bytes()
    arrays = [pipe.recv_bytes() for _ in range(int.from_bytes(head[:4], "little"))]
    return pickle.loads(memoryview(head)[4:], buffers=arrays)  # noqa: S301 - from our own child


def enter(target: Callable[..., None], *args: object) -> None:
    """Begin a child process: leave Ctrl+C to the parent and stdout to the parent's results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.dup2(2, 1)
    target(*args)
