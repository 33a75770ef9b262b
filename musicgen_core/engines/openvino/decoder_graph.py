"""The graph of MusicGen's decoder: columns of every row in, logits of each row's last one out.

Its inputs, for R rows of Q columns that see T columns, Q new ones included:
`ids` int32 [R, Q, K], `positions` int32 [R, Q], `mask` float32 [R, 1, Q, T] added to scores,
`order` int32 [R] (0 to R - 1), `blend` float32 [N, R] (by which the rows' last states are summed),
`text_mask` float32 [R, 1, 1, S], and for every layer i the text's `keys.i` and `values.i` float32
[R, heads, S, width], as text_graph makes them. Its output: `logits` float32 [N, K * V].
The keys and values of the columns so far are the graph's state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.weights import Weights, constant, op
from musicgen_core.engines.positions import sinusoids
from musicgen_core.engines.sharpness import is_sharp
from musicgen_core.errors import ModelUnavailable

_ACTIVATIONS = {
    "gelu": lambda x: op.gelu(x, "erf"),
    "gelu_new": lambda x: op.gelu(x, "tanh"),
    "relu": op.relu,
}
_ADVICE = ["mindjam", "cache"]
_NARROW = 512


def decoder_graph(config: DecoderConfig, weights: Weights) -> Any:
    """Build the openvino.Model from a checkpoint's weights.

    Raises:
        ModelUnavailable: a tensor is missing, or the activation is none that is known.
    """
    return DecoderGraph(config, weights).model()


def advised_cache(model: Any) -> str:
    """Return what a decoder's graph is best run with: its own cache in u8, f16 or f32."""
    advice: str = model.get_rt_info(_ADVICE).astype(str)
    return advice


class DecoderGraph:
    """Builds the graph layer by layer, after transformers' MusicgenDecoder."""

    def __init__(self, config: DecoderConfig, weights: Weights) -> None:
        if config.activation not in _ACTIVATIONS:
            raise ModelUnavailable(
                f"The engine openvino does not know the activation {config.activation}."
            )
        self._config, self._weights = config, weights
        self._split = (config.heads, config.hidden // config.heads)
        self._inputs: list[Any] = []
        self._states: list[Any] = []
        self._sharp = False
        self._ids = self._input("ids", [-1, -1, config.codebooks], np.int32)
        self._positions = self._input("positions", [-1, -1], np.int32)
        self._order = self._input("order", [-1], np.int32)
        self._mask = self._input("mask", [-1, 1, -1, -1], np.float32)
        self._blend = self._input("blend", [-1, -1], np.float32)
        self._text_mask = self._input("text_mask", [-1, 1, 1, -1], np.float32)

    def model(self) -> Any:
        """Return the finished graph."""
        config, body = self._config, self._weights.below("decoder.model.decoder.")
        states = self._embedded(body)
        for i in range(config.layers):
            states = self._layer(states, body.below(f"layers.{i}."), i)
        # A prompt's columns are fed for their keys and values: only the last one's logits count.
        last = body.norm(op.gather(states, constant(-1), constant(1)), "layer_norm")
        summed = op.matmul(self._blend, last, False, False)
        names = [f"decoder.lm_heads.{k}.weight" for k in range(config.codebooks)]
        logits = self._weights.linear(summed, *names)
        result = op.result(logits)
        result.output(0).set_names({"logits"})
        graph = openvino.Model([result], self._states, self._inputs, "musicgen_decoder")
        # Told here because a graph from disk comes without the weights' original values.
        advice = "f32" if not self._weights.eight_bit else "f16" if self._sharp else "u8"
        graph.set_rt_info(advice, _ADVICE)
        return graph

    def _input(self, name: str, shape: list[int], dtype: Any) -> Any:
        parameter = op.parameter(shape, dtype, name=name)
        parameter.output(0).set_names({name})
        self._inputs.append(parameter)
        return parameter

    def _embedded(self, body: Weights) -> Any:
        """Ids and positions -> states [R, Q, hidden]."""
        config, zero = self._config, constant(0)
        table = body.constant(*(f"embed_tokens.{k}.weight" for k in range(config.codebooks)))
        offsets = np.arange(config.codebooks, dtype=np.int32) * (config.vocab_size + 1)
        tokens = op.gather(table, op.add(self._ids, constant(offsets)), zero)
        places = constant(sinusoids(config.max_positions, config.hidden))
        summed = op.reduce_sum(tokens, constant(2), False)
        return op.add(summed, op.gather(places, self._positions, zero))

    def _layer(self, states: Any, weights: Weights, index: int) -> Any:
        """States [R, Q, hidden] -> [R, Q, hidden]."""
        careful = attention_weights(weights, self._config.heads)
        self._sharp |= careful is not weights
        own = self._own_attention(
            weights.norm(states, "self_attn_layer_norm"), careful.below("self_attn."), index
        )
        states = op.add(states, own)
        text = self._text_attention(
            weights.norm(states, "encoder_attn_layer_norm"), careful.below("encoder_attn."), index
        )
        states = op.add(states, text)
        inner = weights.linear(weights.norm(states, "final_layer_norm"), "fc1.weight")
        inner = _ACTIVATIONS[self._config.activation](inner)
        return op.add(states, weights.linear(inner, "fc2.weight"))

    def _own_attention(self, states: Any, weights: Weights, index: int) -> Any:
        joined = weights.linear(states, *(f"{part}_proj.weight" for part in "qkv"))
        parts = op.split(joined, constant(2), 3).outputs()
        queries, keys, values = (self._heads(part) for part in parts)
        keys = self._remembered(f"keys.{index}", keys)
        values = self._remembered(f"values.{index}", values)
        mixed = op.scaled_dot_product_attention(queries, keys, values, self._mask, None, False)
        return weights.linear(self._merged(mixed), "out_proj.weight")

    def _text_attention(self, states: Any, weights: Weights, index: int) -> Any:
        heads, width = self._split
        folded, hidden = is_folded(self._config), self._config.hidden
        keys, values = (
            self._input(f"{kind}.{index}", [-1, heads, -1, hidden if folded else width], np.float32)
            for kind in ("keys", "values")
        )
        if folded:
            return self._folded_attention(states, keys, values)
        queries = self._heads(weights.linear(states, "q_proj.weight"))
        scores = op.add(op.matmul(queries, keys, False, True), self._text_mask)
        mixed = op.matmul(op.softmax(scores, -1), values, False, False)
        return weights.linear(self._merged(mixed), "out_proj.weight")

    def _folded_attention(self, states: Any, keys: Any, values: Any) -> Any:
        """Keys and values [R, heads, S, hidden] that need no projection, of all heads at once."""
        heads, hidden = self._config.heads, self._config.hidden
        joined = constant([0, -1, hidden])
        scores = op.matmul(states, op.reshape(keys, joined, True), False, True)
        # [R, Q, heads * S] -> [R, Q, heads, S]
        size = op.gather(op.shape_of(keys), constant([2]), constant(0))
        apart = op.reshape(scores, op.concat([constant([0, 0, heads]), size], 0), True)
        chances = op.softmax(op.add(apart, self._text_mask), -1)
        return op.matmul(
            op.reshape(chances, constant([0, 0, -1]), True),
            op.reshape(values, joined, True),
            False,
            False,
        )

    def _remembered(self, name: str, new: Any) -> Any:
        """Append [R, heads, Q, width] to what the graph's state holds -> [R, heads, T, width]."""
        heads, width = self._split
        info = openvino.op.util.VariableInfo()
        info.data_shape = openvino.PartialShape([-1, heads, -1, width])
        info.data_type, info.variable_id = openvino.Type.f32, name
        variable = openvino.op.util.Variable(info)
        zero = constant([0])
        rows = op.gather(op.shape_of(self._ids), zero, constant(0))
        shape = op.concat([rows, constant([heads, 0, width])], 0)
        past = op.read_value(op.broadcast(constant(np.float32(0)), shape), variable)
        # Only behind a gather of rows does the CPU join attention with a cache of its own.
        ordered = op.gather(past, self._order, constant(0))
        whole = op.concat([ordered, new], 2)
        self._states.append(op.assign(whole, variable))
        return whole

    def _heads(self, states: Any) -> Any:
        """[R, Q, hidden] -> [R, heads, Q, width]."""
        return split_heads(states, *self._split)

    def _merged(self, mixed: Any) -> Any:
        """[R, heads, Q, width] -> [R, Q, hidden]."""
        rows_first = op.transpose(mixed, constant([0, 2, 1, 3]))
        shape = constant([0, 0, self._config.hidden])
        return op.reshape(rows_first, shape, True)


def is_folded(config: DecoderConfig) -> bool:
    """Tell whether a model is so narrow that a step takes less time with wide keys and values.

    A wide model's projections are read once for all rows; its wide keys would be one's own.
    """
    return config.hidden <= _NARROW


def attention_weights(layer: Weights, heads: int) -> Weights:
    """Return a layer's weights for its attention: in float32 where 8 bits would lead it astray."""
    gain, bias = (layer.array(f"self_attn_layer_norm.{part}") for part in ("weight", "bias"))
    queries, keys = (layer.array(f"self_attn.{part}_proj.weight") for part in "qk")
    sharp = layer.eight_bit and is_sharp(queries, keys, gain, bias, heads)
    return layer.in_float32() if sharp else layer


def split_heads(states: Any, heads: int, width: int) -> Any:
    """[R, Q, heads * width] -> [R, heads, Q, width]."""
    split = op.reshape(states, constant([0, 0, heads, width]), True)
    return op.transpose(split, constant([0, 2, 1, 3]))
