"""T5's encoder (Raffel et al. 2020) for prompts of any length, one graph per length bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops

from musicgen_core.checkpoint.config import TextConfig
from musicgen_core.engines.mindspore.buckets import MASKED, bucket_of
from musicgen_core.engines.mindspore.weights import Graph, Weights
from musicgen_core.engines.positions import relative_buckets
from musicgen_core.model.protocols import Floats


class MindSporeTextEncoder:
    """Runs T5 in graph mode; padding up to the bucket's length changes nothing."""

    def __init__(self, config: TextConfig, tensors: Mapping[str, Floats], dtype: Any) -> None:
        self._config = config
        self._weights = Weights(tensors, dtype, "text_encoder.")
        self._graphs: dict[int, T5] = {}

    def encode(self, ids: Sequence[int]) -> Floats:
        """Token ids of one prompt, end token included -> states [S, text_hidden]."""
        length = bucket_of(len(ids))
        if length not in self._graphs:
            self._graphs[length] = T5(self._config, self._weights, length)
        padded = np.zeros(length, dtype=np.int32)
        padded[: len(ids)] = ids
        mask = np.where(np.arange(length) < len(ids), 0.0, MASKED).astype(np.float32)
        states: Floats = (
            self._graphs[length].run(Tensor(padded), Tensor(mask[None, None])).asnumpy()
        )
        return states[: len(ids)]


class T5(Graph):
    """Ids [S] and an additive mask [1, 1, S] -> states [S, hidden], always float32."""

    def __init__(self, config: TextConfig, weights: Weights, length: int) -> None:
        super().__init__()
        self.embedding = weights.take("shared.weight")
        attention = "encoder.block.0.layer.0.SelfAttention."
        self.bias = weights.take(attention + "relative_attention_bias.weight")
        self.distances = Tensor(relative_buckets(config, length))
        self.layers = nn.CellList(
            [
                T5Layer(config, weights.below(f"encoder.block.{i}."), length)
                for i in range(config.layers)
            ]
        )
        self.norm = RMSNorm(weights.take("encoder.final_layer_norm.weight"), config.epsilon)

    def construct(self, ids: Any, mask: Any) -> Any:
        """Follow transformers' T5Stack."""
        states = ops.gather(self.embedding, ids, 0)
        bias = ops.gather(self.bias, self.distances, 0).transpose(2, 0, 1)
        # Softmax takes the mask in float32: -1e9 has no place in float16.
        bias = ops.cast(bias, ms.float32) + mask
        for layer in self.layers:
            states = layer(states, bias)
        return ops.cast(self.norm(states), ms.float32)


class T5Layer(Graph):
    """Self-attention without scaling, then a feed-forward part, both behind an RMS norm."""

    def __init__(self, config: TextConfig, weights: Weights, length: int) -> None:
        super().__init__()
        attention, dense = weights.below("layer.0."), weights.below("layer.1.")
        self.norm = RMSNorm(attention.take("layer_norm.weight"), config.epsilon)
        self.q = attention.take("SelfAttention.q.weight")
        self.k = attention.take("SelfAttention.k.weight")
        self.v = attention.take("SelfAttention.v.weight")
        self.o = attention.take("SelfAttention.o.weight")
        self.dense = FeedForward(config, dense.below("DenseReluDense."))
        self.dense_norm = RMSNorm(dense.take("layer_norm.weight"), config.epsilon)
        self.split = (length, config.heads, config.head_dim)
        self.joined = (length, config.heads * config.head_dim)
        self.linear = ops.MatMul(transpose_b=True)
        self.scores = ops.BatchMatMul(transpose_b=True)
        self.mix = ops.BatchMatMul()
        self.softmax = ops.Softmax(-1)

    def heads(self, states: Any, weight: Any) -> Any:
        """States [S, hidden] -> [heads, S, head_dim]."""
        return self.linear(states, weight).reshape(self.split).transpose(1, 0, 2)

    def construct(self, states: Any, bias: Any) -> Any:
        """States [S, hidden] and bias [heads, S, S] -> states [S, hidden]."""
        normed = self.norm(states)
        scores = self.scores(self.heads(normed, self.q), self.heads(normed, self.k))
        shares = ops.cast(self.softmax(ops.cast(scores, ms.float32) + bias), states.dtype)
        mixed = self.mix(shares, self.heads(normed, self.v))
        states = states + self.linear(mixed.transpose(1, 0, 2).reshape(self.joined), self.o)
        return states + self.dense(self.dense_norm(states))


class FeedForward(Graph):
    """relu(x W) V, or with a gate gelu(x W) * (x U) V (T5 1.1, Flan-T5)."""

    def __init__(self, config: TextConfig, weights: Weights) -> None:
        super().__init__()
        self.gated = config.gated
        self.inner = weights.take("wi_0.weight" if config.gated else "wi.weight")
        self.gate = weights.take("wi_1.weight") if config.gated else None
        self.outer = weights.take("wo.weight")
        self.linear = ops.MatMul(transpose_b=True)
        # GeLU is the tanh approximation, which T5 calls gelu_new.
        self.activation = ops.ReLU() if config.activation == "relu" else ops.GeLU()

    def construct(self, states: Any) -> Any:
        """States [S, hidden] -> [S, hidden]."""
        inner = self.activation(self.linear(states, self.inner))
        if self.gated:
            inner = inner * self.linear(states, self.gate)
        return self.linear(inner, self.outer)


class RMSNorm(Graph):
    """Scale by the root of the mean square over the last axis (Zhang and Sennrich 2019)."""

    def __init__(self, weight: Any, epsilon: float) -> None:
        super().__init__()
        self.weight, self.epsilon = weight, epsilon

    def construct(self, states: Any) -> Any:
        """States [S, hidden] -> [S, hidden]; the mean is taken in float32."""
        wide = ops.cast(states, ms.float32)
        scale = ops.rsqrt((wide * wide).mean(-1, keep_dims=True) + self.epsilon)
        return ops.cast(wide * scale, states.dtype) * self.weight
