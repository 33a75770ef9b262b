"""A checkpoint that cannot be used is refused with one sentence: which file, what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.errors import ModelUnavailable

Damage = Callable[[Path], object]


def refusal(name: str) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        load_checkpoint(name)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def remove(file: str) -> Damage:
    return lambda folder: (folder / file).unlink()


def write(file: str, text: str) -> Damage:
    return lambda folder: (folder / file).write_text(text)


def edit(file: str, *keys: str, value: Any) -> Damage:
    def damage(folder: Path) -> None:
        content = json.loads((folder / file).read_text())
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value
        (folder / file).write_text(json.dumps(content))

    return damage


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def weights(change: Callable[[dict[str, np.ndarray]], object]) -> Damage:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors")

    return damage


def only_pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def lost_shard(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    content = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(content))


def empty_index(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text("{}")


PROJECTION = "enc_to_dec_proj.weight"
GAIN = "audio_encoder.encoder.layers.0.conv.parametrizations.weight.original0"
CASES: dict[str, tuple[Damage, str]] = {
    "no config": (remove("config.json"), r"config\.json is missing; download"),
    "config cut off": (write("config.json", '{"model_type": '), r"config\.json cannot be read"),
    "config a list": (write("config.json", "[]"), r"config\.json holds no JSON object"),
    "melody": (edit("config.json", "model_type", value="musicgen_melody"), "melody checkpoint"),
    "bert": (edit("config.json", "model_type", value="bert"), "type bert, not musicgen"),
    "encodec": (edit("config.json", "model_type", value="encodec"), "type encodec, not musicgen"),
    "no type": (write("config.json", "{}"), "type unknown, not musicgen"),
    "no parts": (write("config.json", '{"model_type": "musicgen"}'), "not a MusicGen config"),
    "bert inside": (
        edit("config.json", "text_encoder", value={"model_type": "bert"}),
        "combines bert and encodec",
    ),
    "causal": (edit("config.json", "audio_encoder", "use_causal_conv", value=True), "use_causal"),
    "truncated": (truncate, r"model\.safetensors is truncated or not a safetensors file"),
    "empty": (write("model.safetensors", ""), r"model\.safetensors is truncated"),
    "no weights": (remove("model.safetensors"), r"model\.safetensors is missing; download"),
    "pickled": (only_pickled, r"pytorch_model\.bin but no model\.safetensors"),
    "lost shard": (lost_shard, r"model-00001-of-00002\.safetensors is missing"),
    "empty index": (empty_index, r"index\.json names no files"),
    "lost tensor": (weights(lambda t: t.pop(PROJECTION)), f"no tensor {PROJECTION}"),
    "lost gain": (weights(lambda t: t.pop(GAIN)), r"no tensor audio_encoder.*layers\.0\.conv"),
    "misshapen": (
        weights(lambda t: t.update({PROJECTION: t[PROJECTION].T.copy()})),
        r"enc_to_dec_proj.weight in .* has shape \[24, 32\], but config.json asks for \[32, 24\]",
    ),
    "misshapen gain": (weights(lambda t: t.update({GAIN: t[GAIN][:1]})), r"shape \[1, 1, 1\]"),
    "integers": (
        weights(lambda t: t.update({PROJECTION: t[PROJECTION].astype(np.int8)})),
        "stored as I8; use a checkpoint with fp32",
    ),
    "no tokenizer": (remove("tokenizer.json"), r"tokenizer\.json is missing"),
    "tokenizer cut off": (write("tokenizer.json", '{"model": {'), r"tokenizer\.json cannot be"),
    "no tokenizer inside": (write("tokenizer.json", "{}"), "tokenizer .* cannot be read"),
    "tokenizer of no known kind": (
        write("tokenizer.json", '{"version": "1.0", "added_tokens": [], "model": {"type": "X"}}'),
        "tokenizer .* cannot be read",
    ),
    "tokens without ids": (remove("tokenizer_config.json"), "has 449 tokens, but config.json 349"),
    "vocabulary of another model": (
        edit("config.json", "text_encoder", "vocab_size", value=300),
        r"text_encoder\.shared\.weight",
    ),
    "no preprocessor": (remove("preprocessor_config.json"), r"preprocessor_config\.json is miss"),
    "other rate": (
        edit("preprocessor_config.json", "sampling_rate", value=24000),
        r"preprocessor_config\.json has a sampling rate of 24000",
    ),
    "bad default": (
        edit("generation_config.json", "temperature", value=-1),
        r"generation_config\.json has a value out of range",
    ),
    "bad length": (edit("generation_config.json", "max_length", value=0), "max_length below 1"),
    "default a word": (
        edit("generation_config.json", "top_k", value="many"),
        r"generation_config\.json has a value out of range",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_folder_is_refused_naming_the_file(case: str, copy: Path) -> None:
    damage, expected = CASES[case]
    damage(copy)
    text = refusal(str(copy))
    assert str(copy) in text
    assert re.search(expected, text), text


@pytest.mark.parametrize("name", ["/nowhere/at/all", "./models/mine", "musicgen", "", "a/b/c"])
def test_a_name_that_is_neither_a_folder_nor_of_the_hub_is_refused(name: str) -> None:
    assert "facebook/musicgen-small" in refusal(name)


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    assert "no checkpoint folder" in refusal(str(tmp_path / "model.bin"))
