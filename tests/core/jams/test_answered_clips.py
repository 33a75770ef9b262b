"""A player's own sound that is only answered: the model hears it, and the track does not."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core import audio
from musicgen_core.jams import Curve, Seam, reel
from musicgen_core.requests import AudioPrompt, Clip, Provenance, SamplingParams

RATE = 32_000
SEAM = Seam(0.01, Curve.LINEAR)
LOUD, SOFT = 0.3, 0.05


def tone(seconds: float, pitch: float, level: float) -> np.ndarray:
    """Return a sound with overtones that nothing is as steep as but a click."""
    at = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * pitch * n * at + n) / n for n in (1, 2, 3))
    return (level * wave[None]).astype(np.float32)


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.square(sound, dtype=np.float64).mean()))


def answered(track: np.ndarray, own: np.ndarray, rate: int = RATE) -> tuple[np.ndarray, reel.Heard]:
    """Return the track with a part that goes on as its player's sound did, and what was heard."""
    first = reel.Reel((audio.encode(track, RATE),), (1,), RATE, 1, SEAM)
    heard = reel.listen(first, 3.0, AudioPrompt(own, RATE), 0.0)
    prompt = audio.resample(heard.prompt.samples, RATE, rate)
    # As models do: it is as loud as what it heard last, and begins anywhere in its wave.
    new = tone(3.0, 311.0, 1.0)[:, :: RATE // rate]
    new *= rms(prompt[:, -rate // 2 :]) / rms(new)
    made = Provenance("m", "e", "fp32", "rain", 3.0, 7, SamplingParams())
    clip = Clip(np.concatenate([prompt, new], axis=1), rate, made, new_from=prompt.shape[1])
    cut = reel.cut(clip, heard, SEAM)
    assert cut.seconds == pytest.approx(3.01, abs=1e-3)
    both = reel.Reel((*first.files, cut.data), (1, 2), RATE, 1, SEAM)
    return both.join(), heard


def steps(sound: np.ndarray, seam: int) -> tuple[float, float]:
    """Return the step of the level over the seam in dB, and the steepest slope there."""
    width = RATE // 5
    before, behind = sound[:, seam - width : seam], sound[:, seam : seam + width]
    near = sound[0, seam - RATE // 50 : seam + RATE // 50]
    return 20 * np.log10(rms(behind) / rms(before)), float(np.abs(np.diff(near)).max())


@pytest.mark.parametrize(("track_level", "own_level"), [(LOUD, SOFT), (SOFT, LOUD), (LOUD, LOUD)])
def test_a_part_that_answers_a_clip_follows_the_track_without_a_seam(
    track_level: float, own_level: float
) -> None:
    track = tone(4.0, 220.0, track_level)
    joined, _ = answered(track, tone(1.0, 277.0, own_level))
    seam = track.shape[1]
    step, steepest = steps(joined, seam)
    assert abs(step) < 3.0
    behind = joined[0, seam + RATE // 10 : seam + RATE]
    usual = max(np.abs(np.diff(track[0])).max(), np.abs(np.diff(behind)).max())
    assert steepest < 1.5 * usual, "no click"
    assert np.abs(joined[:, :seam] - track).max() < 1e-3, "nothing of the clip is in the track"


def test_a_part_of_another_rate_that_answers_a_clip_follows_the_track_likewise() -> None:
    track = tone(4.0, 220.0, LOUD)
    joined, _ = answered(track, tone(1.0, 277.0, SOFT), rate=16_000)
    assert abs(steps(joined, track.shape[1])[0]) < 3.0


def test_an_answered_clip_is_heard_behind_the_track_and_as_loud_as_it() -> None:
    track, own = tone(4.0, 220.0, LOUD), tone(1.0, 277.0, SOFT)
    _, heard = answered(track, own)
    said = heard.prompt.samples[:, -RATE + 400 :]
    assert rms(said) == pytest.approx(rms(track), rel=0.1)
    assert np.corrcoef(said[0], own[0, 400:])[0, 1] > 0.999


def test_a_clip_that_is_answered_before_anything_is_played_is_as_it_was_given() -> None:
    empty = reel.Reel((), (), RATE, 1, SEAM)
    own = tone(1.0, 277.0, SOFT)
    heard = reel.listen(empty, 3.0, AudioPrompt(own, RATE), 0.0)
    assert np.array_equal(heard.prompt.samples, own)
    assert (heard.from_second, heard.end) == (1.0, None)


def test_an_answered_clip_is_not_made_louder_than_full_scale() -> None:
    own = tone(1.0, 277.0, SOFT)
    own[0, 100] = 0.9
    _, heard = answered(tone(4.0, 220.0, LOUD), own)
    assert np.abs(heard.prompt.samples).max() <= 1.0
