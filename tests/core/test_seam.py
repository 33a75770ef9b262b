"""The seam of a continuation, on signals whose right continuation is known."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.seam import EASE, FADE, RING, Seam, burg, extrapolate, level_ratio

RATE = 32_000
KNOWN = RATE


def tone(hertz: float, samples: int, gain: float = 0.4, phase: float = 0.0) -> np.ndarray:
    wave = gain * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE + phase)
    return wave[None].astype(np.float32)


def noise(samples: int, gain: float = 0.1, seed: int = 0) -> np.ndarray:
    drawn = gain * np.random.default_rng(seed).standard_normal((1, samples))
    return drawn.astype(np.float32)


def joined(original: np.ndarray, decoded: np.ndarray) -> np.ndarray:
    """Return the whole clip; the decoded sound begins with the original's length."""
    seam = Seam(original, original.shape[1], RATE)
    new = [seam.feed(decoded), seam.finish()]
    return np.concatenate([original, *new], axis=1)


def loudness(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64))))


def bend(sound: np.ndarray) -> np.ndarray:
    return np.abs(np.diff(sound[0].astype(np.float64), 2))


def test_a_codec_that_repeats_the_original_is_left_alone() -> None:
    decoded = noise(3 * RATE)
    clip = joined(decoded[:, :KNOWN], decoded)
    assert np.abs(clip - decoded).max() < 1e-6


def test_a_quieter_codec_begins_as_loud_as_the_original_and_ends_as_it_is() -> None:
    decoded = tone(331, 4 * RATE, gain=0.1)
    clip = joined(4 * decoded[:, :KNOWN], decoded)
    before, after = clip[:, KNOWN - 3200 : KNOWN], clip[:, KNOWN : KNOWN + 3200]
    assert abs(loudness(after) - loudness(before)) < 0.5
    eased = KNOWN + round(EASE * RATE)
    assert np.array_equal(clip[:, eased:], decoded[:, eased:])


def test_the_gain_never_steps() -> None:
    decoded = tone(1000, 4 * RATE, gain=0.1)
    clip = joined(6 * decoded[:, :KNOWN], decoded)
    levels = [loudness(clip[:, at : at + 640]) for at in range(0, 3 * RATE, 640)]
    assert np.abs(np.diff(levels)).max() < 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_codec_that_says_something_else_is_crossfaded_without_a_click(seed: int) -> None:
    draw = np.random.default_rng(seed)
    low, high = draw.uniform(100, 900, 2)
    original = tone(low, KNOWN, 0.5, draw.uniform(0, 6))
    decoded = tone(high, 3 * RATE, 0.5, draw.uniform(0, 6))
    bare = np.concatenate([original, decoded[:, KNOWN:]], axis=1)
    near = slice(KNOWN - 4, KNOWN + 3)
    usual = bend(decoded).max() + bend(original).max()
    assert bend(joined(original, decoded))[near].max() < 1.2 * usual
    assert bend(bare)[near].max() > 2 * usual


def test_a_crossfade_of_strangers_keeps_the_power() -> None:
    clip = joined(noise(KNOWN, seed=1), noise(3 * RATE, seed=2))
    at = KNOWN + round(FADE * RATE / 2)
    middle = clip[:, at - 200 : at + 200]
    assert abs(loudness(middle) - loudness(clip[:, :KNOWN])) < 3


def test_a_stranger_begins_as_loud_as_the_original_ends() -> None:
    quiet_codec = np.concatenate([noise(KNOWN, 0.1, 3), noise(2 * RATE, 0.02, 4)], axis=1)
    clip = joined(noise(KNOWN, 0.1, 5), quiet_codec)
    after = clip[:, KNOWN + 1600 : KNOWN + 4800]
    assert abs(loudness(after) - loudness(clip[:, :KNOWN])) < 1.5


def test_a_stranger_that_begins_with_a_hit_does_not_burst_in() -> None:
    original, decoded = noise(KNOWN, seed=1), noise(4 * RATE, seed=2)
    decoded[:, KNOWN : KNOWN + RATE // 20] *= 6.0
    clip = joined(original, decoded)
    before, after = clip[:, KNOWN - 1600 : KNOWN], clip[:, KNOWN : KNOWN + 1600]
    assert abs(loudness(after) - loudness(before)) < 1.0
    late = KNOWN + round(EASE * RATE)
    assert np.array_equal(clip[:, late:], decoded[:, late:])


def test_where_a_stranger_begins_with_a_rest_the_original_dies_away() -> None:
    original, decoded = noise(KNOWN, seed=1), noise(4 * RATE, seed=2)
    decoded[:, KNOWN : KNOWN + RATE] = 0
    clip = joined(original, decoded)
    grain = RATE // 20
    levels = [
        loudness(clip[:, at : at + grain] + 1e-9) for at in range(KNOWN - grain, 2 * KNOWN, grain)
    ]
    assert abs(levels[1] - levels[0]) < 1
    falls = -np.diff(levels[1 : round(RING / 0.05)])
    assert (falls > 2).all()
    assert (falls < 12).all()
    rung = KNOWN + round(RING * RATE)
    assert not clip[:, rung : KNOWN + RATE].any()


def test_a_break_in_music_that_the_codec_knows_stays_a_break() -> None:
    decoded = np.concatenate([noise(KNOWN, 0.2, 6), noise(2 * RATE, 0.02, 7)], axis=1)
    clip = joined(decoded[:, :KNOWN], decoded)
    assert np.abs(clip - decoded).max() < 1e-6


def test_silence_on_either_side_asks_for_no_gain() -> None:
    loud, silent = noise(KNOWN), np.zeros((1, KNOWN), np.float32)
    assert level_ratio(loud, silent) == level_ratio(silent, loud) == 1.0
    assert level_ratio(100 * loud, loud) == pytest.approx(8.0)


@pytest.mark.parametrize("sizes", [[640], [1, 7, 640, 5000], [20_000]])
def test_pieces_of_any_size_make_the_same_sound(sizes: list[int]) -> None:
    original, decoded = noise(KNOWN, 0.2, 8), noise(2 * RATE + 333, 0.1, 9)
    seam, pieces, at = Seam(original, KNOWN, RATE), [], 0
    while at < decoded.shape[1]:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(seam.feed(decoded[:, at : at + size]))
        at += size
    pieces.append(seam.finish())
    streamed = np.concatenate(pieces, axis=1)
    assert np.array_equal(streamed, joined(original, decoded)[:, KNOWN:])


@pytest.mark.parametrize("new", [0, 1, 100])
def test_a_new_part_of_any_length_comes_whole(new: int) -> None:
    clip = joined(noise(KNOWN), noise(KNOWN + new, seed=1))
    assert clip.shape == (1, KNOWN + new)
    assert np.isfinite(clip).all()


@pytest.mark.parametrize("known", [1, 2, 40])
def test_an_original_of_a_few_samples_is_enough(known: int) -> None:
    clip = joined(noise(known), noise(RATE, seed=1))
    assert clip.shape == (1, RATE)
    assert np.isfinite(clip).all()


def test_the_sides_of_a_stereo_clip_keep_their_balance() -> None:
    decoded = np.concatenate([noise(3 * RATE, 0.1), noise(3 * RATE, 0.05, 1)])
    clip = joined(2 * decoded[:, :KNOWN], decoded)
    assert np.allclose(clip[0] / decoded[0], clip[1] / decoded[1], rtol=1e-3, atol=1e-3)


def test_linear_prediction_goes_on_with_a_chord() -> None:
    chord = (tone(220, 2400) + tone(277, 2400, 0.3))[0].astype(np.float64)
    told = extrapolate(chord[:1600], 200)
    assert np.abs(told - chord[1600:1800]).max() < 0.05


def test_predictions_of_noise_do_not_grow() -> None:
    for seed in range(10):
        known = noise(1600, 1.0, seed)[0].astype(np.float64)
        told = extrapolate(known, 1000)
        assert np.abs(told).max() <= np.abs(known).max()


def test_nothing_predicts_silence() -> None:
    assert burg(np.zeros(100), 8).tolist() == [0.0] * 8
