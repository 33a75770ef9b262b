"""A jam's sound: what the model hears, what a part is cut from, and how it joins the track."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from musicgen_core import audio
from musicgen_core.jams import Curve, Jam, JamSettings, Seam, Take, begin, reel
from musicgen_core.jams.loudness import integrated_loudness
from musicgen_core.jams.settings import LEAD_SECONDS
from musicgen_core.requests import AudioPrompt, Clip, Provenance, SamplingParams
from musicgen_core.studio import lineage

RATE = 32_000
SEAM = Seam(0.01, Curve.LINEAR)
MUCH = 10 << 20


def noise(seconds: float, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return (0.2 * chance.standard_normal((1, round(seconds * RATE)))).astype(np.float32)


def track(*parts: np.ndarray, players: tuple[int, ...] | None = None) -> reel.Reel:
    files = tuple(audio.encode(part, RATE) for part in parts)
    return reel.Reel(files, players or tuple(range(1, len(parts) + 1)), RATE, 1, SEAM)


def continued(prompt: AudioPrompt, new: np.ndarray) -> Clip:
    """Return what a model makes: the prompt as it was, and the new part."""
    made = Provenance("m", "e", "fp32", "rain", 1.0, 7, SamplingParams())
    whole = np.concatenate([prompt.samples, new], axis=1)
    return Clip(whole, RATE, made, new_from=prompt.samples.shape[1])


def samples_of(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0].T


def test_a_continuation_joins_the_track_as_if_it_had_never_been_cut() -> None:
    first = track(noise(3.0, 1))
    heard = reel.listen(first, 2.0, None, 0.0)
    assert heard.prompt.seconds == pytest.approx(2.0)
    cut = reel.cut(continued(heard.prompt, noise(2.0, 2)), heard.from_second)
    joined = reel.Reel((*first.files, cut.data), (1, 2), RATE, 1, SEAM).join()
    expected = np.concatenate([first.join(), noise(2.0, 2)], axis=1)
    assert joined.shape == expected.shape
    assert np.abs(joined - expected).max() < 1e-4, "to 16 bits, the seam included"


def test_a_spliced_clip_follows_the_track_and_the_new_part_follows_it() -> None:
    first, own = track(noise(3.0, 1)), AudioPrompt(noise(1.0, 3), RATE)
    heard = reel.listen(first, 2.0, own, 0.5)
    clip = continued(heard.prompt, noise(1.5, 2))
    cut = reel.cut(clip, heard.from_second)
    joined = reel.Reel((*first.files, cut.data), (1, 2), RATE, 1, SEAM).join()[0]
    at = 3 * RATE
    assert np.abs(joined[: at - 400] - noise(3.0, 1)[0, : at - 400]).max() < 1e-4
    spliced = joined[at : at + RATE // 2 - 400]
    assert np.abs(spliced - own.samples[0, 320 : 320 + len(spliced)]).max() < 1e-4
    assert np.abs(joined[-RATE:] - noise(1.5, 2)[0, -RATE:]).max() < 1e-4


def test_a_long_splice_is_whole_though_the_model_hears_less() -> None:
    own = AudioPrompt(noise(4.0, 3), RATE)
    heard = reel.listen(track(noise(3.0, 1)), 1.0, own, 4.0)
    clip = continued(heard.prompt, noise(1.0, 2))
    cut = reel.cut(clip, heard.from_second)
    assert cut.seconds == pytest.approx(5.0, abs=0.02)


def test_an_answered_clip_is_heard_and_is_no_part_of_the_take() -> None:
    first, own = track(noise(3.0, 1)), AudioPrompt(noise(1.0, 3), RATE)
    heard = reel.listen(first, 2.0, own, 0.0)
    assert np.abs(heard.prompt.samples[0, -RATE + 400 :] - own.samples[0, 400:]).max() < 1e-4
    cut = reel.cut(continued(heard.prompt, noise(1.5, 2)), heard.from_second)
    assert cut.seconds == pytest.approx(1.51)


def test_a_preview_is_the_last_seconds_of_the_track_and_the_candidate() -> None:
    long = track(noise(9.0, 1))
    part = audio.encode(noise(2.0, 2), RATE)
    ((kind, data),) = reel.previews(long, (part,), MUCH)
    assert kind == "WAV"
    assert samples_of(data).shape[1] == round((2.0 + LEAD_SECONDS) * RATE)
    assert np.abs(samples_of(data)[0, -RATE:] - noise(2.0, 2)[0, -RATE:]).max() < 1e-3


def test_a_track_too_large_for_a_wav_comes_in_the_next_best_format() -> None:
    long = track(0.01 * noise(9.0, 1))
    assert reel.whole(long, MUCH, "Rain")[0] == "WAV"
    assert reel.whole(long, 500_000, "Rain")[0] == "FLAC"
    assert reel.whole(long, 100, "Rain") is None


def test_a_mix_has_its_loudness_its_fade_and_its_words() -> None:
    made = reel.mixdown(track(noise(6.0, 1)), None, "Rain", '{"title": "Rain"}')
    sound = samples_of(made.data)
    assert abs(integrated_loudness(sound, RATE) + 14) < 0.5
    assert np.abs(sound[0, -100:]).max() < 1e-3
    with soundfile.SoundFile(io.BytesIO(made.data)) as file:
        assert (file.title, file.comment) == ("Rain", '{"title": "Rain"}')


def test_a_mix_of_twenty_parts_tells_of_each_in_wav_and_flac() -> None:
    jam = jam_of(20, 100 * "雨")
    told = json.dumps(lineage(jam, {7: "Ada"}), ensure_ascii=False)
    mix = reel.mixdown(track(noise(6.0, 1)), None, "Rain", told).data
    for limit, kind in ((MUCH, "WAV"), (len(mix) - 1, "FLAC")):
        assert reel.again(mix, limit, "Rain")[0] == kind
        parts = json.loads(audio.comment_of(reel.again(mix, limit, "Rain")[1]))["parts"]
        assert [part["seed"] for part in parts] == list(range(1, 21))
        assert {(part["player"], part["prompt"]) for part in parts} == {("Ada", 100 * "雨")}


def jam_of(parts: int, prompt: str) -> Jam:
    jam = begin(id="j", title="Rain", prompt=prompt, owner=7, settings=JamSettings(), seed=1, at=0)
    line = [None, *range(1, parts)]
    takes = tuple(
        Take(number=number, parent=parent, player=7, direction="on", prompt=prompt,
             file="f", seconds=1.0, rate=RATE, channels=1, seed=number, at=0.0)
        for number, parent in enumerate(line, 1)
    )  # fmt: skip
    return replace(jam, takes=takes, head=parts)


def test_an_ending_of_the_models_follows_the_track() -> None:
    first = track(noise(3.0, 1))
    heard = reel.listen(first, 2.0, None, 0.0)
    outro = continued(heard.prompt, noise(2.0, 2)), heard.from_second
    assert reel.mixdown(first, outro, "Rain", "").seconds == pytest.approx(5.0, abs=0.01)


def test_stems_are_each_as_long_as_the_track_and_add_up_to_it() -> None:
    both = track(noise(2.0, 1), noise(2.0, 2), noise(1.0, 3), players=(5, 6, 5))
    packed = reel.zipped(both, {5: "Ada", 6: "Grace"}, MUCH)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["1-Ada.flac", "2-Grace.flac"]
        parts = [samples_of(archive.read(name)) for name in archive.namelist()]
    assert np.abs(sum(parts) - both.join()).max() < 1e-3
    assert reel.zipped(both, {5: "Ada", 6: "Grace"}, 1000) is None


def test_an_outline_has_its_highest_peak_at_one() -> None:
    shown = reel.outline(track(0.1 * noise(2.0, 1), noise(2.0, 2)), 100)
    assert len(shown) == 100
    assert max(shown) == 1.0
    assert max(shown[:45]) < 0.3
