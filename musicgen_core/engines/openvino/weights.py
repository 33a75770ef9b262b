"""A checkpoint's tensors as a graph's constants: in float32, or in 8 bits with a scale a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino

from musicgen_core.engines.arrays import joined, quantized
from musicgen_core.model.protocols import Floats

op = openvino.opset13
_EPSILON = 1e-5


class Weights:
    """Looks tensors up below a prefix of their names and computes with them."""

    def __init__(self, tensors: Mapping[str, Floats], *, eight_bit: bool, prefix: str = "") -> None:
        self.eight_bit = eight_bit
        self._tensors, self._prefix = tensors, prefix

    def below(self, prefix: str) -> Weights:
        """Return the weights whose names go on with `prefix`."""
        return Weights(self._tensors, eight_bit=self.eight_bit, prefix=self._prefix + prefix)

    def in_float32(self) -> Weights:
        """Return the same weights, not to be rounded."""
        return Weights(self._tensors, eight_bit=False, prefix=self._prefix)

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._tensors

    def array(self, *names: str) -> Floats:
        """Return tensors as they stand in the checkpoint, joined on their first axis.

        Raises:
            ModelUnavailable: the checkpoint has no such tensor.
        """
        return joined(self._tensors, *(self._prefix + name for name in names))

    def constant(self, *names: str) -> Any:
        """Return tensors as one float32 constant."""
        return constant(self.array(*names))

    def linear(self, states: Any, *names: str) -> Any:
        """States [..., in] times the joined weights [out, in] transposed -> [..., out]."""
        weight = self.array(*names)
        if not self.eight_bit:
            return op.matmul(states, constant(weight), False, True)
        steps, scale = quantized(weight)
        # This very pattern is what the CPU keeps in 8 bits and widens inside its kernel.
        wide = op.multiply(op.convert(constant(steps), "f32"), constant(scale))
        return op.matmul(states, wide, False, True)

    def norm(self, states: Any, name: str) -> Any:
        """PyTorch's LayerNorm over the last axis."""
        centered = op.mvn(states, constant([-1]), True, _EPSILON, "inside_sqrt")
        scaled = op.multiply(centered, self.constant(f"{name}.weight"))
        return op.add(scaled, self.constant(f"{name}.bias"))


def constant(values: npt.ArrayLike) -> Any:
    """Return a graph's own copy of `values`."""
    return op.constant(np.asarray(values, order="C"))
