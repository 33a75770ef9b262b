"""MusicGen's language model by compiled functions: where batches begin."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pickle import UnpicklingError

import numpy as np

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.engines.numba.advancing import Network
from musicgen_core.engines.numba.compiling import distrust
from musicgen_core.engines.numba.crew import Crew
from musicgen_core.engines.numba.decoder import NumbaDecoder
from musicgen_core.engines.numba.kept import VALUES
from musicgen_core.engines.numba.network import Texts, network
from musicgen_core.engines.numba.picking import candidates
from musicgen_core.engines.positions import check_reach
from musicgen_core.errors import ModelUnavailable
from musicgen_core.host import usable_cores
from musicgen_core.model.protocols import Floats

log = logging.getLogger(__name__)
_UNUSABLE = (
    *(UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError),
    *(OSError, RuntimeError),
)
"""What comes of damaged files; of a full disk, and of code that does not link."""
NARROW = 384
"""The hidden size up to which a model's weights stay in a core's reach from step to step."""
_NOTABLE = 3.0
"""Seconds that nobody waits without being told why."""


class NumbaLanguageModel:
    """The language model on a CPU, in as many threads as there are cores."""

    joinable = True

    def __init__(self, config: DecoderConfig, weights: Network, texts: Texts, crew: Crew) -> None:
        self._config, self._network, self._texts, self._crew = config, weights, texts, crew

    @property
    def cache_bytes_per_frame(self) -> int:
        """What is remembered of a frame of one clip, guided: keys and values of two rows."""
        key = self._network.attention.weights.itemsize
        numbers = key + (VALUES.itemsize if key < 4 else key)
        return (
            2 * self._config.layers * (self._config.hidden * numbers + 2 * self._config.heads * 4)
        )

    @property
    def codebooks(self) -> int:
        """K, the number of parallel streams."""
        return self._config.codebooks

    @property
    def start_token(self) -> int:
        """The id that stands for start and padding."""
        return self._config.start_token

    def begin(self, states: Sequence[Floats | None], positions: int) -> NumbaDecoder:
        """Start a batch of len(states) rows of at most `positions` columns each.

        Raises:
            InvalidRequest: the model has no such positions.
        """
        check_reach(self._config, positions)
        return NumbaDecoder(self._config, self._network, self._texts, self._crew, states)


def load_language_model(
    checkpoint: Checkpoint,
    precision: str = "int8",
    cores: int | None = None,
    narrow: int = NARROW,
) -> NumbaLanguageModel:
    """Read the language model in `precision` (int8, fp32), and compile what computes it.

    Up to a hidden size of `narrow` each thread computes rows of its own, in wider models its share
    of all.

    Compiling takes a quarter of a minute the first time; what it makes is kept on disk.

    Raises:
        ModelUnavailable: a tensor is missing, or there is no such precision or activation.
    """
    if precision not in {"int8", "fp32"}:
        raise ModelUnavailable(f"The engine numba runs in int8 or fp32, not in {precision}.")
    config, tensors = checkpoint.config.decoder, checkpoint.tensors
    folded = config.hidden <= narrow
    model = NumbaLanguageModel(
        config,
        network(config, tensors, precision, folded=folded),
        Texts.of(config, tensors, folded=folded),
        Crew(cores or usable_cores()),
    )
    started = time.monotonic()
    try:
        _first_step(model)
    except _UNUSABLE as exc:
        log.warning("What was compiled before is not to be used (%s); it is compiled again.", exc)
        distrust()
        _first_step(model)
    if (took := time.monotonic() - started) > _NOTABLE:
        log.info("The language model's functions were compiled in %.0f s, once.", took)
    return model


def _first_step(model: NumbaLanguageModel) -> None:
    """Compile all that a clip needs, or take it from disk."""
    logits = model.begin([None], 1).step(np.full((1, model.codebooks), model.start_token))
    candidates(logits[0], 1)
