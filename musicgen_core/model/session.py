"""Requests that are made together, each beginning and ending when it likes."""

from __future__ import annotations

from collections.abc import Callable

from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.prompts import prepare
from musicgen_core.model.protocols import Engine
from musicgen_core.model.take import Maker, Take
from musicgen_core.model.windows import Window
from musicgen_core.requests import GenerationDefaults, GenerationRequest

LONGEST_SECONDS = 300.0
"""Beyond this, sliding windows have nothing left of how the clip began."""


class Session:
    """A model at work on any number of requests; not for two threads at once."""

    def __init__(
        self, checkpoint: Checkpoint, engine: Engine, defaults: GenerationDefaults
    ) -> None:
        self._checkpoint, self._engine, self._defaults = checkpoint, engine, defaults
        decoder = checkpoint.config.decoder
        self._maker = Maker(checkpoint.name, decoder.channels, engine)
        self._window = Window.of(min(defaults.max_length, decoder.max_positions))
        self._ensemble = engine.ensemble()
        self._takes: list[Take] = []

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be made."""
        return not self._takes

    def start(self, request: GenerationRequest) -> Take:
        """Begin a clip; it moves on with every step.

        Raises:
            InvalidRequest: the request cannot be made by this checkpoint.
        """
        if request.seconds > LONGEST_SECONDS:
            raise InvalidRequest(
                f"The longest clip is {LONGEST_SECONDS:g} s, not {request.seconds:g} s."
            )
        prepared = prepare(
            self._checkpoint, self._engine.codec, self._defaults, self._window, request
        )
        take = Take(self._maker, prepared, self._window, self._ensemble)
        self._takes.append(take)
        return take

    def stop(self, take: Take) -> None:
        """Make no more of a clip."""
        take.leave()
        self._takes = [other for other in self._takes if other is not take]

    def step(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Advance every clip by a column; one that is done has its `clip` then.

        An engine that makes whole clips only calls `meanwhile` after each of its steps.
        """
        self._ensemble.step(meanwhile)
        for take in self._takes:
            take.advance()
        self._takes = [take for take in self._takes if take.clip is None]
