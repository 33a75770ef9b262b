"""EnCodec's encoder and decoder (Défossez et al. 2022), in parts that windows can carry."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from mindspore import ParameterTuple, nn, ops

from musicgen_core.checkpoint.config import CodecConfig
from musicgen_core.engines.mindspore.convolution import Conv, PaddedConv, TransposedConv
from musicgen_core.engines.mindspore.device import target
from musicgen_core.engines.mindspore.weights import Graph, Weights, fill
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
        flat = target() == "CPU"
        self.lstm = (FlatLSTM if flat else _lstm)(weights.below("lstm."), width, layers)

    def construct(self, frames: Any, hidden: Any, cell: Any) -> Any:
        """Frames [F, C], hidden and cell [layers, 1, C] -> the same three."""
        out, (hidden, cell) = self.lstm(frames.expand_dims(1), (hidden, cell))
        return out.squeeze(1) + frames, hidden, cell


class FlatLSTM(nn.Cell):  # type: ignore[misc]
    """nn.LSTM on a CPU, whose kernel wants a layer's weights in one piece.

    nn.LSTM joins them in every call, and holds them three times for it.
    """

    def __init__(self, weights: Weights, width: int, layers: int) -> None:
        super().__init__()
        self.layers = layers
        flat = [weights.constant(f"flat_l{i}", partial(_flat, weights, i)) for i in range(layers)]
        self.weights = ParameterTuple(flat)
        self.layer = ops.LSTM(width, width, 1, True, False, 0.0)

    def construct(self, states: Any, memory: Any) -> Any:
        """States [F, 1, C] and memory of two [layers, 1, C] -> the same."""
        hidden, cell = memory
        hiddens: Any = ()
        cells: Any = ()
        for i in range(self.layers):
            states, last_hidden, last_cell, _, _ = self.layer(
                states, hidden[i : i + 1], cell[i : i + 1], self.weights[i]
            )
            hiddens += (last_hidden,)
            cells += (last_cell,)
        return states, (ops.concat(hiddens), ops.concat(cells))


def _flat(weights: Weights, layer: int) -> Floats:
    """A layer's weights, then its bias, as [N, 1, 1]."""
    parts = [weights.array(f"weight_{kind}_l{layer}") for kind in ("ih", "hh")]
    bias = weights.array(f"bias_ih_l{layer}") + weights.array(f"bias_hh_l{layer}")
    joined: Floats = np.concatenate([part.reshape(-1) for part in (*parts, bias)])
    return joined.reshape(-1, 1, 1)


def _lstm(weights: Weights, width: int, layers: int) -> Any:
    lstm = nn.LSTM(width, width, layers)
    lists = (lstm.w_ih_list, lstm.w_hh_list, lstm.b_ih_list, lstm.b_hh_list)
    for kind, parameters in zip(
        ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), lists, strict=True
    ):
        for layer, parameter in enumerate(parameters):
            fill(parameter, weights.array(f"{kind}_l{layer}"))
    return lstm


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


def residuals(config: CodecConfig, weights: Weights, at: int, length: int) -> list[Residual]:
    """Return one stage's residual units, the checkpoint's layers from `at` on."""
    return [
        Residual(config, weights.below(f"{at + j}."), length, config.dilation_growth**j)
        for j in range(config.residual_layers)
    ]


def as_signal(frames: Any) -> Any:
    """Frames [F, C] -> [1, C, 1, F]."""
    return frames.transpose(1, 0).expand_dims(0).expand_dims(2)


def as_frames(signal: Any) -> Any:
    """[1, C, 1, F] -> frames [F, C]."""
    return signal.squeeze(2).squeeze(0).transpose(1, 0)
