"""MusicGen's language model through OpenVINO's graphs: where batches begin."""

from __future__ import annotations

from collections.abc import Sequence

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.decoder import OpenVINODecoder
from musicgen_core.engines.openvino.runtime import Compiled
from musicgen_core.engines.openvino.texts import TextReader
from musicgen_core.engines.positions import check_reach
from musicgen_core.model.protocols import Floats


class OpenVINOLanguageModel:
    """The language model on a CPU: `decoder_graph` and `text_graph`, compiled."""

    joinable = True

    def __init__(
        self,
        config: DecoderConfig,
        text_hidden: int,
        decoder: Compiled,
        text: Compiled,
        value_bytes: int,
    ) -> None:
        """Take the compiled graphs, and how many bytes a cached key or value has."""
        self._config, self._decoder = config, decoder
        self._reader = TextReader(text, text_hidden)

        self._value_bytes = value_bytes

    @property
    def cache_bytes_per_frame(self) -> int:
        """What is remembered of a frame of one clip, guided.

        Keys and values of every layer in two rows; and rows share a time axis, of which another
        half may be waste.
        """
        return 2 * self._config.layers * self._config.hidden * self._value_bytes * 2 * 2

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
        check_reach(self._config, positions)
        return OpenVINODecoder(self._decoder, self._reader, self._config, states)
