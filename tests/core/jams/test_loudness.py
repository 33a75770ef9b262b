"""The meter against what ITU-R BS.1770-4 and EBU Tech 3341 say that it must read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicgen_core.jams.loudness import (
    BLOCK,
    decibels,
    integrated_loudness,
    k_weighting,
    true_peak,
)

# ITU-R BS.1770-4, tables 1 and 2: at 48 kHz.
SHELF = [
    1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585,
]  # fmt: skip
HIGH_PASS = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
# EBU Tech 3341, table 1, cases 1 to 5: (seconds, dBFS) of a stereo sine of 1 kHz, and LUFS.
EBU = [
    ([(20, -23)], -23.0),
    ([(20, -33)], -33.0),
    ([(10, -36), (60, -23), (10, -36)], -23.0),
    ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    ([(20, -26), (20.1, -20), (20, -26)], -23.0),
]
RATES = [32000, 44100, 48000]


def sine(rate: int, seconds: float, level: float, frequency: float = 1000.0) -> np.ndarray:
    time = np.arange(round(rate * seconds)) / rate
    return (10 ** (level / 20) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def test_the_filters_are_those_of_the_standard() -> None:
    assert k_weighting(48000) == pytest.approx(np.array([SHELF, HIGH_PASS]), abs=1e-7)


@pytest.mark.parametrize("rate", RATES)
def test_a_full_scale_sine_of_997_hz_in_one_channel_reads_minus_3_01(rate: int) -> None:
    tone = sine(rate, 5, 0.0, 997.0)
    assert integrated_loudness(tone[None], rate) == pytest.approx(-3.01, abs=0.02)
    one_side = np.stack([tone, np.zeros_like(tone)])
    assert integrated_loudness(one_side, rate) == pytest.approx(-3.01, abs=0.02)
    assert integrated_loudness(0.1 * tone[None], rate) == pytest.approx(-23.01, abs=0.02)


@pytest.mark.parametrize(("parts", "expected"), EBU)
@pytest.mark.parametrize("rate", [32000, 48000])
def test_the_cases_of_the_ebu_read_what_they_must(rate, parts, expected) -> None:
    tone = np.concatenate([sine(rate, seconds, level) for seconds, level in parts])
    assert integrated_loudness(np.stack([tone, tone]), rate) == pytest.approx(expected, abs=0.1)


def test_silence_and_what_is_too_short_have_no_loudness() -> None:
    assert integrated_loudness(np.zeros((1, 32000), np.float32), 32000) == -math.inf
    assert integrated_loudness(sine(32000, 0.39, 0.0)[None], 32000) == -math.inf
    assert integrated_loudness(np.zeros((2, 0), np.float32), 32000) == -math.inf


# EBU Tech 3341, cases 15 to 19: (cycles a sample, phase in degrees, amplitude, dBTP).
@pytest.mark.parametrize(
    ("cycles", "phase", "amplitude", "expected"),
    [
        (1 / 4, 0.0, 0.5, -6.0),
        (1 / 4, 45.0, 0.5, -6.0),
        (1 / 6, 60.0, 0.5, -6.0),
        (1 / 8, 67.5, 0.5, -6.0),
        (1 / 4, 45.0, 1.41, 3.0),
    ],
)
def test_peaks_between_samples_are_found(cycles, phase, amplitude, expected) -> None:
    time = np.arange(48000)
    tone = amplitude * np.sin(2 * np.pi * cycles * time + np.radians(phase))
    # The sine begins and ends softly, as the standard's signals do.
    window = np.minimum(1.0, np.minimum(time, time[::-1]) / 2400)
    peak = decibels(true_peak((tone * window).astype(np.float32)[None], 48000))
    assert expected - 0.4 <= peak <= expected + 0.2


def test_a_peak_at_the_border_of_two_blocks_is_not_missed() -> None:
    samples = np.zeros((2, 2 * BLOCK), np.float32)
    samples[1, BLOCK - 1 : BLOCK + 1] = 0.5
    # Two equal neighbors peak between them, at 4/pi of their height.
    assert true_peak(samples, 32000) == pytest.approx(0.5 * 4 / np.pi, rel=0.02)
    assert true_peak(np.zeros((1, 0), np.float32), 32000) == 0.0
