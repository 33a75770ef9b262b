"""What makes clips, as the service sees it, and what an executor runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from musicgen_core.errors import BackendError, MusicGenError
from musicgen_core.requests import Clip, GenerationRequest, ModelInfo, Progress

if TYPE_CHECKING:
    from musicgen_core.model.session import Session

log = logging.getLogger(__name__)


class Core(Protocol):
    """A loaded model; MusicGen is one."""

    @property
    def info(self) -> ModelInfo:
        """What the model is and can do."""
        ...

    def session(self) -> Session:
        """Return what makes requests together, each beginning and ending when it likes."""
        ...


class Executor(Protocol):
    """Where clips are made, any number at once."""

    async def start(self) -> ModelInfo:
        """Load the model unless it is loaded.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        ...

    async def generate(
        self, request: GenerationRequest, on_progress: Callable[[Progress], None]
    ) -> Clip:
        """Make a clip beside those that are made; cancelling the awaiting task stops it in a step.

        Raises:
            InvalidRequest: the request cannot be made.
            WorkerLost: the worker died while it made the clip.
            BackendError: the model failed, or failed at another clip that was made beside it.
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
