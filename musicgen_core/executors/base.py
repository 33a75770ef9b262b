"""What runs batches, as the service sees it, and what an executor runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from musicgen_core.errors import BackendError, MusicGenError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def contain(exc: Exception, doing: str) -> MusicGenError:
    """Return `exc` as an error fit for people; a surprise is logged with its traceback."""
    if isinstance(exc, MusicGenError):
        return exc
    log.error("%s failed", doing, exc_info=exc)
    return BackendError(f"{doing} failed ({type(exc).__name__}).")
