"""A checkpoint's tensors as the arrays that the kernels read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.arrays import joined
from musicgen_core.engines.numba.advancing import Network
from musicgen_core.engines.numba.layers import ACTIVATIONS
from musicgen_core.engines.numba.linear import Linear, packed
from musicgen_core.engines.positions import sinusoids
from musicgen_core.engines.sharpness import is_sharp
from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Floats

Bits: TypeAlias = Literal["few", "fine", "all"]
"""Of weights: 8, some 13, or float32."""
_BODY = "decoder.model.decoder."
_QUERIES_KEYS_VALUES = tuple(f"self_attn.{part}_proj" for part in "qkv")
_NORMS = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")


def network(
    config: DecoderConfig, tensors: Mapping[str, Floats], precision: str, *, folded: bool
) -> Network:
    """Stack the layers' weights.

    In `int8` they have 8 bits, but attention's some 13 where any layer's is sharp, which does not
    bear 8, and in a narrow model, in which they are few. A text's projections are `folded`, or
    weights like the others.

    Raises:
        ModelUnavailable: a tensor is missing, or the activation is none that is known.
    """
    activation = _number_of(config.activation)
    whole = precision == "int8"

    def norm(name: str) -> Floats:
        return np.stack([joined(tensors, f"{_BODY}{name}.{part}") for part in ("weight", "bias")])

    def layers(bits: Bits, *names: str) -> Linear:
        each = (
            joined(tensors, *(f"{_BODY}layers.{i}.{name}.weight" for name in names))
            for i in range(config.layers)
        )
        return _stacked(each, bits if whole else "all")

    norms = np.stack(
        [[norm(f"layers.{i}.{name}") for name in _NORMS] for i in range(config.layers)]
    )
    bits: Bits = "fine" if folded or _sharp(config, tensors, norms) else "few"
    attention, out = layers(bits, *_QUERIES_KEYS_VALUES), layers(bits, "self_attn.out_proj")
    # What scores are divided by is taken from the queries' rows once.
    damping = (config.hidden // config.heads) ** -0.5
    attention.scales[:, : config.hidden] *= damping
    text_queries = text_out = Linear(np.zeros(0, np.float32), out.scales[:0])
    if not folded:
        text_queries = layers(bits, "encoder_attn.q_proj")
        text_queries.scales[:] *= damping
        text_out = layers(bits, "encoder_attn.out_proj")
    books = range(config.codebooks)
    heads = joined(tensors, *(f"decoder.lm_heads.{book}.weight" for book in books))
    tokens = joined(tensors, *(f"{_BODY}embed_tokens.{book}.weight" for book in books))
    return Network(
        # What only can be read is another type to Numba.
        tokens=np.require(tokens, requirements=["C", "W"]),
        places=sinusoids(config.max_positions, config.hidden),
        norms=norms,
        last_norm=norm("layer_norm"),
        attention=attention,
        out=out,
        text_queries=text_queries,
        text_out=text_out,
        inner=layers("few", "fc1"),
        outer=layers("few", "fc2"),
        heads=_stacked([heads], "few" if whole else "all"),
        activation=activation,
    )


def _number_of(activation: str) -> int:
    if activation not in ACTIVATIONS:
        raise ModelUnavailable(f"The engine numba does not know the activation {activation}.")
    return ACTIVATIONS.index(activation)


def _sharp(config: DecoderConfig, tensors: Mapping[str, Floats], norms: Floats) -> bool:
    """Tell whether any layer's self-attention is sharp, behind norms [L, 3, 2, E]."""
    for i, (gain, bias) in enumerate(norms[:, 0]):
        names = (f"{_BODY}layers.{i}.self_attn.{part}_proj.weight" for part in "qk")
        queries, keys = (joined(tensors, name) for name in names)
        if is_sharp(queries, keys, gain, bias, config.heads):
            return True
    return False


def _stacked(weights: Iterable[Floats], bits: Bits) -> Linear:
    """Weights, each [out, in], side by side."""
    if bits == "all":
        stack: Any = np.stack([*weights])
        return Linear(np.ascontiguousarray(stack, np.float32), np.ones(stack.shape[:2], np.float32))
    each = (packed(weight, fine=bits == "fine") for weight in weights)
    numbers, scales = zip(*each, strict=True)
    return Linear(np.stack(numbers), np.stack(scales))


class Texts(NamedTuple):
    """What reads a text once for all steps."""

    project: Floats | None
    """[E, text_hidden] and, as its last column, the bias: [E, text_hidden + 1]."""
    keys: Floats
    """[L, E, E]"""
    values: Floats
    heads: int
    folds: tuple[Floats, Floats] | None
    """The projections of queries, divided by the root of a head's width, and of outputs, both
    [L, H, D, E], where they are folded into keys and values."""

    @classmethod
    def of(cls, config: DecoderConfig, tensors: Mapping[str, Floats], *, folded: bool) -> Texts:
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
        folds = None
        if folded:
            out = stack("out").transpose(0, 2, 1)
            folds = (
                stack("q").reshape(shape) * np.float32(width**-0.5),
                np.ascontiguousarray(out).reshape(shape),
            )
        return cls(project, stack("k"), stack("v"), config.heads, folds)

    def read(self, states: Floats) -> tuple[Floats, Floats]:
        """States [S, text_hidden] -> keys and values [L, H, S, D], or folded [L, H, S, E]."""
        if self.project is not None:
            states = states @ self.project[:, :-1].T + self.project[:, -1]

        def parts(weights: Floats) -> Floats:
            made = states @ weights.transpose(0, 2, 1)
            return made.reshape(*made.shape[:2], self.heads, -1).transpose(0, 2, 1, 3)

        keys, values = parts(self.keys), parts(self.values)
        if self.folds is None:
            return keys, values
        return keys @ self.folds[0], values @ self.folds[1]
