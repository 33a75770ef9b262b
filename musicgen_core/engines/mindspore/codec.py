"""EnCodec on MindSpore: graphs for a few lengths, each compiled when it is first met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from musicgen_core.checkpoint.config import CodecConfig, Side
from musicgen_core.engines.encodec.codec import EnCodec
from musicgen_core.engines.encodec.quantizer import ResidualQuantizer
from musicgen_core.engines.mindspore.seanet import Downsampler, FrameConv, Recurrence, Upsampler
from musicgen_core.engines.mindspore.weights import Weights
from musicgen_core.model.protocols import Floats


def codec(config: CodecConfig, tensors: Mapping[str, Floats]) -> EnCodec:
    """Build EnCodec.

    Raises:
        ModelUnavailable: a codebook is missing.
    """
    weights = Weights(tensors, ms.float32, "audio_encoder.")
    quantizer = ResidualQuantizer.of(config.codebooks, weights.array)
    return EnCodec(config, MindSporeNetworks(config, weights), quantizer)


class MindSporeNetworks:
    """EnCodec's networks; see Networks."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._weights = {
            "encoder": weights.below("encoder.layers."),
            "decoder": weights.below("decoder.layers."),
        }
        self._graphs: dict[tuple[str, Side, int], Any] = {}

    def downsample(self, sound: Floats) -> Floats:
        """Samples [F, hop] -> frames [F, C]."""
        graph = self._graph("whole", "encoder", len(sound), self._downsampler)
        frames: Floats = graph.run(Tensor(sound.reshape(-1))).asnumpy()
        return frames

    def upsample(self, frames: Floats) -> Floats:
        """Frames [F, C] -> samples [F, hop]."""
        graph = self._graph("whole", "decoder", len(frames), self._upsampler)
        sound: Floats = graph.run(Tensor(frames)).asnumpy().reshape(-1, self._config.hop)
        return sound

    def convolve(self, side: Side, frames: Floats) -> Floats:
        """Padded frames [F + kernel - 1, C] -> [F, C']."""
        weights = self._weights[side].below(f"{self._config.frame_layer(side)}.")
        graph = self._graph(
            "conv", side, len(frames), lambda _: FrameConv(weights, elu=side == "encoder")
        )
        out: Floats = graph.run(Tensor(frames)).asnumpy()
        return out

    def recur(self, side: Side, frames: Floats, memory: Any) -> tuple[Floats, Any]:
        """Frames [F, C] and the LSTM's memory -> the same; memory None: none yet."""
        layers, width = self._config.lstm_layers, frames.shape[1]
        weights = self._weights[side].below(f"{self._config.lstm_layer(side)}.")
        graph = self._graph("lstm", side, 0, lambda _: Recurrence(weights, width, layers))
        if memory is None:
            memory = (Tensor(np.zeros((layers, 1, width), dtype=np.float32)),) * 2
        out, hidden, cell = graph.run(Tensor(frames), *memory)
        return out.asnumpy(), (hidden, cell)

    def _downsampler(self, frames: int) -> Downsampler:
        return Downsampler(self._config, self._weights["encoder"], frames)

    def _upsampler(self, frames: int) -> Upsampler:
        return Upsampler(self._config, self._weights["decoder"], frames)

    def _graph(self, name: str, side: Side, size: int, make: Callable[[int], Any]) -> Any:
        key = name, side, size
        if key not in self._graphs:
            self._graphs[key] = make(size)
        return self._graphs[key]
