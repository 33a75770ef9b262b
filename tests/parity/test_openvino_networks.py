"""OpenVINO's decoder gives the reference's numbers: to rounding in fp32, nearly so in int8."""

from functools import cache

import numpy as np
import pytest

pytestmark = pytest.mark.models

NAMES = pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])
PREFILLED = pytest.mark.parametrize("prefilled", [0, 7])
WHICH = ("0", "3", "zeroed")


@pytest.fixture(scope="module")
def logits(checkpoint, golden):
    """`logits(checkpoint, prefilled, precision, cache)` -> [3, steps, K, V] of a mixed batch."""
    from musicgen_core.engines.openvino import load_language_model

    machine = cache(lambda name, *chosen: load_language_model(checkpoint(name), *chosen))

    def make(name: str, prefilled: int, *chosen: str) -> np.ndarray:
        states, columns = golden(name, "text"), golden(name, "logits")["columns"]
        decoder = machine(name, *chosen).begin(
            [states["states_0"], states["states_3"], None], columns.shape[1]
        )
        if prefilled:
            for row in range(3):
                decoder.prefill(row, columns[:, :prefilled])
        steps = range(prefilled, columns.shape[1])
        made = np.stack([decoder.step(np.tile(columns[:, s], (3, 1))) for s in steps], axis=1)
        return made[..., :: round(made.shape[-1] / golden(name, "logits")["logits_0"].shape[-1])]

    return make


@pytest.fixture(scope="module")
def true(golden):
    """`true(checkpoint name, prefilled)` -> the reference's logits of the same."""

    def load(name: str, prefilled: int) -> np.ndarray:
        known = golden(name, "logits")
        return np.stack([known[f"logits_{which}"][prefilled:] for which in WHICH])

    return load


@NAMES
@pytest.mark.parametrize("prompt", range(4))
def test_text_states_equal_the_references(name, prompt, checkpoint, golden) -> None:
    from musicgen_core.engines.openvino.text_encoder import OpenVINOTextEncoder

    known, model = golden(name, "text"), checkpoint(name)
    encoder = OpenVINOTextEncoder(model.config.text, model.tensors)
    states = encoder.encode(known[f"ids_{prompt}"].tolist())
    assert states == pytest.approx(known[f"states_{prompt}"], abs=1e-4)


@NAMES
@PREFILLED
def test_logits_in_fp32_equal_the_references(name, prefilled, logits, true) -> None:
    made = logits(name, prefilled, "fp32", "f32")
    assert made == pytest.approx(true(name, prefilled), abs=1e-4)


@NAMES
@PREFILLED
@pytest.mark.parametrize("attention_cache", ["auto", "f16", "f32"])
def test_logits_in_int8_are_off_by_less_than_three_percent(
    name, prefilled, attention_cache, logits, true
) -> None:
    made, known = logits(name, prefilled, "int8", attention_cache), true(name, prefilled)
    error = np.sqrt(np.square(made - known).mean()) / np.sqrt(np.square(known).mean())
    assert 1e-3 < error < 3e-2


@NAMES
def test_auto_makes_clips_in_int8_and_the_log_says_why(
    name, checkpoint, tmp_path, monkeypatch, caplog
) -> None:
    from musicgen_core.engines.mindspore.device import target
    from musicgen_core.musicgen import MusicGen
    from musicgen_core.requests import GenerationRequest

    if target() != "CPU":
        pytest.skip("MindSpore has an accelerator here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    caplog.set_level("INFO", "musicgen_core")
    core = MusicGen.load(str(checkpoint(name).folder))
    assert f"{name} on openvino (int8): OpenVINO is the fastest engine on a CPU" in caplog.text
    assert len(list((tmp_path / "mindjam" / "graphs").iterdir())) == 2
    asked = [GenerationRequest("rain", 0.2, seed=1), GenerationRequest(None, 0.1, seed=2)]
    clips = core.generate(asked)
    assert [clip.samples.shape[1] for clip in clips] == [10 * 640, 5 * 640]
    assert (clips[0].provenance.engine, clips[0].provenance.precision) == ("openvino", "int8")
    for request, clip in zip(asked, clips, strict=True):
        (alone,) = core.generate([request])
        assert np.array_equal(clip.samples, alone.samples)
