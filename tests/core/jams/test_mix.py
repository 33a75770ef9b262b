"""The mix: takes bit for bit, the loudness of the target, stems that make up the track."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicgen_core.jams import Curve, Seam
from musicgen_core.jams import mix as mix_module
from musicgen_core.jams.loudness import integrated_loudness, true_peak
from musicgen_core.jams.mix import Part, join, master, stems

RATE = 32000


def noise(seconds: float, seed: int, channels: int = 1, rate: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(-0.5, 0.5, (channels, round(seconds * rate))).astype(np.float32)


def music(seconds: float, level: float = 0.3, channels: int = 2) -> np.ndarray:
    """Return chords with a beat on them: sharp attacks over something steady."""
    time = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * time) for f in (110.0, 220.0, 277.2, 329.6)) / 4
    beat = np.exp(-30 * (time % 0.5)) * np.sin(2 * np.pi * 3000 * time)
    sides = [chord + (1.0 + 0.2 * side) * beat for side in range(channels)]
    return (level * np.stack(sides)).astype(np.float32)


def three(channels: int = 1) -> list[Part]:
    return [
        Part(noise(1.0, 1, channels), RATE, 101),
        Part(noise(0.5, 2, channels), RATE, 102),
        Part(noise(0.7, 3, channels), RATE, 101),
    ]


@pytest.mark.parametrize("channels", [1, 2])
def test_the_track_is_its_takes_bit_for_bit_except_at_the_seams(channels: int) -> None:
    parts, lap = three(channels), 320
    track = join(parts, RATE, channels, Seam(0.01))
    one, two, last = (part.samples for part in parts)
    assert track.shape == (channels, 32000 + 16000 + 22400 - 2 * lap)
    assert np.array_equal(track[:, : 32000 - lap], one[:, :-lap])
    assert np.array_equal(track[:, 32000 : 48000 - 2 * lap], two[:, lap:-lap])
    assert np.array_equal(track[:, 48000 - lap :], last[:, lap:])


def test_without_a_seam_the_track_is_the_plain_concatenation() -> None:
    parts = three()
    whole = np.concatenate([part.samples for part in parts], axis=1)
    assert np.array_equal(join(parts, RATE, 1, Seam(0.0)), whole)


@pytest.mark.parametrize(("curve", "power"), [(Curve.EQUAL_POWER, True), (Curve.LINEAR, False)])
def test_a_seam_keeps_the_power_of_strangers_or_the_level_of_the_same(curve, power) -> None:
    ones = [Part(np.ones((1, 3200), np.float32), RATE, player) for player in (1, 2)]
    sides = [stem for _, stem in stems(ones, RATE, 1, Seam(0.05, curve))]
    total = sum(side**2 if power else side for side in sides)
    assert total == pytest.approx(1.0, abs=1e-6)


def test_a_part_shorter_than_the_seam_is_laid_over_as_far_as_it_goes() -> None:
    parts = [Part(noise(0.2, 1), RATE), Part(noise(0.005, 2), RATE), Part(noise(0.2, 3), RATE)]
    track = join(parts, RATE, 1, Seam(0.01))
    assert track.shape[1] == 6400 + 160 + 6400 - 2 * 80
    assert np.array_equal(track[:, : 6400 - 80], parts[0].samples[:, :-80])
    assert np.array_equal(track[:, 6400 + 80 :], parts[2].samples[:, 80:])


def test_parts_of_another_rate_and_channels_become_the_tracks() -> None:
    parts = [Part(noise(1.0, 1), RATE), Part(noise(1.0, 2, 2, 16000), 16000)]
    track = join(parts, RATE, 1, Seam(0.0))
    assert track.shape == (1, 64000)
    assert np.array_equal(track[:, :32000], parts[0].samples)


def test_stems_are_each_players_parts_in_their_place_and_make_up_the_track() -> None:
    parts = three(2)
    apart = dict(stems(parts, RATE, 2, Seam(0.01)))
    track = join(parts, RATE, 2, Seam(0.01))
    assert list(apart) == [101, 102]
    assert all(stem.shape == track.shape for stem in apart.values())
    assert np.array_equal(apart[101] + apart[102], track)
    assert not apart[101][:, 32000 : 48000 - 640].any()
    assert not apart[102][:, : 32000 - 320].any()
    louder = dict(stems(parts, RATE, 2, Seam(0.01), gain=2.0))
    assert np.array_equal(louder[102], 2 * apart[102])


@pytest.mark.parametrize("level", [0.001, 0.05, 0.9])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_mix_is_as_loud_as_the_target_and_peaks_under_the_ceiling(level, channels) -> None:
    mix = master(music(6.0, level, channels), RATE)
    assert mix.loudness == pytest.approx(-14.0, abs=0.1)
    assert integrated_loudness(mix.samples, RATE) == mix.loudness
    assert 20 * math.log10(true_peak(mix.samples, RATE)) < -1.0
    assert mix.true_peak < -1.0


def test_what_needs_no_limiting_only_changes_its_level() -> None:
    track = noise(8.0, 4) * 0.2
    mix = master(track, RATE, fade_seconds=0.0, target=-20.0)
    assert mix.samples == pytest.approx(track * np.float32(mix.gain), abs=1e-7)


def test_the_limiter_does_the_same_wherever_its_blocks_meet(monkeypatch) -> None:
    sound = music(2.0, 0.9)
    whole = master(sound, RATE)
    monkeypatch.setattr(mix_module, "BLOCK", 1234)
    assert master(sound, RATE).samples == pytest.approx(whole.samples, abs=1e-5)


def test_the_mix_fades_to_nothing() -> None:
    mix = master(music(8.0), RATE, fade_seconds=3.0)
    power = (mix.samples**2).mean(axis=0)
    loud, soft = power[-5 * RATE : -4 * RATE].mean(), power[-RATE // 2 :].mean()
    assert soft < loud / 100
    assert np.abs(mix.samples[:, -1]).max() < 1e-6


def test_silence_stays_silent() -> None:
    mix = master(np.zeros((2, RATE), np.float32), RATE)
    assert not mix.samples.any()
    assert (mix.loudness, mix.true_peak, mix.gain) == (-math.inf, -math.inf, 1.0)
