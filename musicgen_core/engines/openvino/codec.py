"""EnCodec on OpenVINO: every network is compiled once for windows of all lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from musicgen_core.checkpoint.config import CodecConfig, Side
from musicgen_core.engines.encodec.codec import EnCodec
from musicgen_core.engines.encodec.quantizer import ResidualQuantizer
from musicgen_core.engines.openvino.codec_graph import (
    downsampler_graph,
    frame_graph,
    lstm_graph,
    upsampler_graph,
)
from musicgen_core.engines.openvino.graphs import Graph
from musicgen_core.engines.openvino.runtime import Compiled, compiled
from musicgen_core.engines.openvino.weights import Weights
from musicgen_core.model.protocols import Floats


def codec(config: CodecConfig, tensors: Mapping[str, Floats]) -> EnCodec:
    """Build EnCodec.

    Raises:
        ModelUnavailable: a codebook is missing.
    """
    weights = Weights(tensors, eight_bit=False, prefix="audio_encoder.")
    quantizer = ResidualQuantizer.of(config.codebooks, weights.array)
    return EnCodec(config, OpenVINONetworks(config, weights), quantizer)


class OpenVINONetworks:
    """EnCodec's networks; see Networks."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._encoder = weights.below("encoder.layers.")
        self._decoder = weights.below("decoder.layers.")
        self._graphs: dict[tuple[Any, ...], tuple[Compiled, Any]] = {}

    def downsample(self, sound: Floats) -> Floats:
        """Samples [F, hop] -> frames [F, C]."""
        graph = self._graph(downsampler_graph, self._encoder)
        return _run(graph, sound=sound.reshape(-1))[0]

    def upsample(self, frames: Floats) -> Floats:
        """Frames [F, C] -> samples [F, hop]."""
        graph = self._graph(upsampler_graph, self._decoder)
        return _run(graph, frames=frames)[0].reshape(-1, self._config.hop)

    def convolve(self, side: Side, frames: Floats) -> Floats:
        """Padded frames [F + kernel - 1, C] -> [F, C']."""
        return _run(self._graph(frame_graph, self._side(side), side), frames=frames)[0]

    def recur(self, side: Side, frames: Floats, memory: Any) -> tuple[Floats, Any]:
        """Frames [F, C] and the LSTM's memory -> the same; memory None: none yet."""
        if memory is None:
            shape = (self._config.lstm_layers, self._config.width)
            memory = (np.zeros(shape, dtype=np.float32),) * 2
        graph = self._graph(lstm_graph, self._side(side), side)
        made, *memory = _run(graph, frames=frames, hidden=memory[0], cell=memory[1])
        return made, memory

    def _side(self, side: Side) -> Weights:
        return self._encoder if side == "encoder" else self._decoder

    def _graph(self, build: Callable[..., Any], weights: Weights, *side: Side) -> Any:
        """Return the request of a graph that is compiled when it is first met."""
        key = build, *side
        if key not in self._graphs:
            graph = compiled(Graph(build(self._config, weights, *side)))
            self._graphs[key] = graph, graph.request()
        return self._graphs[key][1]


def _run(request: Any, **inputs: Floats) -> list[Floats]:
    return [np.array(values) for values in request.infer(inputs).values()]
