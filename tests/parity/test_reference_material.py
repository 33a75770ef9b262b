"""All that MusicGen's own material shows, through the Python API, on both engines."""

import io
import json

import numpy as np
import pytest
import soundfile

from musicgen_core import audio
from musicgen_core.errors import InvalidRequest, JobCancelled
from musicgen_core.requests import AudioPrompt, GenerationRequest, Progress, SamplingParams

pytestmark = pytest.mark.models

ENGINES = ("mindspore", "openvino", "numba", "mindnlp")
POP = "80s pop track with bassy drums and synth"
ROCK = "90s rock song with loud guitars and heavy drums"
GREEDY = SamplingParams(do_sample=False)


def hum(seconds: float, rate: int = 32_000, channels: int = 1) -> AudioPrompt:
    time = np.arange(round(seconds * rate)) / rate
    tone = 0.4 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 3 * time)) / 2
    sides = [tone, 0.5 * np.roll(tone, 40)][:channels]
    return AudioPrompt(np.array(sides, np.float32), rate)


@pytest.fixture(params=ENGINES)
def mono(request, core):
    return core(request.param, "tiny-mono")


def test_unconditional(mono) -> None:
    (clip,) = mono.generate([GenerationRequest(seconds=0.2, seed=1)])
    assert clip.samples.shape == (1, 10 * 640)
    assert clip.provenance.prompt is None


def test_one_text_and_several_in_a_batch(mono) -> None:
    asked = [GenerationRequest(text, 0.2, seed=i) for i, text in enumerate((POP, ROCK, "rain"))]
    together = mono.generate(asked)
    for request, clip in zip(asked, together, strict=True):
        (alone,) = mono.generate([request])
        assert np.array_equal(clip.samples, alone.samples)


def test_an_audio_prompt_at_another_rate_and_in_stereo(mono) -> None:
    prompt = hum(0.3, rate=44_100, channels=2)
    (clip,) = mono.generate([GenerationRequest(POP, 0.2, prompt, seed=1)])
    expected = audio.fit(prompt.samples, 44_100, 32_000, 1)
    assert clip.new_from == expected.shape[1]
    assert np.array_equal(clip.samples[:, : clip.new_from], expected)
    assert clip.samples.shape[1] - clip.new_from == 10 * 640


def test_audio_prompts_of_different_lengths_in_a_batch(mono) -> None:
    asked = [
        GenerationRequest(POP, 0.2, hum(0.31), seed=1),
        GenerationRequest(ROCK, 0.1, hum(0.1), seed=2),
    ]
    for request, clip in zip(asked, mono.generate(asked), strict=True):
        (alone,) = mono.generate([request])
        assert np.array_equal(clip.samples, alone.samples)
        assert clip.new_from == request.audio.samples.shape[1]


def test_greedy_needs_no_seed_and_sampling_repeats_with_one(mono) -> None:
    first, second = (mono.generate([GenerationRequest(POP, 0.2, sampling=GREEDY)])[0] for _ in "ab")
    assert np.array_equal(first.samples, second.samples)
    one, again, other = (
        mono.generate([GenerationRequest(POP, 0.2, seed=seed)])[0] for seed in (3, 3, 4)
    )
    assert np.array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples, other.samples)


@pytest.mark.parametrize(
    "sampling",
    [
        SamplingParams(guidance_scale=1.0),
        SamplingParams(guidance_scale=4.0),
        SamplingParams(temperature=1.5),
        SamplingParams(top_k=1),
        SamplingParams(top_p=0.3),
    ],
    ids=["guidance off", "guidance 4", "temperature 1.5", "top-k 1", "top-p 0.3"],
)
def test_every_parameter_changes_what_is_made(mono, sampling: SamplingParams) -> None:
    plain, changed = (
        mono.generate([GenerationRequest(POP, 0.2, sampling=s, seed=5)])[0]
        for s in (SamplingParams(), sampling)
    )
    assert not np.array_equal(plain.samples, changed.samples)


def test_256_frames_are_5_12_seconds(core) -> None:
    (clip,) = core().generate([GenerationRequest(POP, 5.12, seed=1)])
    assert clip.samples.shape == (1, 256 * 640)
    assert clip.seconds == 5.12


def test_the_checkpoints_generation_config_is_shown_and_changed_for_later_calls(mono) -> None:
    shown = mono.defaults.to_dict()
    assert (shown["guidance_scale"], shown["do_sample"]) == (3.0, True)
    mono.defaults = mono.defaults.replace(guidance_scale=4.0, do_sample=False)
    (by_default,) = mono.generate([GenerationRequest(POP, 0.2)])
    (asked,) = mono.generate([GenerationRequest(POP, 0.2, sampling=SamplingParams(False, 4.0))])
    assert np.array_equal(by_default.samples, asked.samples)
    assert by_default.provenance.sampling.guidance_scale == 4.0


def test_saved_as_wav_at_the_models_rate_with_its_provenance(mono) -> None:
    (clip,) = mono.generate([GenerationRequest(POP, 0.2, seed=6)])
    with soundfile.SoundFile(io.BytesIO(clip.encode())) as file:
        told = json.loads(file.comment)
        assert (file.samplerate, file.frames) == (32_000, 10 * 640)
    assert (told["prompt"], told["seed"], told["engine"]) == (POP, 6, mono.info.engine)
    assert "<audio" in clip._repr_html_()


@pytest.mark.parametrize("which", ENGINES)
def test_stereo_checkpoints_make_stereo_clips(which: str, core) -> None:
    stereo = core(which, "tiny-stereo")
    assert stereo.info.channels == 2
    (clip,) = stereo.generate([GenerationRequest(POP, 0.2, hum(0.1), seed=1)])
    assert clip.samples.shape == (2, 3200 + 10 * 640)
    assert not np.array_equal(clip.samples[0, 3200:], clip.samples[1, 3200:])


def test_progress_is_told_every_step_and_stops_the_work(mono) -> None:
    seen: list[Progress] = []

    def stop_at_3(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        mono.generate([GenerationRequest(POP, 0.5, sampling=GREEDY)], stop_at_3)
    assert [p.done for p in seen] == [0, 0, 0, 1, 2, 3]
    assert {p.total for p in seen} == {25}


def test_a_clip_longer_than_the_context_is_made_by_sliding_windows(core) -> None:
    machine = core()
    machine.defaults = machine.defaults.replace(max_length=40)
    (clip,) = machine.generate([GenerationRequest(POP, 2.0, seed=1)])
    assert clip.samples.shape == (1, 100 * 640)


def test_no_clip_leaves_full_scale_however_loud_the_model_is(mono) -> None:
    clips = mono.generate([GenerationRequest(seconds=0.3, seed=s) for s in range(4)])
    assert all(np.abs(clip.samples).max() <= 1.0 for clip in clips)
    assert all(np.isfinite(clip.samples).all() for clip in clips)


def test_a_clip_longer_than_the_longest_is_refused(core) -> None:
    with pytest.raises(InvalidRequest, match="The longest clip is 300 s, not 301 s"):
        core().generate([GenerationRequest(seconds=301)])
