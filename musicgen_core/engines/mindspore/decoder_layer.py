"""One layer of MusicGen's decoder, and the norm and activation it is made with."""

from __future__ import annotations

from typing import Any

from mindspore import ops

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.mindspore.attention import CrossAttention, RowLinear, SelfAttention
from musicgen_core.engines.mindspore.buckets import BatchShape
from musicgen_core.engines.mindspore.cache import Cache
from musicgen_core.engines.mindspore.weights import Graph, Weights

_EPSILON = 1e-5


class DecoderLayer(Graph):
    """Self-attention, cross-attention and a feed-forward part, each behind a layer norm."""

    def __init__(
        self,
        config: DecoderConfig,
        weights: Weights,
        shape: BatchShape,
        own: Cache,
        text: Cache,
        index: int,
    ) -> None:
        super().__init__()
        self.attention = SelfAttention(config, weights.below("self_attn."), shape, own, index)
        self.cross = CrossAttention(config, weights.below("encoder_attn."), shape, text, index)
        self.attention_norm = LayerNorm(weights.below("self_attn_layer_norm."))
        self.cross_norm = LayerNorm(weights.below("encoder_attn_layer_norm."))
        self.dense_norm = LayerNorm(weights.below("final_layer_norm."))
        self.inner, self.outer = weights.take("fc1.weight"), weights.take("fc2.weight")
        self.linear = RowLinear(shape)
        self.activation = activation(config.activation)

    def construct(self, states: Any, place: Any, text_mask: Any) -> Any:
        """States [N, hidden] -> [N, hidden]; N is R or Q, `place` comes from the graph's top."""
        states = states + self.attention(self.attention_norm(states), place)
        states = states + self.cross(self.cross_norm(states), place, text_mask)
        inner = self.activation(self.linear(self.dense_norm(states), self.inner))
        return states + self.linear(inner, self.outer)


class LayerNorm(Graph):
    """PyTorch's LayerNorm over the last axis."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.weight, self.bias = weights.take("weight"), weights.take("bias")
        self.norm = ops.LayerNorm(1, 1, _EPSILON)

    def construct(self, states: Any) -> Any:
        """States [N, hidden] -> [N, hidden]."""
        return self.norm(states, self.weight, self.bias)[0]


class ExactGelu(Graph):
    """x Φ(x) by the error function; MindSpore's GeLU primitive is the tanh approximation."""

    def construct(self, x: Any) -> Any:
        """Any shape -> the same shape."""
        return 0.5 * x * (1.0 + ops.erf(x * 0.7071067811865476))


def activation(name: str) -> Any:
    """Return the feed-forward part's activation by its name in the config."""
    known = {"gelu": ExactGelu, "gelu_new": ops.GeLU, "relu": ops.ReLU}
    return known[name]()
