"""MusicGen's language model through OpenVINO's graphs: where batches begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.decoder import OpenVINODecoder
from musicgen_core.engines.openvino.texts import TextReader
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.protocols import Floats


class OpenVINOLanguageModel:
    """The language model on a CPU: `decoder_graph` and `text_graph`, compiled."""

    joinable = True

    def __init__(
        self, config: DecoderConfig, text_hidden: int, decoder: Any, text: Any, memory: Any = None
    ) -> None:
        """Take the compiled graphs; `memory` is what their constants lie in, to be held."""
        self._config, self._decoder, self._memory = config, decoder, memory
        self._reader = TextReader(text, text_hidden)

    @property
    def codebooks(self) -> int:
        """K, the number of parallel streams."""
        return self._config.codebooks

    @property
    def start_token(self) -> int:
        """The id that stands for start and padding."""
        return self._config.start_token

    def begin(self, states: Sequence[Floats | None], positions: int) -> OpenVINODecoder:
        """Start a batch of len(states) rows of at most `positions` columns each.

        Raises:
            InvalidRequest: the model has no such positions.
        """
        if positions > self._config.max_positions:
            raise InvalidRequest(
                f"The model reaches {self._config.max_positions} frames, not {positions}."
            )
        return OpenVINODecoder(self._decoder, self._reader, self._config, states)
