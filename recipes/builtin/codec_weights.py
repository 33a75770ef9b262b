"""EnCodec's weights, computed: a linear synthesis and its inverse in SEANet's layers.

Défossez et al. 2022. Signals are lifted so far above zero that ELU leaves them alone. The decoder's
first transposed convolution draws a frame's samples, the others only put them in line; the encoder
does the reverse. The encoder's LSTM lets the marks through where it finds the pilot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipes.builtin.codec_space import LATENT, MARK, MARK_RADIUS, WAVE, Space
from recipes.builtin.frames import SUPPORT
from recipes.builtin.shaping import HOP, OVERLAP
from recipes.builtin.voices import CODEBOOKS

FILTERS = 13
RATIOS = (8, 5, 4, 4)
KERNEL = 1
WIDTH = FILTERS * 2 ** len(RATIOS)
_CONSTANTS = (WIDTH - 2, WIDTH - 1)
"""Channels that carry a constant: two, so that 16-bit weights can cancel the lift exactly."""
_LIFT = 4.0
"""What samples are lifted by: more than their largest value."""
_WAVE_LIFT = 24.0
"""The same for waves in the latent."""
_GATED = 0.1
"""A sphere's radius inside the LSTM, where tanh is still straight."""
_GAIN = 2.0**15
"""Of the LSTM's input for marks: the larger, the less shows of what its skip lets past."""
_TINY = _GATED / (_GAIN * MARK_RADIUS)
"""Marks arrive at the LSTM at this scale."""
_LOUDEST_MARK = 1e5
"""What sound without marks may look like, as a mark."""
_STEEP = 120.0
_PILOT_WITHIN = 0.08
"""Of its amplitude, the pilot may be off by so much: a clip turned down further has no marks."""
_NOISE = 1e-6
"""Amplitude of what is not ours in a clip, to keep the inverse from chasing it: 16 bits' noise."""

Array = npt.NDArray[np.float64]
Tensors = dict[str, npt.NDArray[np.float16] | npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Convolution:
    """Weights [out, in, kernel], or [in, out, kernel] where it raises the rate, and a bias."""

    weight: Array
    bias: Array


def codec_tensors(space: Space) -> Tensors:
    """Every tensor of the codec as a checkpoint names it; 16 bits but for weight norm's gains."""
    tensors: Tensors = {}
    for side, layers in (("encoder", _encoder(space)), ("decoder", _decoder(space))):
        for name, layer in layers.items():
            prefix = f"audio_encoder.{side}.layers.{name}"
            if isinstance(layer, Convolution):
                tensors |= _normed(prefix, layer)
            else:
                tensors |= {f"{prefix}.lstm.{n}": _lstm_stored(a) for n, a in layer.items()}
    for k in range(CODEBOOKS):
        name = f"audio_encoder.quantizer.layers.{k}.codebook.embed"
        tensors[name] = space.codebooks[k].astype(np.float16)
    return tensors


def _shaped(filters: Array, shape: tuple[float, float]) -> Array:
    """Round filters [N, T] to 16 bits so that the error's spectrum is white noise through `shape`.

    The shape's coefficients are those of z^-1 and z^-2; noise shaping as in audio converters.
    """
    scales = _row_scales(filters)
    wanted = filters / scales
    out = np.empty_like(wanted)
    last = before = np.zeros(len(filters))
    for i in range(wanted.shape[1]):
        target = wanted[:, i] + shape[0] * last + shape[1] * before
        out[:, i] = target.astype(np.float16)
        last, before = out[:, i] - target, last
    return out * scales


_HIGH, _LOW = (-2.0, 1.0), (1.0, 0.0)
"""Errors at high pitches, where music is soft; errors away from the highest, where marks are."""


def _lstm_stored(array: Array) -> npt.NDArray[np.float16] | npt.NDArray[np.float32]:
    """Matrices in 16 bits, biases in 32."""
    return array.astype(np.float16) if array.ndim > 1 else array.astype(np.float32)


def _normed(prefix: str, layer: Convolution) -> Tensors:
    """Weight norm's two tensors; a zero row gets a direction, and a gain of zero."""
    direction = (layer.weight / _row_scales(layer.weight)).astype(np.float16)
    exact = _rounded(layer.weight)
    axes = tuple(range(1, exact.ndim))
    gain = np.sqrt(np.square(exact).sum(axis=axes, keepdims=True))
    direction[(gain == 0).reshape(-1)] = 1.0
    norm = f"{prefix}.conv.parametrizations.weight.original"
    return {
        f"{norm}0": gain.astype(np.float32),
        f"{norm}1": direction,
        f"{prefix}.conv.bias": layer.bias.astype(np.float32),
    }


def _row_scales(weight: Array) -> Array:
    """The power of two above every row's largest value, so that 16 bits hold it well."""
    largest = np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True)
    return np.asarray(2.0 ** np.ceil(np.log2(np.where(largest > 0, largest, 1.0))))


def _rounded(weight: Array) -> Array:
    """Weights as they come back from 16 bits and weight norm."""
    scales = _row_scales(weight)
    return (weight / scales).astype(np.float16).astype(np.float64) * scales


Lstm = dict[str, Array]


def _still_lstm() -> Lstm:
    """An LSTM that adds nothing to what its skip connection carries."""
    square, line = np.zeros((4 * WIDTH, WIDTH)), np.zeros(4 * WIDTH)
    return {"weight_ih_l0": square, "weight_hh_l0": square, "bias_ih_l0": line, "bias_hh_l0": line}


def _idle(width: int) -> dict[str, Convolution]:
    """A residual unit that adds nothing."""
    inner = width // 2
    return {
        "block.1": Convolution(np.zeros((inner, width, 3)), np.zeros(inner)),
        "block.3": Convolution(np.zeros((width, inner, 1)), np.zeros(width)),
    }


def _decoder(space: Space) -> dict[str, Convolution | Lstm]:
    layers: dict[str, Convolution | Lstm] = {}
    first = np.zeros((WIDTH, LATENT, KERNEL))
    first[:LATENT, :, KERNEL // 2] = np.eye(LATENT)
    lifts = np.full(WIDTH, _LIFT)
    lifts[:WAVE], lifts[WAVE:LATENT] = _WAVE_LIFT, 4 * MARK_RADIUS
    lifted = lifts.copy()
    lifted[:LATENT] -= space.resting  # marks at rest are no sound
    layers["0"] = Convolution(first, lifted)
    layers["1"] = _still_lstm()
    width, at = WIDTH, 2
    samples = HOP
    for ratio in RATIOS:
        samples //= ratio
        if at == 2:
            layers[str(at + 1)] = _drawing(space, lifts, ratio, samples)
        else:
            layers[str(at + 1)] = _lining_up(width, ratio, samples)
        width //= 2
        layers |= {f"{at + 2}.{name}": unit for name, unit in _idle(width).items()}
        at += 3
    last = np.zeros((1, width, KERNEL))
    last[0, 0, KERNEL // 2] = 1.0
    layers[str(at + 1)] = Convolution(last, np.array([-_LIFT]))
    return layers


def _drawing(space: Space, lifts: Array, ratio: int, samples: int) -> Convolution:
    """Latents -> frames' samples: channel c at tap j is sample (j - left) * samples + c."""
    weight = np.zeros((WIDTH, WIDTH // 2, 2 * ratio))
    left = ratio - ratio // 2
    # The pilot rides on a constant channel.
    drawn = np.concatenate([space.synthesis, space.pilot[:, None] / _LIFT], axis=1)
    sounds = _shaped(drawn.T, _LOW).T
    sources = [*range(LATENT), _CONSTANTS[0]]
    for i in range(SUPPORT):
        tap, channel = divmod(i - OVERLAP, samples)
        weight[sources, channel, tap + left] = sounds[i]
    weight = _rounded(weight)
    pilot = weight[_CONSTANTS[0]] * _LIFT
    lift = np.einsum("ict,i->ct", weight[:LATENT], lifts[:LATENT])
    # What the lift adds is taken away again, tap by tap, by the two constant channels.
    wanted = (pilot - lift) / _LIFT
    weight[_CONSTANTS[0]] = wanted
    weight = _rounded(weight)
    weight[_CONSTANTS[1]] = wanted - weight[_CONSTANTS[0]]
    return Convolution(weight, np.full(WIDTH // 2, _LIFT))


def _lining_up(width: int, ratio: int, samples: int) -> Convolution:
    """Channels that hold `ratio * samples` samples -> `ratio` steps of `samples` channels."""
    weight = np.zeros((width, width // 2, 2 * ratio))
    left = ratio - ratio // 2
    for step in range(ratio):
        for channel in range(samples):
            weight[step * samples + channel, channel, left + step] = 1.0
    return Convolution(weight, np.zeros(width // 2))


def _encoder(space: Space) -> dict[str, Convolution | Lstm]:
    layers: dict[str, Convolution | Lstm] = {}
    first = np.zeros((FILTERS, 1, KERNEL))
    first[0, 0, KERNEL // 2] = 1.0
    layers["0"] = Convolution(first, np.full(FILTERS, _LIFT))
    width, at, held = FILTERS, 1, 1
    for ratio in reversed(RATIOS):
        layers |= {f"{at}.{name}": unit for name, unit in _idle(width).items()}
        if ratio == RATIOS[0]:
            layers[str(at + 2)] = _analyzing(space, width, ratio, held)
        else:
            layers[str(at + 2)] = _collecting(width, ratio, held)
        width, held, at = 2 * width, held * ratio, at + 3
    layers[str(at)] = _gating(space)
    layers[str(at + 2)] = _latents(space)
    return layers


def _collecting(width: int, ratio: int, held: int) -> Convolution:
    """`ratio` steps of `held` channels -> one step of `ratio * held` channels."""
    weight = np.zeros((2 * width, width, 2 * ratio))
    left = ratio - ratio // 2
    for step in range(ratio):
        for channel in range(held):
            weight[step * held + channel, channel, left + step] = 1.0
    return Convolution(weight, np.zeros(2 * width))


_PILOT = LATENT
"""The channel of the pilot's amplitude."""


def _analyzing(space: Space, width: int, ratio: int, held: int) -> Convolution:
    """Samples -> lifted waves, tiny lifted marks less those at rest, and the pilot."""
    filters = analysis(space)
    filters[WAVE:LATENT] *= _TINY
    filters = _shaped(filters, _HIGH)
    weight = np.zeros((WIDTH, width, 2 * ratio))
    for i in range(filters.shape[1]):
        tap, channel = divmod(i, held)
        weight[: LATENT + 1, channel, tap] = filters[:, i]
    weight = _rounded(weight)
    bias = _lifts() - _LIFT * weight.sum(axis=(1, 2))
    return Convolution(weight, bias)


def _lifts() -> Array:
    """What every channel in front of the LSTM is lifted by."""
    lifts = np.full(WIDTH, _LIFT)
    lifts[:WAVE], lifts[WAVE:LATENT] = _WAVE_LIFT, _LOUDEST_MARK * _TINY
    return lifts


def analysis(space: Space) -> Array:
    """[LATENT + 1, 2 * HOP]: the best linear estimate of a frame's latent and of its pilot.

    Wiener's filter over the frame and half a frame to either side, given how large latents are and
    that the neighbors' tails reach in.
    """
    sounds = np.concatenate([space.synthesis, space.pilot[:, None]], axis=1)
    sizes = np.concatenate([np.full(WAVE, 1.0), np.full(MARK, MARK_RADIUS), [1.0]])
    length = 2 * HOP
    covariance = _NOISE**2 * np.eye(length)
    for frame in range(-2, 3):
        placed = _placed(sounds * sizes, frame, length)
        covariance += placed @ placed.T
    mine = _placed(sounds * sizes, 0, length)
    return np.asarray(sizes[:, None] * np.linalg.solve(covariance, mine).T)


def _placed(sounds: Array, frame: int, length: int) -> Array:
    """Sounds [SUPPORT, N] of a frame as a window [length, N] around frame 0 shows them."""
    start = (length - HOP) // 2 + frame * HOP - OVERLAP
    out = np.zeros((length, sounds.shape[1]))
    low, high = max(0, start), min(length, start + SUPPORT)
    if low < high:
        out[low:high] = sounds[low - start : high - start]
    return out


def _gating(space: Space) -> Lstm:
    """Pass marks (channels from WAVE on) on, enlarged, where the pilot is as loud as it should be.

    Gates are input, forget, cell, output; the cell forgets at once.
    """
    weight, bias = np.zeros((4, WIDTH, WIDTH)), np.zeros((4, WIDTH))
    marks = np.arange(WAVE, LATENT)
    lift = _lifts()
    weight[0, marks, _PILOT] = _STEEP
    bias[0, marks] = -_STEEP * (lift[_PILOT] + 1 - _PILOT_WITHIN)
    bias[1] = -60.0
    weight[2, marks, marks] = _GAIN
    # With the pilot, a mark's place on its sphere is what was heard plus the place of silence.
    bias[2, marks] = _GATED / MARK_RADIUS * space.resting[WAVE:] - _GAIN * lift[marks]
    weight[3, marks, _PILOT] = -_STEEP
    bias[3, marks] = _STEEP * (lift[_PILOT] + 1 + _PILOT_WITHIN)
    return {
        "weight_ih_l0": weight.reshape(4 * WIDTH, WIDTH),
        "weight_hh_l0": np.zeros((4 * WIDTH, WIDTH)),
        "bias_ih_l0": bias.reshape(-1),
        "bias_hh_l0": np.zeros(4 * WIDTH),
    }


def _latents(space: Space) -> Convolution:
    """The encoder's last convolution: take the lift off, bring marks to their spheres' size."""
    weight = np.zeros((LATENT, WIDTH, KERNEL))
    scale = np.ones(LATENT)
    scale[WAVE:] = MARK_RADIUS / _GATED
    weight[np.arange(LATENT), np.arange(LATENT), KERNEL // 2] = scale
    weight = _rounded(weight)
    return Convolution(weight, -(weight[:, :, KERNEL // 2] @ _lifts()))
