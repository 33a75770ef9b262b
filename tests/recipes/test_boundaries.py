"""Clicks and dips where frames meet are told from attacks, and a clip's loudness is known."""

from __future__ import annotations

import numpy as np
import pytest

from recipes.builtin.boundaries import jumps_at_boundaries
from recipes.builtin.shaping import integrated_loudness
from recipes.builtin.voices import Codes, Note, tokens_of

FRAMES = 400


@pytest.fixture
def codes() -> Codes:
    """A drum on every eighth frame."""
    return tokens_of([Note("hat_open", 0, at, 8) for at in range(0, FRAMES, 8)], FRAMES)


@pytest.fixture
def sound() -> np.ndarray:
    """Noise, and far more of it within 15 ms of every drum's attack."""
    rng = np.random.default_rng(4)
    fading = np.where(np.arange(8 * 640) < 480, 5.0, 1.0)
    return (rng.standard_normal((FRAMES // 8, 8 * 640)) * fading).reshape(-1).astype(np.float32)


def test_attacks_are_no_clicks_and_hide_none(codes: Codes, sound: np.ndarray) -> None:
    assert jumps_at_boundaries(sound, codes) == pytest.approx(1, abs=0.15)
    assert jumps_at_boundaries(sound, codes, 64) == pytest.approx(1, abs=0.06)
    clicking = sound.copy()
    clicking[::640] += 2 * np.abs(sound).reshape(-1, 640).mean(axis=1)
    assert jumps_at_boundaries(clicking, codes) > 1.5


def test_dips_where_frames_overlap_are_found(codes: Codes, sound: np.ndarray) -> None:
    dipping = sound.reshape(-1, 640).copy()
    dipping[:, :64] *= 0.8
    dipping[:, -64:] *= 0.8
    assert jumps_at_boundaries(dipping.reshape(-1), codes, 64) < 0.75


def test_loudness_is_that_of_the_standard() -> None:
    time = np.arange(5 * 32000) / 32000
    tone = np.sin(2 * np.pi * 997 * time)
    assert integrated_loudness(tone) == pytest.approx(-3.01, abs=0.05)
    # What is far softer than the rest does not count.
    assert integrated_loudness(np.concatenate([tone, 0.001 * tone])) == pytest.approx(-3.1, abs=0.2)
    assert integrated_loudness(np.zeros(32000)) == -70
