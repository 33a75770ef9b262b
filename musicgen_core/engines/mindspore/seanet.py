"""EnCodec's convolutions and recurrence (Défossez et al. 2022), in parts that windows can carry.

Signals are [1, channels, 1, time]: MindSpore's 2-D kernels are its fast ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mindspore import Tensor, nn, ops

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.engines.mindspore.codec_windows import reflected
from musicgen_core.engines.mindspore.weights import Graph, Weights
from musicgen_core.model.protocols import Floats


class FrameConv(Graph):
    """The convolution at the frame rate, over frames whose padding was put on beforehand."""

    def __init__(self, weights: Weights, elu: bool) -> None:
        super().__init__()
        self.activation = ops.Elu() if elu else None
        self.conv = Conv(weights)

    def construct(self, frames: Any) -> Any:
        """Frames [F + kernel - 1, C] -> [F, C']."""
        signal = as_signal(frames)
        if self.activation is not None:
            signal = self.activation(signal)
        return as_frames(self.conv(signal))


class Recurrence(Graph):
    """The LSTM with its skip connection; what it remembers goes in and comes out."""

    def __init__(self, weights: Weights, width: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers)
        lists = (self.lstm.w_ih_list, self.lstm.w_hh_list, self.lstm.b_ih_list, self.lstm.b_hh_list)
        for kind, parameters in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), lists, strict=True
        ):
            for layer, parameter in enumerate(parameters):
                value = Tensor.from_numpy(weights.array(f"lstm.{kind}_l{layer}"))
                parameter.set_data(value.astype(parameter.dtype))

    def construct(self, frames: Any, hidden: Any, cell: Any) -> Any:
        """Frames [F, C], hidden and cell [layers, 1, C] -> the same three."""
        out, (hidden, cell) = self.lstm(frames.expand_dims(1), (hidden, cell))
        return out.squeeze(1) + frames, hidden, cell


class Upsampler(Graph):
    """The decoder behind its LSTM: frames [F, C] -> samples [F * hop]."""

    def __init__(self, config: CodecConfig, weights: Weights, frames: int) -> None:
        super().__init__()
        parts, length, at = [], frames, 2
        for ratio in config.ratios:
            length *= ratio
            parts += [nn.ELU(), TransposedConv(weights.below(f"{at + 1}."), ratio, length)]
            at += 2
            parts += residuals(config, weights, at, length)
            at += config.residual_layers
        last = PaddedConv(weights.below(f"{at + 1}."), length)
        self.parts = nn.SequentialCell([*parts, nn.ELU(), last])

    def construct(self, frames: Any) -> Any:
        """Follow transformers' EncodecDecoder from its third layer on."""
        return self.parts(as_signal(frames)).reshape(-1)


class Downsampler(Graph):
    """The encoder up to its LSTM: samples [F * hop] -> frames [F, C]."""

    def __init__(self, config: CodecConfig, weights: Weights, frames: int) -> None:
        super().__init__()
        length, at = frames * config.hop, 1
        parts: list[Any] = [PaddedConv(weights.below("0."), length)]
        for ratio in reversed(config.ratios):
            parts += residuals(config, weights, at, length)
            at += config.residual_layers
            parts += [nn.ELU(), PaddedConv(weights.below(f"{at + 1}."), length, stride=ratio)]
            at += 2
            length //= ratio
        self.parts = nn.SequentialCell(parts)

    def construct(self, samples: Any) -> Any:
        """Follow transformers' EncodecEncoder up to its LSTM."""
        return as_frames(self.parts(samples.reshape(1, 1, 1, -1)))


class Residual(Graph):
    """Two convolutions around a skip, which may have a convolution of its own."""

    def __init__(self, config: CodecConfig, weights: Weights, length: int, dilation: int) -> None:
        super().__init__()
        self.wide = PaddedConv(weights.below("block.1."), length, dilation=dilation)
        self.narrow = PaddedConv(weights.below("block.3."), length)
        self.shortcut = (
            PaddedConv(weights.below("shortcut."), length) if config.conv_shortcut else None
        )
        self.activation = ops.Elu()

    def construct(self, signal: Any) -> Any:
        """[1, C, 1, T] -> [1, C, 1, T]."""
        out = self.narrow(self.activation(self.wide(self.activation(signal))))
        if self.shortcut is not None:
            signal = self.shortcut(signal)
        return signal + out


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


def residuals(config: CodecConfig, weights: Weights, at: int, length: int) -> list[Residual]:
    """Return one stage's residual units, the checkpoint's layers from `at` on."""
    return [
        Residual(config, weights.below(f"{at + j}."), length, config.dilation_growth**j)
        for j in range(config.residual_layers)
    ]


def as_kernel(weight: Floats) -> Floats:
    """A 1-D kernel [a, b, k] -> the 2-D one [a, b, 1, k]."""
    return weight[:, :, None, :]


def as_signal(frames: Any) -> Any:
    """Frames [F, C] -> [1, C, 1, F]."""
    return frames.transpose(1, 0).expand_dims(0).expand_dims(2)


def as_frames(signal: Any) -> Any:
    """[1, C, 1, F] -> frames [F, C]."""
    return signal.squeeze(2).squeeze(0).transpose(1, 0)
