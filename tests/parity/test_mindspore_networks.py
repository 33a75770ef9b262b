"""MindSpore's networks give the reference's numbers: T5, the decoder, EnCodec both ways."""

from functools import cache

import numpy as np
import pytest

pytestmark = pytest.mark.models

NAMES = pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])


@pytest.fixture(scope="module")
def text_encoder(checkpoint):
    from musicgen_core.engines.mindspore.device import prepare
    from musicgen_core.engines.mindspore.text_encoder import MindSporeTextEncoder

    @cache
    def make(name: str) -> MindSporeTextEncoder:
        known = checkpoint(name)
        return MindSporeTextEncoder(known.config.text, known.tensors, prepare("fp32"))

    return make


@pytest.fixture(scope="module")
def lm(checkpoint):
    from musicgen_core.engines.mindspore.device import prepare
    from musicgen_core.engines.mindspore.language_model import MindSporeLanguageModel

    @cache
    def make(name: str) -> MindSporeLanguageModel:
        config, tensors = checkpoint(name).config, checkpoint(name).tensors
        return MindSporeLanguageModel(config.decoder, tensors, config.text.hidden, prepare("fp32"))

    return make


@NAMES
@pytest.mark.parametrize("prompt", range(4))
def test_text_states_equal_the_references(name, prompt, text_encoder, golden) -> None:
    known = golden(name, "text")
    states = text_encoder(name).encode(known[f"ids_{prompt}"].tolist())
    assert states == pytest.approx(known[f"states_{prompt}"], abs=1e-4)


@NAMES
@pytest.mark.parametrize("prefilled", [0, 7])
def test_logits_of_a_mixed_batch_equal_the_references(name, prefilled, lm, golden) -> None:
    known, states = golden(name, "logits"), golden(name, "text")
    columns = known["columns"]
    decoder = lm(name).begin([states["states_0"], states["states_3"], None], columns.shape[1])
    if prefilled:
        for row in range(3):
            decoder.prefill(row, columns[:, :prefilled])
    steps = range(prefilled, columns.shape[1])
    made = np.stack([decoder.step(np.tile(columns[:, s], (3, 1))) for s in steps], axis=1)
    for row, which in zip(made, ("0", "3", "zeroed"), strict=True):
        logits = known[f"logits_{which}"][prefilled:]
        stride = round(row.shape[-1] / logits.shape[-1])
        assert row[..., ::stride] == pytest.approx(logits, abs=1e-4)


@NAMES
@pytest.mark.parametrize("sound", ["whole", "short"])
def test_codes_of_a_sound_equal_the_references(name, sound, engine, golden) -> None:
    known = golden(name, "codec")
    codes = engine("mindspore", name).codec.encode(known[f"wave_{sound}"])
    assert np.array_equal(codes, known[f"encoded_{sound}"])


@NAMES
@pytest.mark.parametrize("clip", ["long", "two", "one"])
def test_the_sound_of_codes_equals_the_references(name, clip, engine, golden) -> None:
    known = golden(name, "codec")
    samples = engine("mindspore", name).codec.decode(known[f"codes_{clip}"])
    assert samples == pytest.approx(known[f"decoded_{clip}"], abs=1e-4)
