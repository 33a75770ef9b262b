"""The graph that reads a text once: cross-attention keys and values of every layer.

Its inputs: `states` float32 [R, S, text_hidden] and `real` float32 [R, S, 1], 1 where a row has
text and 0 elsewhere. Its outputs: `keys.i` and `values.i` float32 [R, heads, S, width] of every
layer i, zero where `real` is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.openvino.decoder_graph import attention_weights, split_heads
from musicgen_core.engines.openvino.weights import Weights, op


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
    results = []
    for i in range(config.layers):
        layer = weights.below(f"decoder.model.decoder.layers.{i}.")
        attention = attention_weights(layer, config.heads).below("encoder_attn.")
        for kind in ("keys", "values"):
            made = attention.linear(projected, f"{kind[0]}_proj.weight")
            result = op.result(split_heads(made, config.heads, config.hidden // config.heads))
            result.output(0).set_names({f"{kind}.{i}"})
            results.append(result)
    return openvino.Model(results, [states, real], "musicgen_text")
