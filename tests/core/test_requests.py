import io
import json
import pickle
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicgen_core import audio
from musicgen_core.errors import InvalidRequest
from musicgen_core.requests import (
    AudioPrompt,
    Clip,
    GenerationDefaults,
    GenerationRequest,
    Provenance,
    SamplingParams,
)


def a_clip() -> Clip:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 3200)).astype(np.float32)
    made_by = Provenance("builtin", "mindspore", "fp32", "雨 <@1>", 0.1, 7, SamplingParams(top_k=5))
    return Clip(samples, 32_000, made_by, new_from=0)


@pytest.mark.parametrize(
    ("seconds", "frames"), [(5.12, 256), (5, 250), (0.001, 1), (1.001, 51), (30, 1500), (0.14, 7)]
)
def test_frames_are_the_ceiling_of_seconds_times_the_frame_rate(
    seconds: float, frames: int
) -> None:
    assert GenerationRequest(seconds=seconds).frames(50.0) == frames


@pytest.mark.parametrize("prompt", [None, "", "  \n"])
def test_a_blank_prompt_is_none(prompt: str | None) -> None:
    assert GenerationRequest(prompt=prompt).prompt is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seconds": 0}, "more than 0 seconds"),
        ({"seconds": -1}, "more than 0 seconds"),
        ({"seconds": float("nan")}, "number of seconds"),
        ({"seconds": float("inf")}, "number of seconds"),
        ({"seconds": "5"}, "number of seconds"),
        ({"seed": -1}, "whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "whole number from 0 to 4294967295"),
    ],
)
def test_a_bad_request_is_refused_in_one_sentence(changes: dict, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        GenerationRequest(**changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"from_second": 0}, r"2\.00 s long; it cannot be continued from 0 s on"),
        ({"from_second": 2.01}, "cannot be continued from 2.01 s"),
        ({"from_second": float("nan")}, "cannot be continued from nan s"),
        ({"hear_seconds": 0}, "more than 0 s"),
        ({"hear_seconds": float("nan")}, "more than 0 s"),
        ({"from_second": 1, "audio": None}, "no clip to continue"),
        ({"hear_seconds": 1, "audio": None}, "no clip to continue"),
    ],
)
def test_a_continuation_from_nowhere_is_refused(changes: dict, sentence: str) -> None:
    given = {"audio": AudioPrompt(np.ones(20), 10), **changes}
    with pytest.raises(InvalidRequest, match=sentence):
        GenerationRequest(**given)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"guidance_scale": 0.5}, "guidance must be from 1 to 20, not 0.5"),
        ({"temperature": 0.0}, "temperature must be from 0.01 to 10, not 0"),
        ({"top_k": -1}, "top_k must be from 0"),
        ({"top_p": 1.5}, "top_p must be from 0.01 to 1, not 1.5"),
        ({"top_p": float("nan")}, "top_p must be"),
    ],
)
def test_sampling_out_of_range_is_refused(changes: dict, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        SamplingParams(**changes)


def test_what_a_request_leaves_open_comes_from_the_defaults() -> None:
    defaults = GenerationDefaults(guidance_scale=4.0, top_k=50)
    resolved = SamplingParams(temperature=1.5).over(defaults)
    assert resolved == SamplingParams(True, 4.0, 1.5, 50, 1.0)


def test_defaults_are_changed_by_a_copy_with_known_names() -> None:
    changed = GenerationDefaults().replace(guidance_scale=4.0)
    assert changed.to_dict()["guidance_scale"] == 4.0
    with pytest.raises(TypeError, match="guidance"):
        changed.replace(guidance=1.0)


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (np.zeros((1, 0)), "empty"),
        (np.zeros((3, 5)), "one or two channels"),
        (np.array([[0.0, np.nan]]), "not numbers"),
        (np.array([[0.0, np.inf]]), "not numbers"),
    ],
)
def test_a_bad_audio_prompt_is_refused(samples: np.ndarray, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        AudioPrompt(samples, 32_000)


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_file_of_any_format_says_how_its_clip_came_to_be(file_format: str) -> None:
    clip = a_clip()
    made = replace(clip.provenance, parent="0b1c", prompt_seconds=0.05)
    clip = replace(clip, provenance=made)
    assert Provenance.of_file(clip.encode(file_format)) == made


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3"])
def test_the_longest_description_in_chinese_is_told_whole(file_format: str) -> None:
    clip = a_clip()
    made = replace(clip.provenance, prompt="雨" * 1000)
    assert Provenance.of_file(replace(clip, provenance=made).encode(file_format)) == made


def test_a_clip_that_is_made_to_fit_keeps_its_provenance() -> None:
    found = a_clip().encode_within(6000)
    assert found is not None
    assert found[0] != "WAV"
    assert Provenance.of_file(found[1]) == a_clip().provenance


@pytest.mark.parametrize(
    "comment",
    ["", "recorded at home", "[1]", "7", '{"seed": 7}', '{"sampling": 7}',
     '{"sampling": {"top_k": -1}}', '{"sampling": {}, "model": "m", "more": 1}'],
)  # fmt: skip
def test_somebody_elses_comment_is_no_provenance(comment: str) -> None:
    data = audio.encode(a_clip().samples, 32_000, "FLAC", comment=comment)
    assert Provenance.of_file(data) is None
    assert Provenance.of_file(b"not audio") is None


def test_a_one_dimensional_prompt_is_mono() -> None:
    assert AudioPrompt(np.ones(5), 10).samples.shape == (1, 5)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_clip_is_saved_at_its_rate_in_the_format_of_its_suffix(
    tmp_path: Path, suffix: str
) -> None:
    clip = a_clip()
    clip.save(tmp_path / f"clip{suffix}")
    info = soundfile.info(tmp_path / f"clip{suffix}")
    assert (info.samplerate, info.channels) == (32_000, 1)
    assert info.format in {suffix[1:].upper(), "MP3"}


def test_a_saved_wav_is_exact_to_16_bits_and_tells_how_it_was_made(tmp_path: Path) -> None:
    clip = a_clip()
    clip.save(tmp_path / "clip.wav")
    with soundfile.SoundFile(tmp_path / "clip.wav") as file:
        told = json.loads(file.comment)
        samples = file.read(dtype="float32")
    assert np.abs(samples - clip.samples[0]).max() <= 1 / 32768
    assert told == clip.provenance.to_dict()
    assert (told["seed"], told["sampling"]["top_k"], told["prompt"]) == (7, 5, "雨 <@1>")


def test_a_notebook_shows_a_player_with_the_clips_bytes() -> None:
    html = a_clip()._repr_html_()
    assert html.startswith("<audio controls")
    assert html.count("data:audio/wav;base64,") == 1


def test_an_audio_prompt_is_read_from_a_file(tmp_path: Path) -> None:
    a_clip().save(tmp_path / "riff.wav")
    prompt = AudioPrompt.read(tmp_path / "riff.wav")
    assert (prompt.sample_rate, prompt.seconds) == (32_000, 0.1)
    assert AudioPrompt.read(io.BytesIO(a_clip().encode("FLAC"))).samples.shape == (1, 3200)


def test_requests_and_clips_are_frozen_and_cross_processes() -> None:
    request = GenerationRequest("rain", 3.0, AudioPrompt(np.ones(5), 10), seed=1)
    copy = pickle.loads(pickle.dumps(request))
    assert (copy.prompt, copy.seconds, copy.seed) == ("rain", 3.0, 1)
    assert np.array_equal(copy.audio.samples, request.audio.samples)
    clip = pickle.loads(pickle.dumps(a_clip()))
    assert clip.provenance == a_clip().provenance
    with pytest.raises(FrozenInstanceError):
        clip.sample_rate = 1
