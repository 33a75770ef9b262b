"""T5's encoder (Raffel et al. 2020), for prompts of any length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.config import TextConfig
from musicgen_core.engines.openvino.graphs import Graph, GraphStore
from musicgen_core.engines.openvino.runtime import Compiled, compiled
from musicgen_core.engines.openvino.weights import Weights, constant, op
from musicgen_core.engines.positions import relative_buckets
from musicgen_core.model.protocols import Floats

_NARROW = 512
"""An encoder of this width takes no time with any weights, and eight bits would only move it."""


class OpenVINOTextEncoder:
    """Runs T5 on a CPU; it is compiled when the first prompt comes."""

    def __init__(
        self, config: TextConfig, tensors: Mapping[str, Floats], store: GraphStore | None = None
    ) -> None:
        """Take the weights; `store` keeps the graph in its precision, None in float32, nowhere."""
        self._config, self._store = config, store
        rounded = store is not None and store.precision == "int8"
        eight_bit = rounded and config.hidden > _NARROW
        self._weights = Weights(tensors, eight_bit=eight_bit, prefix="text_encoder.")
        self._graph: Compiled | None = None

    def encode(self, ids: Sequence[int]) -> Floats:
        """Token ids of one prompt, end token included -> states [S, text_hidden]."""
        if self._graph is None:
            self._graph = compiled(self._built())
        request = self._graph.request()
        buckets = relative_buckets(self._config, len(ids))
        request.infer({"ids": np.array(ids, dtype=np.int32), "buckets": buckets})
        self._graph.release()
        states: Floats = request.get_tensor("states").data.copy()
        return states

    def _built(self) -> Graph:
        if self._store is None:
            return Graph(t5_graph(self._config, self._weights))
        return self._store.graph("t5", lambda: t5_graph(self._config, self._weights))


def t5_graph(config: TextConfig, weights: Weights) -> Any:
    """Build the graph: `ids` int32 [S], `buckets` int32 [S, S] -> `states` float32 [S, hidden].

    It follows transformers' T5Stack.

    Raises:
        ModelUnavailable: a tensor is missing.
    """
    ids = op.parameter([-1], np.int32, name="ids")
    buckets = op.parameter([-1, -1], np.int32, name="buckets")
    for parameter in (ids, buckets):
        parameter.output(0).set_names({parameter.get_friendly_name()})
    first = weights.below("encoder.block.0.layer.0.SelfAttention.")
    table = first.constant("relative_attention_bias.weight")
    bias = op.transpose(op.gather(table, buckets, constant(0)), constant([2, 0, 1]))
    states = op.gather(weights.constant("shared.weight"), ids, constant(0))
    for i in range(config.layers):
        states = _layer(config, weights.below(f"encoder.block.{i}."), states, bias)
    states = _norm(config, weights, states, "encoder.final_layer_norm.weight")
    result = op.result(states)
    result.output(0).set_names({"states"})
    return openvino.Model([result], [ids, buckets], "t5_encoder")


def _layer(config: TextConfig, weights: Weights, states: Any, bias: Any) -> Any:
    """States [S, hidden] and bias [heads, S, S] -> states [S, hidden]."""
    normed = _norm(config, weights, states, "layer.0.layer_norm.weight")
    mixed = _attention(config, weights.below("layer.0.SelfAttention."), normed, bias)
    states = op.add(states, mixed)
    normed = _norm(config, weights, states, "layer.1.layer_norm.weight")
    return op.add(states, _feed_forward(config, weights.below("layer.1.DenseReluDense."), normed))


def _attention(config: TextConfig, weights: Weights, states: Any, bias: Any) -> Any:
    """Self-attention whose scores are not scaled: T5's weights are."""
    heads, width = config.heads, config.head_dim
    # Scores that are not scaled are large, and 8 bits would move them far: see sharpness.py.
    exact = {"q": weights.in_float32(), "k": weights.in_float32()}

    def split(name: str) -> Any:
        made = exact.get(name, weights).linear(states, f"{name}.weight")
        parts = op.reshape(made, constant([0, heads, width]), True)
        return op.transpose(parts, constant([1, 0, 2]))

    scores = op.add(op.matmul(split("q"), split("k"), False, True), bias)
    mixed = op.matmul(op.softmax(scores, -1), split("v"), False, False)
    joined = op.reshape(
        op.transpose(mixed, constant([1, 0, 2])), constant([0, heads * width]), True
    )
    return weights.linear(joined, "o.weight")


def _feed_forward(config: TextConfig, weights: Weights, states: Any) -> Any:
    """relu(x W) V, or with a gate gelu(x W) * (x U) V (T5 1.1, Flan-T5)."""
    inner = weights.linear(states, "wi_0.weight" if config.gated else "wi.weight")
    # T5 calls the tanh approximation gelu_new.
    inner = op.relu(inner) if config.activation == "relu" else op.gelu(inner, "tanh")
    if config.gated:
        inner = op.multiply(inner, weights.linear(states, "wi_1.weight"))
    return weights.linear(inner, "wo.weight")


def _norm(config: TextConfig, weights: Weights, states: Any, name: str) -> Any:
    """Scale by the root of the mean square over the last axis (Zhang and Sennrich 2019)."""
    mean = op.reduce_mean(op.multiply(states, states), constant([-1]), True)
    root = op.sqrt(op.add(mean, constant(np.float32(config.epsilon))))
    return op.multiply(op.divide(states, root), weights.constant(name))
