"""A checkpoint's tensors as the arrays that the kernels read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.arrays import EIGHT_BITS, SIXTEEN_BITS, joined, quantized
from musicgen_core.engines.numba.advancing import Network
from musicgen_core.engines.numba.layers import ACTIVATIONS, Numbers
from musicgen_core.engines.positions import sinusoids
from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Floats

_BODY = "decoder.model.decoder."
_NORMS = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")


def network(config: DecoderConfig, tensors: Mapping[str, Floats], precision: str) -> Network:
    """Stack the layers' weights; in `int8` attention's have 16 bits, and all others 8.

    Sharp attention does not bear 8 bits (see openvino's sharpness), and a narrow model's is small.

    Raises:
        ModelUnavailable: a tensor is missing, or the activation is none that is known.
    """
    if config.activation not in ACTIVATIONS:
        raise ModelUnavailable(
            f"The engine numba does not know the activation {config.activation}."
        )

    def norm(name: str) -> Floats:
        return np.stack([joined(tensors, f"{_BODY}{name}.{part}") for part in ("weight", "bias")])

    def layers(steps: int, *names: str) -> tuple[Numbers, Floats]:
        return _stacked(
            [
                joined(tensors, *(f"{_BODY}layers.{i}.{name}.weight" for name in names))
                for i in range(config.layers)
            ],
            steps if precision == "int8" else 0,
        )

    books = range(config.codebooks)
    attention, attention_scales = layers(SIXTEEN_BITS, *(f"self_attn.{p}_proj" for p in "qkv"))
    # What scores are divided by is taken from the queries' rows once.
    attention_scales[:, : config.hidden] *= (config.hidden // config.heads) ** -0.5
    out, out_scales = layers(SIXTEEN_BITS, "self_attn.out_proj")
    inner, inner_scales = layers(EIGHT_BITS, "fc1")
    outer, outer_scales = layers(EIGHT_BITS, "fc2")
    heads, head_scales = _stacked(
        [joined(tensors, f"decoder.lm_heads.{book}.weight") for book in books],
        EIGHT_BITS if precision == "int8" else 0,
    )
    return Network(
        tokens=np.require(
            joined(tensors, *(f"{_BODY}embed_tokens.{book}.weight" for book in books)),
            requirements=["C", "W"],  # what only can be read is another type to Numba
        ),
        places=sinusoids(config.max_positions, config.hidden),
        norms=np.stack(
            [[norm(f"layers.{i}.{name}") for name in _NORMS] for i in range(config.layers)]
        ),
        last_norm=norm("layer_norm"),
        attention=attention,
        attention_scales=attention_scales,
        out=out,
        out_scales=out_scales,
        inner=inner,
        inner_scales=inner_scales,
        outer=outer,
        outer_scales=outer_scales,
        heads=heads,
        head_scales=head_scales,
        activation=ACTIVATIONS.index(config.activation),
    )


def _stacked(weights: list[Floats], steps: int) -> tuple[Numbers, Floats]:
    """Weights, each [out, in] -> numbers [n, out, in] and scales [n, out]; 0 steps: float32."""
    if not steps:
        stack: Any = np.stack(weights)
        return np.ascontiguousarray(stack, np.float32), np.ones(stack.shape[:2], np.float32)
    numbers, scales = zip(*(quantized(weight, steps) for weight in weights), strict=True)
    return np.stack(numbers), np.stack(scales)[..., 0]


class Texts(NamedTuple):
    """What reads a text once for all steps."""

    project: Floats | None
    """[E, text_hidden] and, as its last column, the bias: [E, text_hidden + 1]."""
    keys: Floats
    """[L, E, E]"""
    values: Floats
    key_folds: Floats
    """[L, H, D, E]: the projection of queries, divided by the root of a head's width."""
    value_folds: Floats
    """[L, H, D, E]: that of outputs."""

    @classmethod
    def of(cls, config: DecoderConfig, tensors: Mapping[str, Floats]) -> Texts:
        """Take a checkpoint's weights of cross-attention, in float32.

        Raises:
            ModelUnavailable: a tensor is missing.
        """

        def stack(name: str) -> Floats:
            names = (
                f"{_BODY}layers.{i}.encoder_attn.{name}_proj.weight" for i in range(config.layers)
            )
            return np.stack([joined(tensors, each) for each in names])

        width = config.hidden // config.heads
        shape = (config.layers, config.heads, width, config.hidden)
        project = None
        if "enc_to_dec_proj.weight" in tensors:
            bias = joined(tensors, "enc_to_dec_proj.bias")
            project = np.column_stack([joined(tensors, "enc_to_dec_proj.weight"), bias])
        return cls(
            project,
            stack("k"),
            stack("v"),
            stack("q").reshape(shape) * np.float32(width**-0.5),
            stack("out").transpose(0, 2, 1).reshape(shape),
        )

    def read(self, states: Floats) -> tuple[Floats, Floats]:
        """States [S, text_hidden] -> keys and values [L, H, S, E], projections folded in."""
        if self.project is not None:
            states = states @ self.project[:, :-1].T + self.project[:, -1]
        layers, heads, width, _ = self.key_folds.shape
        found = []
        for weights, folds in ((self.keys, self.key_folds), (self.values, self.value_folds)):
            made = states @ weights.transpose(0, 2, 1)
            apart = made.reshape(layers, len(states), heads, width).transpose(0, 2, 1, 3)
            found.append(apart @ folds)
        return found[0], found[1]
