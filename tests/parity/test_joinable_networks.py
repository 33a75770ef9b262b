"""Decoders whose rows join give the reference's numbers: to rounding in fp32, nearly in int8."""

from functools import cache, partial

import numpy as np
import pytest

pytestmark = pytest.mark.models

NAMES = pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])
PREFILLED = pytest.mark.parametrize("prefilled", [0, 7])
WHICH = ("0", "3", "zeroed")


@pytest.fixture(scope="module")
def logits(checkpoint, golden):
    """`logits(checkpoint, prefilled, engine, precision, ...)` -> [3, steps, K, V] of a batch."""
    from musicgen_core.engines import openvino
    from musicgen_core.engines.numba import language_model as numba

    loaders = {
        "openvino": openvino.load_language_model,
        "numba": numba.load_language_model,
        "numba, wide": partial(numba.load_language_model, narrow=0),
    }
    machine = cache(lambda name, which, *chosen: loaders[which](checkpoint(name), *chosen))

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
@pytest.mark.parametrize(
    "chosen", [("openvino", "fp32", "f32"), ("numba", "fp32"), ("numba, wide", "fp32")]
)
def test_logits_in_fp32_equal_the_references(name, prefilled, chosen, logits, true) -> None:
    made = logits(name, prefilled, *chosen)
    assert made == pytest.approx(true(name, prefilled), abs=1e-4)


@NAMES
@PREFILLED
@pytest.mark.parametrize(
    "chosen",
    [
        ("numba", "int8"),
        ("numba, wide", "int8"),
        *(("openvino", "int8", kept) for kept in ("auto", "f16", "f32")),
    ],
)
def test_logits_in_int8_are_off_by_less_than_three_percent(
    name, prefilled, chosen, logits, true
) -> None:
    made, known = logits(name, prefilled, *chosen), true(name, prefilled)
    error = np.sqrt(np.square(made - known).mean()) / np.sqrt(np.square(known).mean())
    assert 1e-3 < error < 3e-2


@NAMES
@pytest.mark.parametrize(
    ("narrow", "told", "graphs"),
    [
        (512, "numba (int8): the fastest engine on a CPU for a model as narrow as this one", 0),
        (0, "openvino (int8): OpenVINO is the fastest engine on a CPU", 2),
    ],
)
def test_auto_makes_clips_in_int8_and_the_log_says_why(
    name, narrow, told, graphs, checkpoint, tmp_path, monkeypatch, caplog
) -> None:
    from musicgen_core.engines import select
    from musicgen_core.engines.mindspore.device import target
    from musicgen_core.musicgen import MusicGen
    from musicgen_core.requests import GenerationRequest

    if target() != "CPU":
        pytest.skip("MindSpore has an accelerator here")
    monkeypatch.setattr(select, "NARROW", narrow)
    monkeypatch.setattr(select, "processor_features", lambda: {"avx512f"})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    caplog.set_level("INFO", "musicgen_core")
    core = MusicGen.load(str(checkpoint(name).folder))
    assert f"{name} on {told}" in caplog.text
    assert len(list(tmp_path.glob("mindjam/graphs/*"))) == graphs
    asked = [GenerationRequest("rain", 0.2, seed=1), GenerationRequest(None, 0.1, seed=2)]
    clips = core.generate(asked)
    assert [clip.samples.shape[1] for clip in clips] == [10 * 640, 5 * 640]
    made_by = (clips[0].provenance.engine, clips[0].provenance.precision)
    assert made_by == (told.split(" ")[0], "int8")
    for request, clip in zip(asked, clips, strict=True):
        (alone,) = core.generate([request])
        assert np.array_equal(clip.samples, alone.samples)
