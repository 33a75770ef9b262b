"""A codec computed anew takes the old one's place and touches nothing that was trained."""

from pathlib import Path

import numpy as np
import pytest
from safetensors._safetensors_rust import safe_open
from safetensors.numpy import save_file

from recipes.builtin.export import replace_codec, trained_steps


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    tensors = {
        "decoder.weight": np.array([np.nan, -0.0, 1 / 3], dtype=np.float16),
        "audio_encoder.embed": np.zeros(4, dtype=np.float16),
        "audio_encoder.bias": np.zeros(2, dtype=np.float32),
    }
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt", "steps": "11"})
    return tmp_path


def test_only_the_codec_changes(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("safetensors.safe_open")  # which mindnlp replaces by one of its own
    new = {"audio_encoder.embed": np.ones(4, np.float16), "audio_encoder.bias": np.ones(2, "f4")}
    replace_codec(checkpoint, new)
    assert trained_steps(checkpoint) == 11
    with safe_open(checkpoint / "model.safetensors", "numpy") as file:
        trained = file.get_tensor("decoder.weight")
        assert trained.tobytes() == np.array([np.nan, -0.0, 1 / 3], dtype=np.float16).tobytes()
        for name, tensor in new.items():
            np.testing.assert_array_equal(file.get_tensor(name), tensor, strict=True)


def test_another_codecs_tensors_are_refused(checkpoint: Path) -> None:
    before = (checkpoint / "model.safetensors").read_bytes()
    with pytest.raises(ValueError, match="not one codec's tensors"):
        replace_codec(checkpoint, {"audio_encoder.embed": np.ones(4, np.float16)})
    assert (checkpoint / "model.safetensors").read_bytes() == before
