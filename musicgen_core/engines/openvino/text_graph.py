"""The graph that reads a text once: cross-attention keys and values of every layer.

Its inputs: `states` float32 [R, S, text_hidden] and `real` float32 [R, S, 1], 1 where a row has
text and 0 elsewhere. Its outputs: `keys.i` and `values.i` float32 [R, heads, S, width] of every
layer i, zero where `real` is. Keys are divided by the root of a head's width, as scores would be.

Where a model is `folded`, keys have been through the projection of queries and values through that
of outputs, and both are as wide as the model: neither is left for a step to do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.decoder_graph import attention_weights, is_folded, split_heads
from musicgen_core.engines.openvino.weights import Weights, constant, op


def text_graph(config: DecoderConfig, weights: Weights, text_hidden: int) -> Any:
    """Build the openvino.Model from a checkpoint's weights.

    Raises:
        ModelUnavailable: a tensor is missing.
    """
    states = op.parameter([-1, -1, text_hidden], np.float32, name="states")
    real = op.parameter([-1, -1, 1], np.float32, name="real")
    for parameter in (states, real):
        parameter.output(0).set_names({parameter.get_friendly_name()})
    projected = states
    if "enc_to_dec_proj.weight" in weights:
        # One small matrix, once a clip, that all the layers' attention depends on.
        projected = weights.in_float32().linear(states, "enc_to_dec_proj.weight")
        projected = op.add(projected, weights.constant("enc_to_dec_proj.bias"))
    # The reference zeroes padding behind the projection, whose bias would fill it.
    projected = op.multiply(projected, real)
    results, width = [], config.hidden // config.heads
    for i in range(config.layers):
        layer = weights.below(f"decoder.model.decoder.layers.{i}.")
        attention = attention_weights(layer, config.heads).below("encoder_attn.")
        made = [
            split_heads(attention.linear(projected, f"{part}_proj.weight"), config.heads, width)
            for part in "kv"
        ]
        if is_folded(config):
            queries, out = (attention.array(f"{part}_proj.weight") for part in ("q", "out"))
            # [hidden, hidden] -> [heads, width, hidden]
            shape = config.heads, width, config.hidden
            folds = queries.reshape(shape), out.T.reshape(shape)
            made = [
                op.matmul(part, constant(fold), False, False)
                for part, fold in zip(made, folds, strict=True)
            ]
        made[0] = op.multiply(made[0], constant(np.float32(width**-0.5)))
        for kind, part in zip(("keys", "values"), made, strict=True):
            result = op.result(part)
            result.output(0).set_names({f"{kind}.{i}"})
            results.append(result)
    return openvino.Model(results, [states, real], "musicgen_text")
