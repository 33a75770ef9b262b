"""What a codec cannot give back is told to the model in words, where its checkpoint wants that."""

from types import SimpleNamespace

import numpy as np
import pytest

from musicgen_core.model.describing import described, gives_back
from musicgen_core.model.prompts import prepare
from musicgen_core.model.windows import Window
from musicgen_core.requests import AudioPrompt, GenerationDefaults, GenerationRequest

RATE, HOP = 32_000, 640


class Sketch:
    """A codec with one codebook that gives back the given share of a sound, and hears it all."""

    sample_rate, hop = RATE, HOP

    def __init__(self, share: float) -> None:
        self.share, self.sound = share, np.zeros(0, np.float32)

    def encode(self, samples):
        self.sound = samples
        return np.zeros((1, len(samples) // HOP), np.int64)

    def decode(self, codes):
        return self.sound[len(self.sound) - codes.shape[1] * HOP :] * np.float32(self.share)


def march(seconds: float = 8.0) -> np.ndarray:
    """Chords of D minor at 100 beats a minute."""
    time, beat = np.arange(int(seconds * RATE)) / RATE, 60 / 100
    sound = np.zeros(len(time))
    for number in range(int(seconds / beat)):
        chord = ((50, 57, 62, 65), (55, 58, 62, 67), (57, 61, 64, 67), (50, 57, 62, 65))[number % 4]
        since = np.maximum(time - number * beat, 0)
        struck = np.where((since > 0) & (since < beat), np.exp(-4 * since), 0)
        tones = (np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * since) for note in chord)
        sound += struck * sum(tones)
    return (0.15 * sound)[None].astype(np.float32)


def told(text: str | None, share: float) -> tuple[str | None, str | None]:
    codec = Sketch(share)
    return described(text, codec, march(), codec.encode(march()[0]))


@pytest.mark.parametrize(
    ("text", "wanted", "added"),
    [
        (None, "100 bpm, D minor", "100 bpm, D minor"),
        ("with flute", "with flute, 100 bpm, D minor", "100 bpm, D minor"),
        ("now at 140 bpm", "now at 140 bpm, D minor", "D minor"),
        ("in A major", "in A major, 100 bpm", "100 bpm"),
        ("140 bpm in A major", "140 bpm in A major", None),
    ],
)
def test_tempo_and_key_are_told_unless_the_prompt_names_them(text, wanted, added) -> None:
    assert told(text, share=0.3) == (wanted, added)


def test_what_the_codec_gives_back_needs_no_words() -> None:
    assert told(None, share=0.9) == (None, None)
    assert told("with flute", share=0.9) == ("with flute", None)


@pytest.mark.parametrize(("share", "enough"), [(0.70, True), (0.67, False)])
def test_ten_decibels_are_enough(share: float, enough: bool) -> None:
    codec = Sketch(share)  # the error is 0.3 of the sound, or 0.33
    assert gives_back(codec, march(), codec.encode(march()[0])) is enough


def test_in_noise_nothing_is_heard() -> None:
    hiss = np.random.default_rng(1).uniform(-0.3, 0.3, (1, 4 * RATE)).astype(np.float32)
    codec = Sketch(0.0)
    assert described(None, codec, hiss, codec.encode(hiss[0])) == (None, None)


@pytest.mark.parametrize(("describes", "text"), [(True, "100 bpm, D minor"), (False, None)])
def test_the_checkpoint_decides(describes: bool, text: str | None) -> None:
    checkpoint = SimpleNamespace(
        config=SimpleNamespace(decoder=SimpleNamespace(channels=1)),
        processor=SimpleNamespace(tokenize=lambda words: tuple(map(ord, words))),
        describes=describes,
    )
    request = GenerationRequest(seconds=1.0, audio=AudioPrompt(march(), RATE), seed=1)
    window = Window(1500, 500)
    made = prepare(checkpoint, Sketch(0.3), GenerationDefaults(), window, request)
    assert made.row.text_ids == (None if text is None else tuple(map(ord, text)))
    assert made.heard == text
    assert made.request.prompt is None
