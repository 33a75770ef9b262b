"""EnCodec's convolutions over signals [1, channels, 1, time]: MindSpore's 2-D kernels are fast."""

from __future__ import annotations

from typing import Any

import numpy as np
from mindspore import Tensor, ops

from musicgen_core.engines.encodec.windows import reflected
from musicgen_core.engines.mindspore.weights import Graph, Weights
from musicgen_core.model.protocols import Floats


class Conv(Graph):
    """A convolution over what is there, without padding."""

    def __init__(self, weights: Weights, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.weight = weights.take("conv.weight", as_kernel)
        self.bias = weights.take("conv.bias")
        channels, _, _, kernel = self.weight.shape
        self.conv = ops.Conv2D(channels, (1, kernel), stride=(1, stride), dilation=(1, dilation))
        self.add = ops.BiasAdd()

    def construct(self, signal: Any) -> Any:
        """[1, C, 1, T] -> [1, C', 1, T']."""
        return self.add(self.conv(signal, self.weight), self.bias)


class PaddedConv(Graph):
    """A convolution behind reflect padding, the larger half of it on the left."""

    def __init__(self, weights: Weights, length: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv = Conv(weights, stride, dilation)
        total = (self.conv.weight.shape[3] - 1) * dilation + 1 - stride
        self.pad = Reflect(length, total - total // 2, total // 2) if total else None

    def construct(self, signal: Any) -> Any:
        """[1, C, 1, T] -> [1, C', 1, T / stride]."""
        return self.conv(signal if self.pad is None else self.pad(signal))


class Reflect(Graph):
    """Padding of a signal of a known length by its own mirror image."""

    def __init__(self, length: int, left: int, right: int) -> None:
        super().__init__()
        index = reflected(length, left, right)
        ends = index[:left], index[left + length :]
        self.sources = [Tensor(np.maximum(end, 0).astype(np.int32)) for end in ends]
        self.signs = [Tensor((end >= 0).astype(np.float32)) for end in ends]
        self.zeros = bool((index < 0).any())
        self.right = right > 0

    def construct(self, signal: Any) -> Any:
        """[1, C, 1, T] -> [1, C, 1, left + T + right]."""
        head, tail = self.end(signal, 0), self.end(signal, 1) if self.right else None
        if tail is None:
            return ops.concat((head, signal), 3)
        return ops.concat((head, signal, tail), 3)

    def end(self, signal: Any, side: int) -> Any:
        """The values that stand before or behind the signal."""
        values = ops.gather(signal, self.sources[side], 3)
        return values * ops.cast(self.signs[side], values.dtype) if self.zeros else values


class TransposedConv(Graph):
    """Upsampling by `ratio`; of the overhang, the larger half is cut on the left."""

    def __init__(self, weights: Weights, ratio: int, length: int) -> None:
        super().__init__()
        self.weight = weights.take("conv.weight", as_kernel)
        self.bias = weights.take("conv.bias")
        inputs, outputs, _, kernel = self.weight.shape
        right = (kernel - ratio) // 2
        self.conv = ops.Conv2DTranspose(
            inputs,
            (1, kernel),
            pad_mode="pad",
            pad=(0, 0, kernel - ratio - right, right),
            stride=(1, ratio),
        )
        self.size = (1, outputs, 1, length)
        self.add = ops.BiasAdd()

    def construct(self, signal: Any) -> Any:
        """[1, C, 1, T] -> [1, C', 1, T * ratio]."""
        return self.add(self.conv(signal, self.weight, self.size), self.bias)


def as_kernel(weight: Floats) -> Floats:
    """A 1-D kernel [a, b, k] -> the 2-D one [a, b, 1, k]."""
    return weight[:, :, None, :]
