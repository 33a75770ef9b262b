from types import SimpleNamespace

import numpy as np
import pytest
from weightless import HOP, RATE, engine

from musicgen_core import audio
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.prompts import encode_prompt
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import (
    AudioPrompt,
    GenerationDefaults,
    GenerationRequest,
    SamplingParams,
)


def checkpoint(channels: int = 1) -> SimpleNamespace:
    return SimpleNamespace(
        name="weightless",
        defaults=GenerationDefaults(),
        config=SimpleNamespace(decoder=SimpleNamespace(channels=channels, max_positions=1000)),
        describes=False,
        processor=SimpleNamespace(
            tokenize=lambda text: tuple(map(ord, text)),
            unread=lambda text: text.count("?") / len(text),
        ),
    )


def make(*requests: GenerationRequest, channels: int = 1) -> list:
    machine = engine(4 * channels, channels)
    return MusicGen(checkpoint(channels), machine).generate(requests)


def prompt(samples: int, rate: int = RATE, channels: int = 1, gain: float = 0.5) -> AudioPrompt:
    noise = np.random.default_rng(3).uniform(-gain, gain, (channels, samples))
    return AudioPrompt(noise.astype(np.float32), rate)


@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.3])
def test_a_clip_has_exactly_frames_times_hop_samples(seconds: float) -> None:
    (clip,) = make(GenerationRequest("a", seconds))
    assert clip.samples.shape == (1, GenerationRequest(seconds=seconds).frames(RATE / HOP) * HOP)
    assert clip.new_from == 0


@pytest.mark.parametrize("length", [4, 5, 7, 40, 41])
def test_the_prompt_part_is_the_prompt_bit_for_bit(length: int) -> None:
    given = prompt(length)
    (clip,) = make(GenerationRequest("a", 2.0, given))
    assert clip.new_from == length
    assert np.array_equal(clip.samples[:, :length], given.samples)
    assert clip.samples.shape[1] == length + 4 * HOP


def test_a_prompt_at_another_rate_and_in_stereo_is_resampled_and_mixed_down() -> None:
    given = prompt(400, rate=RATE * 4, channels=2)
    (clip,) = make(GenerationRequest("a", 1.0, given))
    expected = audio.fit(given.samples, RATE * 4, RATE, 1)
    assert np.array_equal(clip.samples[:, : clip.new_from], expected)


def test_a_prompt_beyond_full_scale_is_limited() -> None:
    (clip,) = make(GenerationRequest("a", 1.0, prompt(40, gain=3.0)))
    assert np.abs(clip.samples).max() <= 1.0


def test_a_stereo_checkpoint_gives_stereo_clips() -> None:
    (clip,) = make(GenerationRequest("a", 2.0, prompt(40)), channels=2)
    assert clip.samples.shape == (2, 40 + 4 * HOP)
    assert not np.array_equal(clip.samples[0, 40:], clip.samples[1, 40:])


def test_prompts_of_different_lengths_leave_no_padding() -> None:
    requests = [GenerationRequest("a", 1.0, prompt(n), seed=n) for n in (4, 13, 40)]
    together = make(*requests)
    for request, clip in zip(requests, together, strict=True):
        (alone,) = make(request)
        assert np.array_equal(clip.samples, alone.samples)


def test_the_model_hears_the_prompt_up_to_its_last_sample() -> None:
    sound = np.arange(11, dtype=np.float32)[None] / 32
    codes = encode_prompt(engine().codec, sound, 100)
    assert codes[0].tolist() == [3, 7]


def test_a_long_prompt_is_heard_from_its_end() -> None:
    sound = np.arange(40, dtype=np.float32)[None] / 32
    assert encode_prompt(engine().codec, sound, 2)[0].tolist() == [32, 36]


def test_stereo_codes_are_interleaved_left_first() -> None:
    sound = np.stack([np.full(8, 1 / 32), np.full(8, 2 / 32)]).astype(np.float32)
    assert encode_prompt(engine().codec, sound, 9)[:, 0].tolist() == [1, 2] * 4


def test_a_prompt_shorter_than_a_frame_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"shorter than 0\.5 s, one frame"):
        make(GenerationRequest("a", 1.0, prompt(3)))


@pytest.mark.parametrize(
    ("length", "second", "kept"),
    [(40, 5.0, 40), (40, 2.0, 16), (40, 2.1, 16), (40, 2.3, 20), (41, 2.0, 17), (40, 0.6, 4)],
)
def test_a_clip_goes_on_where_it_was_cut_between_two_frames(
    length: int, second: float, kept: int
) -> None:
    given = prompt(length)
    (clip,) = make(GenerationRequest("a", 2.0, given, from_second=second))
    assert clip.new_from == kept
    assert np.array_equal(clip.samples[:, :kept], given.samples[:, :kept])
    assert clip.samples.shape[1] == kept + 4 * HOP
    assert clip.provenance.prompt_seconds == kept / RATE


def test_the_model_hears_no_more_of_the_original_than_it_may() -> None:
    first, second = prompt(40), prompt(40)
    second.samples[:, :32] *= -1  # beyond one second
    asked = [GenerationRequest("a", 2.0, p, seed=1, hear_seconds=1.0) for p in (first, second)]
    clips = make(*asked)
    assert np.array_equal(clips[0].samples[:, 40:], clips[1].samples[:, 40:])
    assert np.array_equal(clips[1].samples[:, :40], second.samples)
    (all_heard,) = make(GenerationRequest("a", 2.0, first, seed=1))
    assert not np.array_equal(all_heard.samples, clips[0].samples)


def test_a_cut_that_leaves_less_than_a_frame_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"shorter than 0\.5 s, one frame"):
        make(GenerationRequest("a", 1.0, prompt(40), from_second=0.1))


def test_a_seed_is_drawn_and_told_when_none_is_given() -> None:
    first, second = (make(GenerationRequest("a", 1.0))[0] for _ in range(2))
    assert first.provenance.seed != second.provenance.seed
    (again,) = make(GenerationRequest("a", 1.0, seed=first.provenance.seed))
    assert np.array_equal(again.samples, first.samples)


def test_provenance_tells_every_parameter_resolved() -> None:
    given = AudioPrompt(prompt(8).samples, RATE, clip="0b1c")
    asked = GenerationRequest("rai?", 1.0, given, SamplingParams(top_p=0.9), 4, None, 0.5)
    (clip,) = make(asked)
    assert clip.provenance.to_dict() == {
        "model": "weightless",
        "engine": "weightless",
        "precision": "fp32",
        "prompt": "rai?",
        "seconds": 1.0,
        "seed": 4,
        "sampling": {
            "do_sample": True,
            "guidance_scale": 3.0,
            "temperature": 1.0,
            "top_k": 250,
            "top_p": 0.9,
        },
        "prompt_seconds": 1.0,
        "parent": "0b1c",
        "hear_seconds": 0.5,
        "unread": 0.25,
        "heard": None,
        "software": "mindjam",
    }


def test_no_requests_make_no_clips() -> None:
    assert make() == []


@pytest.mark.parametrize("given", [None, prompt(41, channels=2)])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_stream_is_the_clips_new_part_piece_by_piece(given, channels: int) -> None:
    core = MusicGen(checkpoint(channels), engine(4 * channels, channels))
    request = GenerationRequest("a", 30.0, given, seed=1)
    pieces = list(core.stream(request))
    (clip,) = core.generate([request])
    assert len(pieces) > 3
    assert np.array_equal(np.concatenate(pieces, axis=1), clip.samples[:, clip.new_from :])


def test_a_request_may_begin_while_others_are_made_and_be_given_up() -> None:
    session = MusicGen(checkpoint(), engine()).session()
    asked = [GenerationRequest("a", seconds, seed=1) for seconds in (5.0, 30.0, 1.0)]
    takes = [session.start(asked[0]), session.start(asked[1])]
    for _ in range(4):
        session.step()
    takes.append(session.start(asked[2]))
    ends = []
    while not session.idle:
        session.step()
        ends += [n for n, take in enumerate(takes) if take.clip and n not in ends]
        if len(ends) == 2:
            session.stop(takes[1])
    assert ends == [2, 0]
    assert takes[1].clip is None
    assert 0 < takes[1].progress.done < takes[1].progress.total == 60
    for n in (0, 2):
        assert np.array_equal(takes[n].clip.samples, make(asked[n])[0].samples)
