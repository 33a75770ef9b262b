"""Drums computed from nothing: house, techno, chip and parts of the 80s and drum'n'bass kits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from recipes.builtin.soundfont import SAMPLE_RATE

Sound = npt.NDArray[np.float64]


def _time(seconds: float) -> Sound:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def noise(seconds: float, low: float, high: float, seed: int) -> Sound:
    """White noise between two frequencies in Hz, of unit power."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal(round(seconds * SAMPLE_RATE) + 2000)
    band = butter(3, (low, min(high, 15_400)), "bandpass", fs=SAMPLE_RATE, output="sos")
    out = np.asarray(sosfilt(band, white))[2000:]
    return out / out.std()


def sweep(seconds: float, top: float, bottom: float, fall: float) -> Sound:
    """A sine that falls from `top` to `bottom` Hz, by 1/e in `fall` seconds."""
    time = _time(seconds)
    return np.sin(2 * np.pi * (bottom * time + (top - bottom) * fall * (1 - np.exp(-time / fall))))


def kick(top: float, bottom: float, fall: float, decay: float, click: float, drive: float) -> Sound:
    """A falling sine with a click in front."""
    time = _time(0.6)
    body = sweep(0.6, top, bottom, fall) * np.exp(-((time / decay) ** 1.3))
    attack = click * noise(0.6, 1500, 6000, 3) * np.exp(-time / 0.004)
    return np.tanh(drive * (body + 0.4 * attack)) / np.tanh(drive)


def clap(decay: float) -> Sound:
    """Several hands, 10 ms apart, and the room after them."""
    time = _time(0.6)
    envelope = sum(
        np.where(time >= at, np.exp(-np.maximum(time - at, 0) / 0.006), 0)
        for at in (0.0, 0.010, 0.021)
    )
    envelope = envelope + np.where(time >= 0.03, np.exp(-np.maximum(time - 0.03, 0) / decay), 0)
    return noise(0.6, 900, 4200, 5) * envelope


def snare(tone: float, ring: float, rattle: float, low: float, high: float, mix: float) -> Sound:
    """Two drum modes and the snares' noise; `ring` and `rattle` are decays in seconds."""
    time = _time(0.6)
    head = sweep(0.6, tone * 1.5, tone, 0.015) + 0.6 * sweep(0.6, tone * 2.4, tone * 1.6, 0.01)
    wires = noise(0.6, low, high, 7) * np.exp(-time / rattle)
    return head * np.exp(-time / ring) + mix * wires


def gated_snare() -> Sound:
    """The snare of the 80s: a big room that shuts after a quarter of a second."""
    time = _time(0.6)
    room = noise(0.6, 400, 6500, 9) * np.clip(1.15 - 2.2 * time, 0, 1)
    room *= 1 / (1 + np.exp((time - 0.25) / 0.008))
    return snare(185, 0.09, 0.08, 700, 8000, 0.8) + 0.42 * room


def electronic_tom(pitch: float) -> Sound:
    """A falling tone with a breath of noise."""
    time = _time(0.8)
    body = sweep(0.8, pitch * 2.0, pitch, 0.09) * np.exp(-time / 0.16)
    return body + 0.12 * noise(0.8, 600, 5000, 13) * np.exp(-time / 0.05)


def hat(decay: float, low: float, seed: int) -> Sound:
    """Bright noise."""
    return noise(0.8, low, 15_000, seed) * np.exp(-_time(0.8) / decay)


def rumble() -> Sound:
    """What follows techno's kick: its echo, far below."""
    time = _time(0.6)
    tone = sweep(0.6, 52, 46, 0.1) + 0.3 * noise(0.6, 60, 160, 15)
    return tone * np.clip(time / 0.04, 0, 1) * np.exp(-time / 0.12)


def chip_kick() -> Sound:
    """A square wave that falls."""
    time = _time(0.3)
    phase = 60 * time + 220 * 0.02 * (1 - np.exp(-time / 0.02))
    square = sum(np.sin(2 * np.pi * k * phase) / k for k in (1, 3, 5, 7))
    return np.asarray(square * np.exp(-time / 0.06))


def chip_noise(decay: float, hold: int, seed: int) -> Sound:
    """A console's noise channel: random bits, each held for some samples."""
    time = _time(0.4)
    bits = np.random.default_rng(seed).choice([-1.0, 1.0], len(time) // hold + 1)
    return np.repeat(bits, hold)[: len(time)] * np.exp(-time / decay)


def crushed(sound: Sound, rate: float, bits: int) -> Sound:
    """The grain of an old sampler: a lower rate and fewer bits, without harsh edges."""
    step = max(1, round(SAMPLE_RATE / rate))
    held = np.repeat(sound[::step], step)[: len(sound)]
    scale = np.abs(sound).max() + 1e-9
    coarse = np.round(held / scale * 2**bits) / 2**bits * scale
    low = butter(2, rate * 0.45, "lowpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(low, coarse))
