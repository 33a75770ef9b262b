"""The limiter on sound that arrives bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_core.audio import limit_peaks
from musicgen_core.limiter import CEILING, PeakLimiter

RATE = 2000  # the limiter reaches 20 samples to either side


def sound(seed: int, length: int, channels: int = 2) -> np.ndarray:
    """Quiet noise with some peaks beyond full scale, at the ends too."""
    rng = np.random.default_rng(seed)
    samples = rng.uniform(-0.9, 0.9, (channels, length)).astype(np.float32)
    for at in (0, length - 1, *rng.integers(0, length, length // 150)):
        samples[rng.integers(channels), at] = rng.uniform(-3, 3)
    return samples


def streamed(samples: np.ndarray, sizes: list[int]) -> np.ndarray:
    limiter, pieces, at = PeakLimiter(RATE), [], 0
    for size in [*sizes, samples.shape[1]]:
        pieces.append(limiter.feed(samples[:, at : at + size]))
        at += size
    return np.concatenate([*pieces, limiter.finish()], axis=1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 99), st.integers(1, 900), st.lists(st.integers(0, 200), max_size=8))
def test_in_pieces_it_is_what_it_is_whole(seed, length, sizes) -> None:
    samples = sound(seed, length)
    assert streamed(samples, sizes) == pytest.approx(limit_peaks(samples, RATE), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 99), st.integers(1, 900))
def test_nothing_passes_the_ceiling_and_far_from_peaks_nothing_changes(seed, length) -> None:
    samples = sound(seed, length)
    out = streamed(samples, [100])
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > 1.0)
    near = np.abs(np.arange(length)[:, None] - loud[None]).min(axis=1, initial=length) <= 20
    assert np.abs(out[:, near]).max(initial=0.0) <= np.float32(CEILING)
    assert np.array_equal(out[:, ~near], samples[:, ~near])


def test_sound_within_full_scale_is_returned_to_the_bit() -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (1, 5000)).astype(np.float32)
    assert np.array_equal(streamed(samples, [7, 900, 1]), samples)


def test_the_sound_is_returned_as_soon_as_no_peak_can_change_it() -> None:
    limiter = PeakLimiter(RATE)
    assert limiter.feed(np.zeros((1, 100), np.float32)).shape == (1, 80)
