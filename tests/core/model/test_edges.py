from types import SimpleNamespace

import numpy as np
import pytest
from weightless import HOP, RATE, VOCAB, CountingCodec, engine

from musicgen_core.model.edges import LOOKAHEAD, spoiled_frames
from musicgen_core.model.prompts import prepare
from musicgen_core.model.windows import Window
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import AudioPrompt, GenerationDefaults, GenerationRequest


class Nearsighted(CountingCodec):
    """A codec that hears the last frames before an end wrong."""

    def __init__(self, spoiled: int) -> None:
        self.spoiled = spoiled

    def encode(self, samples):
        codes = super().encode(samples)
        codes[:, codes.shape[1] - self.spoiled :] = VOCAB - 1
        return codes


def sound(frames: int, channels: int = 1) -> np.ndarray:
    """Frames of one value each and a little noise, which the codec never gives back."""
    draw = np.random.default_rng(4)
    steady = np.repeat(draw.integers(10, 14, (channels, frames)) / VOCAB, HOP, axis=1)
    return (steady + draw.uniform(-0.004, 0.004, steady.shape)).astype(np.float32)


def heard(codec: CountingCodec, samples: np.ndarray) -> np.ndarray:
    streams = np.stack([codec.encode(channel) for channel in samples], axis=1)
    return streams.reshape(-1, streams.shape[2])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("spoiled", range(LOOKAHEAD + 1))
def test_the_frames_that_come_back_wrong_are_counted(spoiled: int, channels: int) -> None:
    samples, codec = sound(60, channels), Nearsighted(spoiled)
    assert spoiled_frames(codec, samples, heard(codec, samples)) == spoiled


def test_a_sound_that_the_codec_never_gives_back_is_heard_to_its_end() -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 60 * HOP)).astype(np.float32)
    assert spoiled_frames(CountingCodec(), samples, heard(CountingCodec(), samples)) == 0


def test_silence_and_a_prompt_of_few_frames_have_nothing_to_judge_by() -> None:
    silent, few, codec = np.zeros((1, 60 * HOP), np.float32), sound(12), Nearsighted(3)
    assert spoiled_frames(codec, silent, heard(codec, silent)) == 0
    assert spoiled_frames(codec, few, heard(codec, few)) == 0


def test_spoiled_frames_are_made_anew_and_the_original_stays_whole() -> None:
    machine = engine()
    machine.codec = Nearsighted(3)
    checkpoint = SimpleNamespace(
        name="weightless",
        defaults=GenerationDefaults(),
        describes=False,
        config=SimpleNamespace(decoder=SimpleNamespace(channels=1, max_positions=1000)),
        processor=SimpleNamespace(tokenize=lambda text: tuple(map(ord, text)), unread=lambda _: 0),
    )
    samples = sound(60)
    request = GenerationRequest("a", 2.0, AudioPrompt(samples, RATE), seed=1)
    prepared = prepare(checkpoint, machine.codec, GenerationDefaults(), Window(1000, 500), request)
    assert prepared.remade == 3
    assert prepared.row.prompt.tolist() == heard(machine.codec, samples)[:, :57].tolist()
    (clip,) = MusicGen(checkpoint, machine).generate([request])
    assert np.array_equal(clip.samples[:, : clip.new_from], samples)
    assert clip.samples.shape[1] == (60 + 4) * HOP
