"""Every way a checkpoint can be stored gives the same Checkpoint."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.processor import read_config
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.checkpoint.tensors import StoredTensors, open_tensors
from musicgen_core.errors import InvalidRequest

Arrays = dict[str, np.ndarray]
Bare = Callable[[], Path]


@pytest.fixture(scope="module")
def checkpoint(tiny_mono: Path) -> Checkpoint:
    return load_checkpoint(str(tiny_mono))


@pytest.fixture(scope="module")
def config(checkpoint: Checkpoint) -> ModelConfig:
    return checkpoint.config


def same(
    tensors: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray], relative: float = 0
) -> None:
    assert list(tensors) == list(others)
    for name, expected in others.items():
        assert tensors[name].dtype == np.float32
        # A half float's smallest step near zero is 6e-8.
        np.testing.assert_allclose(
            tensors[name], expected, relative, 1e-7 if relative else 0, err_msg=name
        )


def test_every_tensor_comes_in_float32_under_its_plain_name(
    checkpoint: Checkpoint, stored: Arrays
) -> None:
    assert dict(tensor_shapes(checkpoint.config)) == {
        name: array.shape for name, array in checkpoint.tensors.items()
    }
    name = "decoder.model.decoder.layers.1.fc1.weight"
    assert np.array_equal(checkpoint.tensors[name], stored[name])
    conv = "audio_encoder.decoder.layers.3.conv"
    gain, direction = (stored[f"{conv}.parametrizations.weight.original{i}"] for i in (0, 1))
    expected = gain * direction / np.sqrt((direction**2).sum((1, 2), keepdims=True))
    np.testing.assert_allclose(checkpoint.tensors[f"{conv}.weight"], expected, 1e-6)


def test_weight_norm_as_of_2023_loads_the_same(
    checkpoint: Checkpoint, stored: Arrays, without_weights: Bare
) -> None:
    old = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): array
        for name, array in stored.items()
    }
    assert sum(name.endswith("weight_g") for name in old) == 28
    folder = without_weights()
    save_file(old, folder / "model.safetensors")
    same(open_tensors(folder, checkpoint.config), checkpoint.tensors)


def test_weights_without_weight_norm_and_with_positions_load_the_same(
    checkpoint: Checkpoint, without_weights: Bare
) -> None:
    folder, plain = without_weights(), dict(checkpoint.tensors)
    embedding = plain.pop("text_encoder.shared.weight")
    plain["text_encoder.encoder.embed_tokens.weight"] = embedding
    positions = np.zeros((8, 32), np.float32)
    plain["decoder.model.decoder.embed_positions.weights"] = positions
    save_file(plain, folder / "model.safetensors")
    same(open_tensors(folder, checkpoint.config), checkpoint.tensors)


@pytest.mark.parametrize(
    ("dtype", "relative"), [("float16", 2e-3), (ml_dtypes.bfloat16, 2e-2), ("float64", 1e-6)]
)
def test_other_float_types_come_as_float32(
    checkpoint: Checkpoint,
    stored: Arrays,
    without_weights: Bare,
    dtype: np.typing.DTypeLike,
    relative: float,
) -> None:
    folder = without_weights()
    save_file(
        {name: array.astype(dtype) for name, array in stored.items()}, folder / "model.safetensors"
    )
    same(open_tensors(folder, checkpoint.config), checkpoint.tensors, relative)


def test_shards_load_like_one_file(
    checkpoint: Checkpoint, stored: Arrays, without_weights: Bare
) -> None:
    folder, names = without_weights(), sorted(stored)
    weight_map = {}
    for part in range(3):
        file = f"model-{part + 1:05}-of-00003.safetensors"
        # Gain and direction of a convolution end up in different files.
        save_file({name: stored[name] for name in names[part::3]}, folder / file)
        weight_map |= dict.fromkeys(names[part::3], file)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    same(open_tensors(folder, checkpoint.config), checkpoint.tensors)


def test_tensors_are_a_mapping_that_knows_what_it_has(config: ModelConfig, tiny_mono: Path) -> None:
    tensors = open_tensors(tiny_mono, config)
    assert isinstance(tensors, StoredTensors)
    assert len(tensors) == len(list(tensors)) == len(dict(tensor_shapes(config)))
    assert "enc_to_dec_proj.bias" in tensors
    with pytest.raises(KeyError):
        tensors["decoder.nothing"]


def test_the_config_says_what_the_checkpoint_is(config: ModelConfig, tiny_mono: Path) -> None:
    assert (config.text.hidden, config.text.heads, config.text.head_dim) == (24, 2, 8)
    assert (config.text.activation, config.text.gated) == ("relu", False)
    assert (config.decoder.codebooks, config.decoder.start_token) == (4, 64)
    assert (config.codec.hop, config.codec.sample_rate, config.codec.codebooks) == (640, 32000, 4)
    stereo = read_config(tiny_mono.parent / "tiny-stereo")
    assert (stereo.decoder.codebooks, stereo.decoder.channels) == (8, 2)
    assert stereo.codec.codebooks == 4


def test_what_stands_beside_the_weights_is_read(copy: Path) -> None:
    (copy / "generation_config.json").write_text('{"guidance_scale": 4.0, "top_k": 50}')
    assert not load_checkpoint(str(copy)).describes
    (copy / "mindjam.json").write_text('{"note": "It hums.", "describes_audio_prompts": true}')
    (copy / "README.md").write_text(
        "---\ntags:\n- music\nlicense: cc-by-nc-4.0\n---\nlicense: no\n"
    )
    loaded = load_checkpoint(str(copy))
    assert (loaded.name, loaded.folder) == ("copy", copy)
    assert (loaded.defaults.guidance_scale, loaded.defaults.top_k) == (4.0, 50)
    assert (loaded.defaults.do_sample, loaded.defaults.max_length) == (True, 1500)
    assert (loaded.license, loaded.note) == ("cc-by-nc-4.0", "It hums.")
    assert loaded.describes
    assert loaded.languages == ("en",)
    (copy / "README.md").write_text("---\nlanguage: [en, zh]\n---\nlanguage: fr\n")
    assert load_checkpoint(str(copy)).languages == ("en", "zh")


def test_a_bare_folder_has_the_papers_defaults(copy: Path) -> None:
    (copy / "generation_config.json").unlink()
    loaded = load_checkpoint(str(copy))
    assert (loaded.defaults.guidance_scale, loaded.defaults.top_k) == (3.0, 250)
    assert (loaded.license, loaded.note) == ("not stated", "")


def test_the_tokenizer_gives_the_references_ids(checkpoint: Checkpoint, tiny_mono: Path) -> None:
    with np.load(tiny_mono.parents[1] / "tiny-mono" / "text.npz") as golden:
        for i, prompt in enumerate(golden["prompts"]):
            ids = checkpoint.processor.tokenize(str(prompt))
            assert ids == tuple(golden[f"ids_{i}"])


def test_a_prompt_may_fill_the_limit_and_not_pass_it(checkpoint: Checkpoint) -> None:
    assert len(checkpoint.processor.tokenize("rain" + " rain" * 62)) == 64
    with pytest.raises(InvalidRequest, match="65 tokens, and this model reads 64"):
        checkpoint.processor.tokenize("rain" + " rain" * 63)


def test_importing_the_loader_does_not_import_mindnlp() -> None:
    code = (
        "import sys, musicgen_core.checkpoint.loading\n"
        "print({'mindnlp', 'mindspore', 'transformers', 'huggingface_hub'} & set(sys.modules))"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


def test_a_file_that_is_mapped_anew_gives_the_same_tensors(
    tiny_mono: Path, config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = dict(open_tensors(tiny_mono, config))
    monkeypatch.setattr("musicgen_core.checkpoint.tensors._MAPPED", 0)
    same(open_tensors(tiny_mono, config), expected)
