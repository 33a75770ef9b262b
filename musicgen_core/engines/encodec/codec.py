"""EnCodec for sound of any length, in windows that any runtime's networks can carry."""

from __future__ import annotations

import numpy as np

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.engines.encodec.networks import Networks
from musicgen_core.engines.encodec.quantizer import ResidualQuantizer
from musicgen_core.engines.encodec.stream import EnCodecStream
from musicgen_core.engines.encodec.windows import consecutive, encoder_margin, overlapping, padded
from musicgen_core.model.protocols import Floats
from musicgen_core.requests import Codes, Samples


class EnCodec:
    """Mono EnCodec; windowed output equals the whole signal's.

    It computes in float32 on every device: it runs once a clip, and sound shows rounding.
    """

    def __init__(
        self, config: CodecConfig, networks: Networks, quantizer: ResidualQuantizer
    ) -> None:
        self._config, self._networks, self._quantizer = config, networks, quantizer

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return self._config.sample_rate

    @property
    def hop(self) -> int:
        """Samples per frame."""
        return self._config.hop

    def decode(self, codes: Codes) -> Samples:
        """Codes [K, F] -> samples [F * hop]."""
        stream = self.stream()
        return np.concatenate([stream.feed(codes), stream.finish()])

    def stream(self, skip: int = 0) -> EnCodecStream:
        """Begin to decode codes that arrive bit by bit; the first `skip` frames give no sound."""
        return EnCodecStream(self._config, self._networks, self._quantizer, skip)

    def encode(self, samples: Samples) -> Codes:
        """Samples [N], N a multiple of hop -> codes [K, N / hop]."""
        config = self._config
        sound = samples.reshape(-1, self.hop)
        frames = np.empty((len(sound), config.width), dtype=np.float32)
        for window in overlapping(len(sound), encoder_margin(config)):
            window.keep(self._networks.downsample(window.of(sound)), frames)
        return self._quantizer.encode(self._convolve(self._recur(frames)))

    def _convolve(self, frames: Floats) -> Floats:
        """Frames [F, C] -> [F, C'], reflected at their ends."""
        kernel = self._config.last_kernel
        whole = padded(frames, kernel)
        parts = []
        for window in consecutive(len(frames)):
            taken = whole[window.start : window.start + window.size + kernel - 1]
            room = np.zeros((window.size + kernel - 1, frames.shape[1]), dtype=np.float32)
            room[: len(taken)] = taken
            made = self._networks.convolve("encoder", room)
            parts.append(made[: window.keep_to - window.keep_from])
        return np.concatenate(parts)

    def _recur(self, frames: Floats) -> Floats:
        """Run the LSTM over frames [F, C] with its memory carried from window to window."""
        memory, parts = None, []
        for window in consecutive(len(frames)):
            room = np.zeros((window.size, frames.shape[1]), dtype=np.float32)
            room[: window.keep_to - window.start] = frames[window.start : window.keep_to]
            out, memory = self._networks.recur("encoder", room, memory)
            parts.append(out[: window.keep_to - window.start])
        return np.concatenate(parts)
