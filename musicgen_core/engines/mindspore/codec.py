"""EnCodec for sound of any length: windows through graphs of a few fixed lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.engines.mindspore.codec_stream import DecoderParts, MindSporeCodecStream
from musicgen_core.engines.mindspore.codec_windows import (
    consecutive,
    decoder_margin,
    encoder_margin,
    overlapping,
    reflected,
)
from musicgen_core.engines.mindspore.quantizer import ResidualQuantizer
from musicgen_core.engines.mindspore.seanet import Downsampler, FrameConv, Recurrence, Upsampler
from musicgen_core.engines.mindspore.weights import Weights
from musicgen_core.model.protocols import Floats
from musicgen_core.requests import Codes, Samples


class MindSporeCodec:
    """Mono EnCodec; windowed output equals the whole signal's.

    It computes in float32 on every device: it runs once a clip, and sound shows rounding.
    """

    def __init__(self, config: CodecConfig, tensors: Mapping[str, Floats]) -> None:
        self._config = config
        self._weights = Weights(tensors, ms.float32, "audio_encoder.")
        self._quantizer = ResidualQuantizer(config, self._weights.below("quantizer."))
        self._graphs: dict[tuple[str, int], Any] = {}
        self._parts = self._decoder_parts()

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

    def stream(self, skip: int = 0) -> MindSporeCodecStream:
        """Begin to decode codes that arrive bit by bit; the first `skip` frames give no sound."""
        return MindSporeCodecStream(self._parts, skip)

    def encode(self, samples: Samples) -> Codes:
        """Samples [N], N a multiple of hop -> codes [K, N / hop]."""
        config, weights = self._config, self._weights.below("encoder.layers.")
        lstm = 1 + len(config.ratios) * (config.residual_layers + 2)
        sound = samples.reshape(-1, self.hop)
        width = config.filters << len(config.ratios)
        frames = np.empty((len(sound), width), dtype=np.float32)
        for window in overlapping(len(sound), encoder_margin(config)):
            graph = self._graph("down", window.size, lambda n: Downsampler(config, weights, n))
            window.keep(graph.run(Tensor(window.of(sound).reshape(-1))).asnumpy(), frames)
        frames = self._recur("encoder", frames, weights.below(f"{lstm}."))
        last = partial(FrameConv, weights.below(f"{lstm + 2}."), elu=True)
        return self._quantizer.encode(self._convolve("out", last, frames, config.last_kernel))

    def _decoder_parts(self) -> DecoderParts:
        config, weights = self._config, self._weights.below("decoder.layers.")

        def convolve(padded: Floats) -> Floats:
            size = len(padded) - config.kernel + 1
            first = self._graph("in", size, lambda _: FrameConv(weights.below("0."), elu=False))
            out: Floats = first.run(Tensor(padded)).asnumpy()
            return out

        def recur(frames: Floats, memory: Any) -> tuple[Floats, Any]:
            return self._recur_once("decoder", frames, weights.below("1."), memory)

        def upsample(frames: Floats) -> Floats:
            graph = self._graph("up", len(frames), lambda n: Upsampler(config, weights, n))
            sound: Floats = graph.run(Tensor(frames)).asnumpy().reshape(-1, config.hop)
            return sound

        return DecoderParts(
            lookup=self._quantizer.decode,
            convolve=convolve,
            recur=recur,
            upsample=upsample,
            kernel=config.kernel,
            margin=decoder_margin(config),
        )

    def _convolve(
        self, name: str, make: Callable[[], FrameConv], frames: Floats, kernel: int
    ) -> Floats:
        """Convolve frames [F, C] -> [F, C'], reflected at their ends."""
        index = reflected(len(frames), kernel // 2, (kernel - 1) // 2)
        padded = np.where(index[:, None] < 0, np.float32(0), frames[index])
        parts = []
        for window in consecutive(len(frames)):
            graph = self._graph(name, window.size, lambda _: make())
            taken = padded[window.start : window.start + window.size + kernel - 1]
            room = np.zeros((window.size + kernel - 1, frames.shape[1]), dtype=np.float32)
            room[: len(taken)] = taken
            parts.append(graph.run(Tensor(room)).asnumpy()[: window.keep_to - window.keep_from])
        return np.concatenate(parts)

    def _recur(self, name: str, frames: Floats, weights: Weights) -> Floats:
        """Run the LSTM over frames [F, C] with its memory carried from window to window."""
        memory, parts = None, []
        for window in consecutive(len(frames)):
            room = np.zeros((window.size, frames.shape[1]), dtype=np.float32)
            room[: window.keep_to - window.start] = frames[window.start : window.keep_to]
            out, memory = self._recur_once(name, room, weights, memory)
            parts.append(out[: window.keep_to - window.start])
        return np.concatenate(parts)

    def _recur_once(
        self, name: str, frames: Floats, weights: Weights, memory: Any
    ) -> tuple[Floats, Any]:
        """Frames [F, C] and the LSTM's memory -> the same; memory None: none yet."""
        layers, width = self._config.lstm_layers, frames.shape[1]
        graph = self._graph(name, 0, lambda _: Recurrence(weights, width, layers))
        if memory is None:
            memory = (Tensor(np.zeros((layers, 1, width), dtype=np.float32)),) * 2
        out, hidden, cell = graph.run(Tensor(frames), *memory)
        return out.asnumpy(), (hidden, cell)

    def _graph(self, name: str, size: int, make: Callable[[int], Any]) -> Any:
        if (name, size) not in self._graphs:
            self._graphs[name, size] = make(size)
        return self._graphs[name, size]
