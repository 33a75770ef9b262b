"""What runs batches, as the service sees it, and what an executor runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from musicgen_core.errors import BackendError, MusicGenError
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo, Progress

log = logging.getLogger(__name__)


class Core(Protocol):
    """A loaded model; MusicGen is one."""

    @property
    def info(self) -> ModelInfo:
        """What the model is and can do."""
        ...

    def generate(
        self, requests: Sequence[GenerationRequest], progress: Callable[[Progress], None]
    ) -> list[Clip]:
        """Make one clip per request, calling `progress` after every step.

        Raises:
            InvalidRequest: one of the requests cannot be made.
            JobCancelled: `progress` raised it.
        """
        ...


class Executor(Protocol):
    """Where batches run, one at a time."""

    async def start(self) -> ModelInfo:
        """Load the model.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        ...

    async def generate(
        self, requests: Sequence[GenerationRequest], on_progress: Callable[[Progress], None]
    ) -> list[Clip]:
        """Make one clip per request; cancelling the awaiting task stops it within a step.

        Raises:
            InvalidRequest: one of the requests cannot be made.
            WorkerLost: the worker died while it held the batch.
            BackendError: the model failed.
        """
        ...

    async def close(self) -> None:
        """Stop what runs and free the model, within seconds."""
        ...


@contextmanager
def contained(doing: str) -> Iterator[None]:
    """Let only MusicGenError out; a surprise is logged with its traceback and told in short."""
    try:
        yield
    except MusicGenError:
        raise
    except Exception as exc:
        log.exception("%s failed", doing)
        raise BackendError(f"{doing} failed ({type(exc).__name__}).") from exc
