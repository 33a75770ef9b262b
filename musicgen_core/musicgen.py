"""MusicGen: a checkpoint, an engine, and one call that makes clips."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.errors import InvalidRequest
from musicgen_core.model import generate as model_generate
from musicgen_core.model.protocols import Engine, OnProgress
from musicgen_core.requests import (
    Clip,
    GenerationDefaults,
    GenerationRequest,
    ModelInfo,
    Progress,
)

log = logging.getLogger(__name__)

LONGEST_SECONDS = 300.0
"""Beyond this, sliding windows have nothing left of how the clip began."""


class MusicGen:
    """A loaded MusicGen (Copet et al. 2023)."""

    def __init__(self, checkpoint: Checkpoint, engine: Engine) -> None:
        self._checkpoint, self._engine = checkpoint, engine
        self._defaults = checkpoint.defaults

    @classmethod
    def load(
        cls,
        name: str = "builtin",
        *,
        engine: str = "auto",
        precision: str = "auto",
        attention_cache: str = "auto",
        hub_endpoint: str | None = None,
        cache_dir: Path | None = None,
    ) -> MusicGen:
        """Load `builtin`, a checkpoint folder, or a model of the hub.

        Raises:
            ModelUnavailable: it cannot be used here; the text names the file and the remedy.
        """
        choice = choose_engine(engine, precision, attention_cache)
        checkpoint = load_checkpoint(name, hub_endpoint=hub_endpoint, cache_dir=cache_dir)
        log.info("%s on %s (%s): %s", checkpoint.name, choice.engine, choice.precision, choice.why)
        return cls(checkpoint, choice.create(checkpoint))

    @property
    def info(self) -> ModelInfo:
        """What this model is and can do."""
        checkpoint, codec = self._checkpoint, self._engine.codec
        return ModelInfo(
            name=checkpoint.name,
            engine=self._engine.name,
            precision=self._engine.precision,
            sample_rate=codec.sample_rate,
            channels=checkpoint.config.decoder.channels,
            frame_rate=codec.sample_rate / codec.hop,
            max_seconds=LONGEST_SECONDS,
            license=checkpoint.license,
            note=checkpoint.note,
            languages=checkpoint.languages,
        )

    @property
    def defaults(self) -> GenerationDefaults:
        """The checkpoint's generation config; assign a changed one for later calls.

        `core.defaults = core.defaults.replace(guidance_scale=4.0)`
        """
        return self._defaults

    @defaults.setter
    def defaults(self, defaults: GenerationDefaults) -> None:
        self._defaults = defaults

    def generate(
        self, requests: Sequence[GenerationRequest], progress: OnProgress | None = None
    ) -> list[Clip]:
        """Make one clip for each request, in one batch.

        `progress` is called after every step; raise JobCancelled from it to stop.

        Raises:
            InvalidRequest: a request cannot be made by this checkpoint.
            JobCancelled: `progress` raised it.
        """
        for request in requests:
            if request.seconds > LONGEST_SECONDS:
                raise InvalidRequest(
                    f"The longest clip is {LONGEST_SECONDS:g} s, not {request.seconds:g} s."
                )
        return model_generate.generate(
            self._checkpoint, self._engine, self._defaults, requests, progress or _ignore
        )


def _ignore(progress: Progress) -> None:
    """Nobody watches."""
