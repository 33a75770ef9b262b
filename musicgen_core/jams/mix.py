"""The sound of a track: its takes joined, mastered for listening, and taken apart by player."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from musicgen_core.audio import Samples, resample, with_channels
from musicgen_core.jams.loudness import (
    BLOCK,
    decibels,
    integrated_loudness,
    peaks_around,
    true_peak,
)
from musicgen_core.jams.settings import Curve, Seam
from musicgen_core.limiter import REACH, slow_gain

TARGET_LUFS = -14.0
CEILING_DB = -1.0
"""Of the true peak."""
HEADROOM_DB = 0.1
"""A gain that moves shifts peaks between samples a little."""
CLOSE_LU = 0.05
ROUNDS = 8
"""Limiting makes a piece quieter; this often it is made up for."""
FADE_SECONDS = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The sound of one take: float32 [channels, samples] at `rate` Hz, only what it added."""

    samples: Samples
    rate: int
    player: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """A finished mix [channels, samples] and what was measured of it."""

    samples: Samples
    rate: int
    gain: float
    """Factor by which it is louder than the track, peaks apart."""
    loudness: float
    """LUFS."""
    true_peak: float
    """dBTP."""


def join(parts: Sequence[Part], rate: int, channels: int, seam: Seam) -> Samples:
    """Return the track [channels, samples] at `rate`.

    Where a part is at that rate with those channels, it is in the track bit for bit, except where
    it lies over its neighbors.
    """
    placed = list(_placed(parts, rate, channels, seam))
    track = np.zeros((channels, max((at + s.shape[1] for at, s in placed), default=0)), np.float32)
    for at, sound in placed:
        track[:, at : at + sound.shape[1]] += sound
    return track


def stems(
    parts: Sequence[Part], rate: int, channels: int, seam: Seam, gain: float = 1.0
) -> Iterator[tuple[int | None, Samples]]:
    """Yield each player's parts in their place, as long as the track and silent elsewhere.

    Together, with a gain of 1, they are the track of `join`; with that of `master`, the mix
    before its limiter and its fade.
    """
    placed = list(_placed(parts, rate, channels, seam))
    length = max((at + sound.shape[1] for at, sound in placed), default=0)
    for player in dict.fromkeys(part.player for part in parts):
        stem = np.zeros((channels, length), np.float32)
        for part, (at, sound) in zip(parts, placed, strict=True):
            if part.player == player:
                stem[:, at : at + sound.shape[1]] += sound
        yield player, stem if gain == 1.0 else stem * np.float32(gain)


def master(
    track: Samples,
    rate: int,
    *,
    fade_seconds: float = FADE_SECONDS,
    target: float = TARGET_LUFS,
    ceiling: float = CEILING_DB,
) -> Mastered:
    """Return the track with a fade at its end, at `target` LUFS and under `ceiling` dBTP.

    Silence stays as it is. Where peaks are so far above the rest that the limiter would have to
    take more than `ROUNDS` times make up for, the peak is kept and the loudness is not reached.
    """
    sound = _faded(track, round(fade_seconds * rate))
    loudness = integrated_loudness(sound, rate)
    if loudness == -math.inf:
        return Mastered(sound, rate, 1.0, loudness, decibels(true_peak(sound, rate)))
    level, out = target - loudness, sound
    for _ in range(ROUNDS):
        out = _limited(sound * np.float32(10 ** (level / 20)), rate, ceiling)
        loudness = integrated_loudness(out, rate)
        if abs(loudness - target) <= CLOSE_LU:
            break
        level += target - loudness
    return Mastered(out, rate, 10 ** (level / 20), loudness, decibels(true_peak(out, rate)))


def _placed(
    parts: Sequence[Part], rate: int, channels: int, seam: Seam
) -> Iterator[tuple[int, Samples]]:
    """Yield where each part begins, in samples, and its sound with the fades of its seams."""
    sounds = [with_channels(resample(part.samples, part.rate, rate), channels) for part in parts]
    lengths = [sound.shape[1] for sound in sounds]
    # A part is under one seam at a time, however short it is.
    lap = round(seam.overlap_seconds * rate)
    laps = [0, *(min(lap, one // 2, two // 2) for one, two in pairwise(lengths)), 0]
    at = 0
    for sound, rise, fall in zip(sounds, laps, laps[1:], strict=False):
        yield at - rise, _with_fades(sound, rise, fall, seam.curve)
        at += sound.shape[1] - rise


def _with_fades(sound: Samples, rise: int, fall: int, curve: Curve) -> Samples:
    sound = sound.copy()
    sound[:, :rise] *= _rising(rise, curve)
    sound[:, sound.shape[1] - fall :] *= _rising(fall, curve)[::-1]
    return sound


def _rising(length: int, curve: Curve) -> npt.NDArray[np.float32]:
    """Return gains [length] from 0 to 1, both excluded; backwards they are the falling ones."""
    place = (np.arange(length) + 0.5) / length
    gains = place if curve is Curve.LINEAR else np.sin(place * np.pi / 2)
    return gains.astype(np.float32)


def _faded(track: Samples, length: int) -> Samples:
    """Return the track with a fade over its last `length` samples, smooth at both ends."""
    length = min(length, track.shape[1])
    gains = np.cos(np.linspace(0.0, np.pi / 2, length)) ** 2
    faded = track.astype(np.float32)
    faded[:, track.shape[1] - length :] *= gains.astype(np.float32)
    return faded


def _limited(sound: Samples, rate: int, ceiling: float) -> Samples:
    """Return the sound with its true peak under `ceiling` dB; elsewhere it stays to the bit."""
    limit = 10 ** ((ceiling - HEADROOM_DB) / 20)
    half = max(1, round(REACH * rate))
    out = sound.copy()
    for start in range(0, sound.shape[1], BLOCK):
        stop = min(start + BLOCK, sound.shape[1])
        # Peaks so far away still move the gain.
        low, high = max(0, start - 2 * half), min(sound.shape[1], stop + 2 * half)
        peaks = peaks_around(sound, rate, low, high) / np.float32(limit)
        if peaks.max(initial=0.0) > 1.0:
            gain = slow_gain(peaks, half)[start - low : stop - low]
            out[:, start:stop] *= gain.astype(np.float32)
    return out
