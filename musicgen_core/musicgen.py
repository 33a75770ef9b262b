"""MusicGen: a checkpoint, an engine, and one call that makes clips."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.model.protocols import Engine
from musicgen_core.model.session import LONGEST_SECONDS, Session
from musicgen_core.requests import (
    Clip,
    GenerationDefaults,
    GenerationRequest,
    ModelInfo,
    Progress,
    Samples,
)

log = logging.getLogger(__name__)


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
        choice = choice.fitted(checkpoint.config)
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
            cache_bytes_per_second=self._engine.cache_bytes_per_frame
            * codec.sample_rate
            // codec.hop,
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

    def session(self) -> Session:
        """Return what makes any number of requests at once, each joining when it likes."""
        return Session(self._checkpoint, self._engine, self._defaults)

    def generate(
        self,
        requests: Sequence[GenerationRequest],
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Clip]:
        """Make one clip for each request, all together.

        `progress` is called after every step; raise JobCancelled from it to stop.

        Raises:
            InvalidRequest: a request cannot be made by this checkpoint.
            JobCancelled: `progress` raised it.
        """
        session = self.session()
        takes = [session.start(request) for request in requests]

        def report() -> None:
            if progress is not None:
                progress(_joint([take.progress for take in takes]))

        while not session.idle:
            session.step(report)
            report()
        return [take.clip for take in takes if take.clip is not None]

    def stream(self, request: GenerationRequest) -> Iterator[Samples]:
        """Yield a clip's new part as it is made, float32 [channels, n] at `info.sample_rate`.

        The pieces together are what `generate` makes of the same request and seed; the first comes
        after less than a second of music, the later ones are of one or two seconds.

        Raises:
            InvalidRequest: the request cannot be made by this checkpoint.
        """
        session = self.session()
        take = session.start(request)
        heard = 0
        while not session.idle:
            session.step()
            piece = take.sound(heard)
            if piece.shape[1]:
                yield piece
                heard += piece.shape[1]


def _joint(parts: Sequence[Progress]) -> Progress:
    """The progress of the longest."""
    return Progress(max(part.done for part in parts), max(part.total for part in parts))
