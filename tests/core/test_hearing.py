"""Tempo and key of sounds that are known."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.hearing import MAJOR, TONICS, Heard, hear, key_scores

RATE = 32_000


def chords(*tonics_and_modes: tuple[int, bool], seconds: float = 1.0) -> np.ndarray:
    """Triads one after the other, each of three partials; (pitch above C, minor)."""
    at = np.arange(round(seconds * RATE)) / RATE
    sounds = []
    for tonic, minor in tonics_and_modes:
        pitches = [131 * 2 ** ((tonic + step) / 12) for step in (0, 3 if minor else 4, 7)]
        waves = [np.sin(2 * np.pi * p * n * at) / n for p in pitches for n in (1, 2, 3)]
        sounds.append(0.1 * np.sum(waves, axis=0))
    return np.concatenate(sounds)[None].astype(np.float32)


def clicks(tempo: float, seconds: float = 8.0) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    hits = np.exp(-(at % (60 / tempo)) / 0.02)
    noise = np.random.default_rng(0).standard_normal(len(at))
    return (0.3 * hits * noise)[None].astype(np.float32)


def noise(seconds: float = 8.0) -> np.ndarray:
    drawn = 0.2 * np.random.default_rng(1).standard_normal((1, round(seconds * RATE)))
    return drawn.astype(np.float32)


@pytest.mark.parametrize("tempo", [72, 96.5, 120, 150])
def test_a_beat_is_heard_at_its_tempo(tempo: float) -> None:
    heard = hear(clicks(tempo), RATE)
    assert heard.tempo == pytest.approx(tempo, rel=0.01)
    assert heard.key is None


@pytest.mark.parametrize(
    ("progression", "key"),
    [
        ([(0, False), (5, False), (7, False), (0, False)], "C major"),
        ([(9, True), (2, True), (4, True), (9, True)], "A minor"),
        ([(6, True), (11, True), (1, True), (6, True)], "F# minor"),
        ([(3, False), (8, False), (10, False), (3, False)], "Eb major"),
    ],
)
def test_a_cadence_is_heard_in_its_key(progression, key: str) -> None:
    assert hear(chords(*progression), RATE).key == key


def test_a_held_chord_has_no_beat() -> None:
    assert hear(chords((9, True), seconds=6.0), RATE).tempo is None


def test_noise_and_silence_have_neither() -> None:
    assert hear(noise(), RATE) == Heard(None, None)
    assert hear(np.zeros((2, RATE), np.float32), RATE) == Heard(None, None)


@pytest.mark.parametrize("samples", [1, 100, 3000])
def test_what_is_too_short_to_tell_is_not_told(samples: int) -> None:
    assert hear(clicks(120)[:, :samples], RATE).tempo is None


def test_stereo_and_other_rates_are_heard_alike() -> None:
    beat = clicks(120)
    sides = np.concatenate([beat, 0.5 * beat])
    assert hear(sides, RATE).tempo == hear(beat, RATE).tempo


def test_every_key_is_told_from_its_own_profile() -> None:
    for tonic in range(12):
        scores = key_scores(np.roll(MAJOR, tonic))
        assert np.unravel_index(scores.argmax(), scores.shape) == (0, tonic)
    assert len(TONICS) == 12
    assert not key_scores(np.ones(12)).any()
