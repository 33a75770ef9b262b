"""The graphs of MusicGen's decoder: a step, a chunk of an audio prompt, the text's cache."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.mindspore.attention import RowLinear
from musicgen_core.engines.mindspore.buckets import MASKED, BatchShape, context_of
from musicgen_core.engines.mindspore.cache import Cache
from musicgen_core.engines.mindspore.decoder_layer import DecoderLayer, LayerNorm
from musicgen_core.engines.mindspore.weights import Graph, Weights
from musicgen_core.engines.positions import sinusoids
from musicgen_core.model.protocols import Floats


class DecoderStack(Graph):
    """Embeddings of ids [N, K] at positions [N], and all layers over them."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, own: Cache, text: Cache
    ) -> None:
        super().__init__()
        body = weights.below("decoder.model.decoder.")
        names = [f"embed_tokens.{k}.weight" for k in range(config.codebooks)]
        self.embedding = body.join(names)
        self.positions = body.constant("positions", lambda: table(config))
        self.offsets = Tensor(np.arange(config.codebooks, dtype=np.int32) * (config.vocab_size + 1))
        self.layers = nn.CellList(
            [
                DecoderLayer(config, body.below(f"layers.{i}."), shape, own, text, i)
                for i in range(config.layers)
            ]
        )

    def construct(self, ids: Any, positions: Any, place: Any, text_mask: Any) -> Any:
        """Return states [N, hidden] before the last norm."""
        tokens = ops.gather(self.embedding, ids + self.offsets, 0).sum(1)
        states = tokens + ops.gather(self.positions, positions, 0)
        for layer in self.layers:
            states = layer(states, place, text_mask)
        return states


class StepGraph(Graph):
    """One column [R, K] for every row at its own position -> logits [R, K * V] in float32."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, own: Cache, text: Cache
    ) -> None:
        super().__init__()
        self.stack = DecoderStack(config, weights, shape, own, text)
        self.norm = LayerNorm(weights.below("decoder.model.decoder.layer_norm."))
        names = [f"decoder.lm_heads.{k}.weight" for k in range(config.codebooks)]
        self.head, self.linear = weights.join(names), RowLinear(shape)
        lanes = shape.rows * config.heads
        self.shape, self.lanes = (shape.rows, config.heads), lanes
        self.starts = Tensor(np.arange(lanes, dtype=np.int32) * shape.context)
        self.time = Tensor(np.arange(shape.context, dtype=np.int32)[None, None])

    def construct(self, ids: Any, positions: Any, text_mask: Any) -> Any:
        """Ids [R, K], positions [R], mask [R * heads, 1, S]."""
        each = ops.tile(positions.reshape(-1, 1), (1, self.shape[1])).reshape(self.lanes)
        future = ops.cast(self.time > each.reshape(self.lanes, 1, 1), ms.float32) * MASKED
        states = self.stack(ids, positions, (self.starts + each, future, None), text_mask)
        return ops.cast(self.linear(self.norm(states), self.head), ms.float32)


class ChunkGraph(Graph):
    """Q columns [Q, K] of one row's audio prompt: fills its cache, gives no logits."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, own: Cache, text: Cache
    ) -> None:
        super().__init__()
        self.stack = DecoderStack(config, weights, shape, own, text)
        self.context, self.heads = shape.context, config.heads
        self.lane = Tensor(np.arange(config.heads, dtype=np.int32)[:, None])
        self.time = Tensor(np.arange(shape.context, dtype=np.int32)[None, None])

    def construct(self, ids: Any, positions: Any, row: Any, text_mask: Any) -> Any:
        """Ids [Q, K], positions [Q], row [1], mask [1, 1, S]."""
        lanes = (row * self.heads + self.lane) * self.context
        entries = (lanes + positions.reshape(1, -1)).reshape(-1)
        future = ops.cast(self.time > positions.reshape(1, -1, 1), ms.float32) * MASKED
        return self.stack(ids, positions, (entries, future, row), text_mask)[0, 0]


class TextGraph(Graph):
    """One row's states [S, text_hidden] -> every layer's cross-attention keys and values."""

    def __init__(
        self, config: DecoderConfig, weights: Weights, shape: BatchShape, text: Cache
    ) -> None:
        super().__init__()
        self.project = "enc_to_dec_proj.weight" in weights
        self.weight = weights.take("enc_to_dec_proj.weight") if self.project else None
        self.bias = weights.take("enc_to_dec_proj.bias") if self.project else None
        layers = [
            weights.below(f"decoder.model.decoder.layers.{i}.encoder_attn.")
            for i in range(config.layers)
        ]
        self.k = ms.ParameterTuple([layer.take("k_proj.weight") for layer in layers])
        self.v = ms.ParameterTuple([layer.take("v_proj.weight") for layer in layers])
        self.keys, self.values = text.keys, text.values
        self.count, self.dtype = config.layers, weights.dtype
        self.split = (shape.text, config.heads, config.hidden // config.heads)
        self.linear = ops.MatMul(transpose_b=True)
        self.write = ops.ScatterUpdate()

    def construct(self, states: Any, real: Any, row: Any) -> Any:
        """States [S, text_hidden], real [S, 1] of 1 and 0, row [1]; padding projects to zero."""
        if self.project:
            states = self.linear(ops.cast(states, self.dtype), self.weight) + self.bias
        states = ops.cast(states * real, self.dtype)
        for i in range(self.count):
            self.write(self.keys[i], row, self.heads_of(states, self.k[i]))
            self.write(self.values[i], row, self.heads_of(states, self.v[i]))
        return row

    def heads_of(self, states: Any, weight: Any) -> Any:
        """States [S, hidden] -> one flat entry [1, heads * S * width]."""
        return self.linear(states, weight).reshape(self.split).transpose(1, 0, 2).reshape(1, -1)


def table(config: DecoderConfig) -> Floats:
    """Return the positions of the longest context that a graph can be compiled for."""
    return sinusoids(context_of(config.max_positions), config.hidden)
