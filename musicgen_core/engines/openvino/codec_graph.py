"""The graphs of EnCodec's networks (Défossez et al. 2022), each for windows of any length.

They follow transformers' EncodecEncoder and EncodecDecoder. Signals are [1, C, T].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.config import CodecConfig, Side
from musicgen_core.engines.openvino.weights import Weights, constant, op
from musicgen_core.model.protocols import Floats

TIME = 2
"""The axis of a signal."""


def downsampler_graph(config: CodecConfig, weights: Weights) -> Any:
    """The encoder up to its LSTM: `sound` [F * hop] -> `frames` [F, C]."""
    sound = _input("sound", [-1])
    length, at = config.hop, 1
    signal = op.unsqueeze(sound, constant([0, 1]))
    signal = _convolved(weights.below("0.conv."), signal, length)
    for ratio in reversed(config.ratios):
        signal = _residuals(config, weights, at, signal, length)
        at += config.residual_layers
        signal = _convolved(weights.below(f"{at + 1}.conv."), _elu(signal), length, stride=ratio)
        at += 2
        length //= ratio
    return _model({"frames": _as_frames(signal)}, [sound])


def upsampler_graph(config: CodecConfig, weights: Weights) -> Any:
    """The decoder behind its LSTM: `frames` [F, C] -> `sound` [F * hop]."""
    frames = _input("frames", [-1, config.width])
    signal, length, at = _as_signal(frames), 1, 2
    for ratio in config.ratios:
        length *= ratio
        signal = _upsampled(weights.below(f"{at + 1}.conv."), _elu(signal), ratio)
        at += 2
        signal = _residuals(config, weights, at, signal, length)
        at += config.residual_layers
    signal = _convolved(weights.below(f"{at + 1}.conv."), _elu(signal), length)
    return _model({"sound": op.reshape(signal, constant([-1]), False)}, [frames])


def frame_graph(config: CodecConfig, weights: Weights, side: Side) -> Any:
    """The convolution at the frame rate: padded `frames` [F + kernel - 1, C] -> `made` [F, C']."""
    inner = weights.below(f"{config.frame_layer(side)}.conv.")
    frames = _input("frames", [-1, inner.array("weight").shape[1]])
    signal = _as_signal(frames)
    made = _convolution(inner, _elu(signal) if side == "encoder" else signal)
    return _model({"made": _as_frames(made)}, [frames])


def lstm_graph(config: CodecConfig, weights: Weights, side: Side) -> Any:
    """The LSTM and the skip around it.

    `frames` [F, C], `hidden` and `cell` [layers, C] -> `made` [F, C], `last_hidden`, `last_cell`.
    """
    width, layers = config.width, config.lstm_layers
    inner = weights.below(f"{config.lstm_layer(side)}.lstm.")
    frames = _input("frames", [-1, width])
    memory = [_input(name, [layers, width]) for name in ("hidden", "cell")]
    count = op.gather(op.shape_of(frames, "i32"), constant([0]), constant(0))
    states, ends = op.unsqueeze(frames, constant(0)), []
    for i in range(layers):
        begin = [op.gather(part, constant([[i]]), constant(0)) for part in memory]
        matrices = [_gates(inner.array(f"weight_{kind}_l{i}")) for kind in ("ih", "hh")]
        bias = _gates(inner.array(f"bias_ih_l{i}") + inner.array(f"bias_hh_l{i}"))
        parts = [constant(part[None]) for part in (*matrices, bias)]
        layer = op.lstm_sequence(states, *begin, count, *parts, width, "forward")
        states = op.squeeze(layer.output(0), constant(1))
        ends.append([op.reshape(layer.output(n), constant([1, width]), False) for n in (1, 2)])
    made = op.add(op.squeeze(states, constant(0)), frames)
    hidden, cell = (op.concat(list(parts), 0) for parts in zip(*ends, strict=True))
    return _model({"made": made, "last_hidden": hidden, "last_cell": cell}, [frames, *memory])


def _gates(rows: Floats) -> Floats:
    """Rows of PyTorch's gates (input, forget, cell, output) in OpenVINO's order (f, i, c, o)."""
    i, f, c, o = np.split(rows, 4)
    joined: Floats = np.concatenate([f, i, c, o])
    return joined


def _residuals(config: CodecConfig, weights: Weights, at: int, signal: Any, length: int) -> Any:
    """One stage's residual units, the checkpoint's layers from `at` on."""
    for j in range(config.residual_layers):
        unit = weights.below(f"{at + j}.")
        dilation = config.dilation_growth**j
        inner = _convolved(unit.below("block.1.conv."), _elu(signal), length, dilation=dilation)
        inner = _convolved(unit.below("block.3.conv."), _elu(inner), length)
        if config.conv_shortcut:
            signal = _convolved(unit.below("shortcut.conv."), signal, length)
        signal = op.add(signal, inner)
    return signal


def _convolved(
    weights: Weights, signal: Any, length: int, *, stride: int = 1, dilation: int = 1
) -> Any:
    """A convolution behind reflect padding, the larger half of it on the left.

    `length` is the signal's least one, that of a single frame.
    """
    total = (weights.array("weight").shape[2] - 1) * dilation + 1 - stride
    left, right = total - total // 2, total // 2
    if total:
        signal = _reflected(signal, left, right, missing=max(0, left - length + 1))
    return _convolution(weights, signal, stride=stride, dilation=dilation)


def _reflected(signal: Any, left: int, right: int, *, missing: int) -> Any:
    """Pad by the signal's mirror image; `missing` values of it are zeros where it is shortest."""
    room = constant(np.int64(0))
    if missing:
        # Where there are too few values to reflect, transformers first puts zeros behind them.
        room = op.maximum(room, op.subtract(constant(np.int64(left + 1)), _length(signal)))
        ends = op.concat([constant([0, 0]), op.unsqueeze(room, constant(0))], 0)
        signal = op.pad(signal, constant([0, 0, 0]), ends, "constant", constant(np.float32(0)))
    signal = op.pad(signal, constant([0, 0, left]), constant([0, 0, right]), "reflect")
    return _cut(signal, 0, room) if missing else signal


def _convolution(weights: Weights, signal: Any, *, stride: int = 1, dilation: int = 1) -> Any:
    """A convolution over what is there."""
    kernel = weights.constant("weight")
    made = op.convolution(signal, kernel, [stride], [0], [0], [dilation])
    return _biased(made, weights.array("bias"))


def _upsampled(weights: Weights, signal: Any, ratio: int) -> Any:
    """A transposed convolution [1, C, T] -> [1, C', T * ratio]; the overhang is cut.

    Its kernel is twice as long as its stride, so every sample is made of two neighbors: an ordinary
    convolution of two taps makes `ratio` samples at once, as channels. That is twice as fast.
    """
    kernel = weights.array("weight")
    inputs, outputs, taps = kernel.shape
    right = (taps - ratio) // 2
    left = taps - ratio - right
    reach = -(-taps // ratio)
    phases = np.zeros((inputs, outputs, reach * ratio), dtype=np.float32)
    phases[:, :, :taps] = kernel
    # [inputs, outputs, tap, phase] -> [outputs * phase, inputs, tap], the latest tap first
    ordered = phases.reshape(inputs, outputs, reach, ratio)[:, :, ::-1].transpose(1, 3, 0, 2)
    merged = constant(np.ascontiguousarray(ordered.reshape(-1, inputs, reach)))
    made = op.convolution(signal, merged, [1], [reach - 1], [reach - 1], [1])
    made = _biased(made, np.repeat(weights.array("bias"), ratio))
    whole = op.depth_to_space(made, "depth_first", ratio)
    return _cut(whole, left, constant(np.int64((reach - 1) * ratio - left)))


def _cut(signal: Any, left: int, right: Any) -> Any:
    """Take `left` values off a signal's beginning and `right`, a scalar, off its end."""
    end = op.unsqueeze(op.subtract(_length(signal), right), constant(0))
    return op.slice(signal, constant([left]), end, constant([1]), constant([TIME]))


def _length(signal: Any) -> Any:
    return op.gather(op.shape_of(signal), constant(TIME), constant(0))


def _biased(signal: Any, bias: Floats) -> Any:
    return op.add(signal, constant(bias[None, :, None]))


def _elu(signal: Any) -> Any:
    return op.elu(signal, 1.0)


def _as_signal(frames: Any) -> Any:
    """Frames [F, C] -> [1, C, F]."""
    return op.unsqueeze(op.transpose(frames, constant([1, 0])), constant(0))


def _as_frames(signal: Any) -> Any:
    """[1, C, F] -> frames [F, C]."""
    return op.transpose(op.squeeze(signal, constant(0)), constant([1, 0]))


def _input(name: str, shape: list[int]) -> Any:
    parameter = op.parameter(shape, np.float32, name=name)
    parameter.output(0).set_names({name})
    return parameter


def _model(outputs: dict[str, Any], inputs: list[Any]) -> Any:
    results = []
    for name, value in outputs.items():
        result = op.result(value)
        result.output(0).set_names({name})
        results.append(result)
    return openvino.Model(results, inputs, "encodec")
