"""The child's side of ProcessExecutor: build a core once, then make clips until orders end."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection

import numpy as np

from musicgen_core.errors import MusicGenError
from musicgen_core.executors.base import Core, contained
from musicgen_core.executors.inbox import Inbox
from musicgen_core.executors.orders import Order
from musicgen_core.executors.pipes import send
from musicgen_core.executors.studio import Studio
from musicgen_core.hearing import hear
from musicgen_core.requests import AudioPrompt, GenerationRequest, Samples

NAMED = "120 bpm, A minor"
EXERCISED = {"openvino", "numba", "mindspore"}
"""Engines that compile what they first meet; MindNLP's compiles nothing and takes minutes."""


def serve(
    orders: Connection,
    reports: Connection,
    factory: Callable[[], Core],
    log_level: int,
    preview_seconds: float = 0.0,
) -> None:
    """Report ModelInfo, then what becomes of the orders.

    Where the model cannot be loaded, a MusicGenError is reported in place of ModelInfo.
    """
    logging.basicConfig(
        level=log_level, format="%(asctime)s worker %(levelname)s %(name)s: %(message)s"
    )
    inbox: Inbox[Order] = Inbox(orders)
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        try:
            with contained("Loading the model"):
                core = factory()
                info = core.info
        except MusicGenError as error:
            send(reports, error)
            return
        send(reports, info)
        exercised = info.engine in EXERCISED
        if exercised:
            threading.Thread(target=prick_up_ears, name="ears", daemon=True).start()
        Studio(
            core,
            inbox.next_orders,
            partial(send, reports),
            preview_seconds=preview_seconds,
            exercises=exercises() if exercised else (),
        ).work()


def exercises() -> list[GenerationRequest]:
    """Return clips in which EnCodec meets all sizes of its windows, both ways.

    What is compiled for an audio prompt holds up an order that comes meanwhile, so it is done bit
    by bit. Prompts name tempo and key, for which nobody listens then: ears begin by themselves.
    """
    heard = [AudioPrompt(hiss(count), 32_000) for count in (6_400, 25_600, 96_000)]
    return [
        GenerationRequest("a short exercise", seconds=4.0, seed=0),
        *(GenerationRequest(NAMED, seconds=0.02, seed=0, audio=prompt) for prompt in heard),
    ]


def prick_up_ears() -> None:
    """Resample and listen: what that imports takes seconds, in which a thread holds up nobody."""
    hear(hiss(96_000), 44_100, sure=False)


def hiss(count: int) -> Samples:
    """Return quiet noise [2, count]."""
    return np.random.default_rng(0).uniform(-0.1, 0.1, (2, count)).astype(np.float32)
