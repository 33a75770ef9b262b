"""Pitched sounds computed from nothing: organ, pads, synthesizers, chip voices.

Partials are sums of sines, so nothing aliases; whatever moves in a loop repeats with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from recipes.builtin.patches import Patch
from recipes.builtin.shaping import HOP, loop_frequency, loop_samples
from recipes.builtin.soundfont import SAMPLE_RATE

Sound = npt.NDArray[np.float64]
Timbre = Callable[[Patch, int], Sound]
_HIGHEST = 11_000.0


def _time(patch: Patch) -> Sound:
    return np.arange((patch.ages + 2) * HOP) / SAMPLE_RATE


def _beat(patch: Patch, note: int, near: float) -> float:
    """The frequency closest to `near` Hz that a note's loop holds whole periods of."""
    size = loop_samples(patch, note)
    if size is None:
        return near
    step = SAMPLE_RATE / size
    return max(1, round(near / step)) * step


def _until_loop(patch: Patch, note: int, seconds: float) -> Sound:
    """1 at the onset, falling exponentially, and constant at what is left in the loop."""
    time = _time(patch)
    size = loop_samples(patch, note)
    stop = len(time) if size is None else patch.ages * HOP - size
    return np.exp(-np.minimum(time, stop / SAMPLE_RATE) / seconds)


def _attack(time: Sound, seconds: float) -> Sound:
    return np.clip(time / seconds, 0, 1) ** 0.7


def _filtered(
    patch: Patch, hertz: float, weights: Callable[[int], float], cutoff: Sound, slope: float = 4.0
) -> Sound:
    """Sum harmonics, each through a lowpass whose cutoff [samples] moves in Hz."""
    time = _time(patch)
    out = np.zeros(len(time))
    for k in range(1, int(_HIGHEST / hertz) + 1):
        weight = weights(k)
        if weight:
            gain = weight / np.sqrt(1 + (k * hertz / cutoff) ** slope)
            out += gain * np.sin(2 * np.pi * k * hertz * time)
    return out


def _saw(k: int) -> float:
    return 1.0 / k


def _pulse(width: float) -> Callable[[int], float]:
    return lambda k: float(np.sin(np.pi * k * width)) / k


def synth_bass(patch: Patch, note: int) -> Sound:
    """A saw with a square under it, its filter closing after the onset."""
    hertz = loop_frequency(patch, note)
    cutoff = 350 + 2200 * _until_loop(patch, note, 0.06)
    body = _filtered(patch, hertz, lambda k: 1.0 / k + (0.6 / k if k % 2 else 0.0), cutoff)
    return body * _attack(_time(patch), 0.003)


def sub_bass(patch: Patch, note: int) -> Sound:
    """The long boom of an 808: a falling sine, driven a little so that small speakers tell it."""
    hertz, time = loop_frequency(patch, note), _time(patch)
    phase = 2 * np.pi * hertz * (time + 0.012 * (1 - np.exp(-time / 0.02)))
    tone = np.tanh(1.6 * np.sin(phase)) + 0.12 * np.sin(2 * phase)
    level = 0.75 + 0.25 * _until_loop(patch, note, 0.1)
    return tone * level * _attack(time, 0.004)


def organ(patch: Patch, note: int) -> Sound:
    """Drawbars with a rotating speaker's tremolo and a short percussion."""
    hertz, time = loop_frequency(patch, note), _time(patch)
    swirl = 2 * np.pi * _beat(patch, note, 6.3) * time
    bars = ((1, 1.0), (2, 0.8), (3, 0.55), (4, 0.35), (6, 0.16), (8, 0.2))
    out = np.zeros(len(time))
    for k, weight in bars:
        depth = 0.10 + 0.03 * k
        wobble = 0.05 * k * np.sin(swirl)
        tone = np.sin(2 * np.pi * k * hertz * time + wobble + 0.7 * k)
        out += weight * (1 + depth * np.cos(swirl + 0.3 * k)) * tone
    click = 0.5 * np.exp(-time / 0.03) * np.sin(2 * np.pi * 3 * hertz * time)
    return (out + click) * _attack(time, 0.006)


def _chorus(patch: Patch, note: int, cutoff: float, brightness: float, seed: int) -> Sound:
    """Every harmonic as three partials around it, as detuned oscillators give."""
    rng = np.random.default_rng([seed, note])
    hertz, time = loop_frequency(patch, note), _time(patch)
    beat = _beat(patch, note, 3.0)
    out = np.zeros(len(time))
    for k in range(1, int(_HIGHEST / hertz) + 1):
        weight = k**-brightness / np.sqrt(1 + (k * hertz / cutoff) ** 4)
        for shift, part in ((-beat, 0.5), (0.0, 1.0), (beat, 0.5)):
            phase = rng.uniform(0, 2 * np.pi)
            out += weight * part * np.sin(2 * np.pi * (k * hertz + shift) * time + phase)
    return out


def pad(patch: Patch, note: int) -> Sound:
    """A warm synthesizer pad with a soft attack."""
    return _chorus(patch, note, 1100.0, 1.0, 11) * _attack(_time(patch), 0.09)


def synth_lead(patch: Patch, note: int) -> Sound:
    """Two saws and a pulse, bright at the onset."""
    hertz = loop_frequency(patch, note)
    cutoff = 2300 + 3500 * _until_loop(patch, note, 0.05)
    plain = _filtered(patch, hertz, _saw, cutoff)
    wide = _chorus(patch, note, 3000.0, 1.0, 12)
    return (plain + 0.35 * wide) * _attack(_time(patch), 0.004)


def pluck(patch: Patch, note: int) -> Sound:
    """A saw whose filter and level fall quickly, for arpeggios."""
    hertz, time = loop_frequency(patch, note), _time(patch)
    cutoff = 500 + 5000 * np.exp(-time / 0.045)
    return _filtered(patch, hertz, _saw, cutoff) * np.exp(-time / 0.11) * _attack(time, 0.002)


def chip_lead(patch: Patch, note: int) -> Sound:
    """A game console's quarter pulse."""
    return _chip(patch, note, 0.25)


def chip_arpeggio(patch: Patch, note: int) -> Sound:
    """A game console's eighth pulse."""
    return _chip(patch, note, 0.125)


def _chip(patch: Patch, note: int, width: float) -> Sound:
    hertz, time = loop_frequency(patch, note), _time(patch)
    level = 0.7 + 0.3 * _until_loop(patch, note, 0.03)
    open_filter = np.full(len(time), 9000.0)
    return _filtered(patch, hertz, _pulse(width), open_filter) * level * _attack(time, 0.002)
