"""The mended MindNLP agrees with the reference part by part: T5, logits, EnCodec."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.models

CLOSE = 1e-4
NAMES = ("tiny-mono", "tiny-stereo", "builtin")


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture
def stock(name, engine):
    return engine("mindnlp", name)


def test_t5_states_equal_the_references(name, stock, golden) -> None:
    text = golden(name, "text")
    for i in range(len(text["prompts"])):
        ids = stock._torch.tensor(text[f"ids_{i}"][None])
        states = stock._model.text_encoder(ids).last_hidden_state.detach().numpy()[0]
        assert states.shape == text[f"states_{i}"].shape
        assert np.abs(states - text[f"states_{i}"]).max() < CLOSE


@pytest.mark.parametrize("which", ["logits_0", "logits_3", "logits_zeroed"])
def test_logits_equal_the_references(name, which: str, stock, golden) -> None:
    torch, given = stock._torch, golden(name, "logits")
    states = golden(name, "text")["states_3" if which == "logits_3" else "states_0"]
    heard = which != "logits_zeroed"
    out = stock._model(
        encoder_outputs=(torch.tensor(states[None] * np.float32(heard)),),
        attention_mask=torch.tensor(np.full((1, len(states)), int(heard))),
        decoder_input_ids=torch.tensor(given["columns"]),
    )
    logits = out.logits.detach().numpy().transpose(1, 0, 2)
    logits = logits[..., :: round(logits.shape[-1] / given[which].shape[-1])]
    assert logits.shape == given[which].shape
    # Relative to their spread, which is 12: PyTorch's own fp32 is 4e-4 away from its fp64 here.
    assert np.abs(logits - given[which]).max() < CLOSE


@pytest.mark.parametrize("wave", ["whole", "odd", "short"])
def test_encodec_codes_equal_the_references(name, wave: str, stock, golden) -> None:
    codec = golden(name, "codec")
    codes = stock.codec.encode(codec[f"wave_{wave}"])
    assert np.array_equal(codes, codec[f"encoded_{wave}"])


@pytest.mark.parametrize("codes", ["long", "two", "one"])
def test_encodecs_waveform_equals_the_references(name, codes: str, stock, golden) -> None:
    codec = golden(name, "codec")
    made = stock.codec.decode(codec[f"codes_{codes}"].astype(np.int64))
    assert made.shape == codec[f"decoded_{codes}"].shape
    assert made.dtype == np.float32
    assert np.abs(made - codec[f"decoded_{codes}"]).max() < CLOSE
