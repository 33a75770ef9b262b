"""From a raw recording or synthesis to a patch's note: onset, tuning, loop, ending, loudness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter, resample

from recipes.builtin.patches import Patch
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.voices import FRAME_RATE, frequency, loop_length

HOP = SAMPLE_RATE // FRAME_RATE
OVERLAP = 64
"""Samples that a frame reaches into each neighbor: a cut voice fades over twice this, 4 ms."""
_ONSET_AT = 40
"""Where a note's first sound lies in its first frame, past most of that frame's fade-in."""
_LARGEST_RETUNING = 18.0
"""Cents; what a loop needs beyond that is left to its crossfade."""

Sound = npt.NDArray[np.float64]


def length_of(patch: Patch) -> int:
    """Samples of a note: all its ages and the overlap after the last."""
    return patch.ages * HOP + OVERLAP


def loop_samples(patch: Patch, note: int) -> int | None:
    """Samples of a note's loop, None for sounds that die away."""
    frames = loop_length(patch, note)
    return None if frames is None else frames * HOP


def loop_frequency(patch: Patch, note: int) -> float:
    """Hz of a note so that its loop holds whole periods; its own pitch if it has no loop."""
    hertz = frequency(patch.lowest + note)
    frames = loop_length(patch, note)
    if frames is None:
        return hertz
    return max(1, round(hertz * frames / FRAME_RATE)) * FRAME_RATE / frames


def from_onset(raw: Sound) -> Sound:
    """Cut or delay a sound so that it becomes audible at _ONSET_AT samples."""
    first = int(np.argmax(np.abs(raw) > 0.02 * np.abs(raw[: SAMPLE_RATE // 2]).max()))
    first = min(first, round(0.03 * SAMPLE_RATE))
    return np.concatenate([np.zeros(_ONSET_AT), raw])[first:]


def retuned(raw: Sound, patch: Patch, note: int) -> Sound:
    """Resample a recording from the pitch it has to the one its loop wants, within limits."""
    wanted = loop_frequency(patch, note)
    measured = _measured_frequency(raw, frequency(patch.lowest + note))
    largest = 2.0 ** (_LARGEST_RETUNING / 1200)
    ratio = float(np.clip(measured / wanted, 1 / largest, largest))
    return np.asarray(resample(raw, round(len(raw) * ratio)), dtype=np.float64)


def _measured_frequency(raw: Sound, expected: float) -> float:
    """The fundamental within 40 cents of `expected`, from the harmonics of its steady part."""
    part = raw[round(0.1 * SAMPLE_RATE) : round(1.1 * SAMPLE_RATE)]
    time = np.arange(len(part)) / SAMPLE_RATE
    windowed = part * np.hanning(len(part))
    cents = np.arange(-40, 41, 2)
    harmonics = np.arange(1, min(6, int(7000 / expected)) + 1)
    power = [
        sum(
            np.abs(np.exp(-2j * np.pi * h * expected * 2 ** (c / 1200) * time) @ windowed)
            for h in harmonics
        )
        for c in cents
    ]
    return float(expected * 2 ** (cents[int(np.argmax(power))] / 1200))


def with_vibrato(sound: Sound, patch: Patch, note: int, cents: float) -> Sound:
    """Bend the loop of a note once up and down (about 5 Hz) without moving its ends."""
    size = loop_samples(patch, note)
    if size is None:
        return sound
    start = patch.ages * HOP - size
    cycle = np.arange(size) / size
    depth = (2 ** (cents / 1200) - 1) * size / (2 * np.pi)
    at = np.arange(len(sound), dtype=np.float64)
    at[start : start + size] += depth * (np.cos(2 * np.pi * cycle) - 1)
    return _read_between(sound, at)


def _read_between(sound: Sound, at: Sound) -> Sound:
    """Values of a sound at fractional positions, by four-point cubic interpolation."""
    padded = np.pad(sound, (1, 3))
    whole = np.clip(np.floor(at).astype(np.int64), 0, len(sound) - 1)
    part = at - whole
    a, b, c, d = (padded[whole + i] for i in range(4))
    slope, next_slope = (c - a) / 2, (d - b) / 2
    bend, twist = 3 * (c - b) - 2 * slope - next_slope, 2 * (b - c) + slope + next_slope
    return np.asarray(b + part * (slope + part * (bend + part * twist)), dtype=np.float64)


def leveled(sound: Sound, patch: Patch, note: int) -> Sound:
    """Hold the loudness that a note has where its loop begins until the loop's end."""
    size = loop_samples(patch, note)
    if size is None:
        return sound
    start = patch.ages * HOP - size
    width = 2 * HOP
    power = np.convolve(sound**2, np.hanning(width) / np.hanning(width).sum(), mode="same")
    envelope = np.sqrt(np.maximum(power, 1e-12))
    gain = np.ones(len(sound))
    gain[start:] = np.clip(envelope[start] / envelope[start:], 0.25, 4.0)
    return sound * gain


def closed_loop(sound: Sound, patch: Patch, note: int) -> Sound:
    """Blend a loop's end into what came before its beginning and append what follows the end."""
    size = loop_samples(patch, note)
    end = patch.ages * HOP
    if size is None:
        return sound[: end + OVERLAP]
    start = end - size
    reach = min(start, size // 2)
    # Complete before the overlap that the last frame shares with the loop's first.
    ramp = np.clip(np.arange(reach) / max(1, reach - OVERLAP), 0, 1)
    early, late = sound[start - reach : start], sound[end - reach : end]
    alike = float(early @ late / (np.linalg.norm(early) * np.linalg.norm(late) + 1e-12))
    fading, rising = _crossfade(ramp, alike)
    out = sound[: end + OVERLAP].copy()
    out[end - reach : end] = fading * late + rising * early
    out[end:] = out[start : start + OVERLAP]
    return out


def _crossfade(ramp: Sound, alike: float) -> tuple[Sound, Sound]:
    """Gains that keep the power when two sounds correlate by `alike`."""
    rising = (1 - np.cos(np.pi * ramp)) / 2
    fading = 1 - rising
    power = fading**2 + rising**2 + 2 * max(0.0, alike) * fading * rising
    return fading / np.sqrt(power), rising / np.sqrt(power)


def ended(sound: Sound, patch: Patch) -> Sound:
    """Fade a dying sound out over the last third of its ages, at most six."""
    if patch.loop is not None:
        return sound
    frames = max(2, min(6, patch.ages // 3))
    out = sound[: length_of(patch)].copy()
    count = frames * HOP
    out[patch.ages * HOP - count : patch.ages * HOP] *= (
        1 + np.cos(np.linspace(0, np.pi, count))
    ) / 2
    out[patch.ages * HOP :] = 0
    return out


def loudness(sound: Sound) -> float:
    """K-weighted level (ITU-R BS.1770) of the loudest 100 ms, in dB below full scale."""
    power = k_weighted(sound) ** 2
    width = min(len(power), SAMPLE_RATE // 10)
    running = np.convolve(power, np.ones(width) / width, mode="valid")
    return float(-0.691 + 10 * np.log10(running.max() + 1e-12))


def integrated_loudness(sound: npt.NDArray[np.floating]) -> float:
    """ITU-R BS.1770's loudness of a whole clip in LUFS: blocks of 400 ms, gated twice."""
    power = k_weighted(np.asarray(sound, dtype=np.float64)) ** 2
    block, step = 2 * SAMPLE_RATE // 5, SAMPLE_RATE // 10
    sums = np.concatenate([[0.0], np.cumsum(power)])
    blocks = (sums[block:] - sums[:-block])[::step] / block
    heard = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(heard):
        return -70.0
    loud = heard[heard > heard.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def k_weighted(sound: Sound) -> Sound:
    """BS.1770's two filters, derived for our rate."""
    rate = SAMPLE_RATE
    k = np.tan(np.pi * 1681.974450955533 / rate)
    vh, q = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    vb = vh**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf_b = np.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k]) / a0
    shelf_a = np.array([1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    high_a = np.array([1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    return np.asarray(lfilter([1, -2, 1], high_a, lfilter(shelf_b, shelf_a, sound)))
