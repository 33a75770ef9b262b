"""Write the checkpoint that ships with mindjam until there is a trained one: untrained, it hisses.

    PYTHONPATH=. .venv/bin/python recipes/untrained/make_builtin.py [FOLDER]

The same bytes come out on every machine: weights are uniform random numbers, which need no
transcendental functions, and everything is rounded to 16 bits at the end.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from wordlist import tokenizer

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from musicgen_core.engines.stock.model import musicgen_config

SEED = 2
LOUDNESS = 0.09
"""The gain of the last convolution, measured: about -20 dB of full scale come out."""
NOTE = "The built-in model is not trained yet: whatever you ask for, it makes noise."


def config(vocabulary: int) -> ModelConfig:
    """The published checkpoints' structure at 32 kHz and 50 frames/s, everything narrower."""
    text = TextConfig(
        vocab_size=vocabulary,
        hidden=64,
        heads=4,
        head_dim=16,
        ffn=128,
        layers=2,
        relative_buckets=32,
        relative_max_distance=128,
        epsilon=1e-6,
        activation="relu",
        gated=False,
    )
    decoder = DecoderConfig(
        vocab_size=256,
        hidden=96,
        layers=2,
        heads=4,
        ffn=192,
        codebooks=4,
        channels=1,
        start_token=256,
        max_positions=2048,
        activation="gelu",
        scale_embedding=False,
    )
    codec = CodecConfig(
        sample_rate=32000,
        hidden=32,
        filters=4,
        ratios=(8, 5, 4, 4),
        kernel=7,
        last_kernel=7,
        residual_kernel=3,
        residual_layers=1,
        dilation_growth=2,
        compress=2,
        lstm_layers=2,
        conv_shortcut=False,
        codebook_size=256,
        codebook_dim=32,
        codebooks=4,
    )
    return ModelConfig(text, decoder, codec)


def tensors(shape_of: ModelConfig) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, float16 array) as files have them, weight norm and all."""
    rng = np.random.default_rng(SEED)
    for name, shape in tensor_shapes(shape_of):
        values = _values(name, shape, rng)
        if name.endswith("conv.weight"):
            module = name.removesuffix("weight") + "parametrizations.weight.original"
            yield f"{module}0", _norms(values).astype(np.float16)
            yield f"{module}1", values.astype(np.float16)
        else:
            yield name, values.astype(np.float16)


def _values(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Random values that keep signals near size 1, float64."""
    noise = math.sqrt(3) * rng.uniform(-1, 1, shape)
    if "norm.weight" in name:
        return np.ones(shape)
    if name.endswith("bias"):
        return np.zeros(shape)
    if "codebook" in name:
        return noise / 2  # four are added
    if "embed" in name or "shared" in name or "bias" in name:
        return noise
    if name.startswith("audio_encoder.decoder") and len(shape) == 3:
        return _kernels(noise)
    return noise / math.sqrt(math.prod(shape[1:]))


def _kernels(noise: np.ndarray) -> np.ndarray:
    """Shape the decoder's convolutions so that the noise is steady, soft and without a hum."""
    width = noise.shape[2]
    if noise.shape[0] == 1:
        # The last one: an odd kernel has no gain at 0 Hz, so the waveform stays centered.
        return LOUDNESS * noise[:, :, :1] * np.array([-1, -2, -1, 0, 1, 2, 1])
    if width % 2:
        return noise / math.sqrt(math.prod(noise.shape[1:]))
    # The others raise the rate. ELU's outputs have a mean; with weights that sum to zero over the
    # inputs it does not come through as a hum at the frame rate.
    noise = (noise - noise.mean(axis=0)) / math.sqrt(noise.shape[0])
    rise = (np.arange(width // 2) + 0.5) / (width // 2)
    tent = np.concatenate([rise, rise[::-1]])
    if noise.shape[1] <= 8:
        return noise[:, :, :1] * tent  # interpolates: nothing new above 2 kHz
    return noise * np.sqrt(tent)  # two overlapping frames have the power of one


def _norms(direction: np.ndarray) -> np.ndarray:
    """Return each row's norm, exactly rounded, in the shape weight norm has it."""
    norms = [math.sqrt(math.fsum((row * row).ravel().tolist())) for row in direction]
    return np.array(norms).reshape(-1, 1, 1)


def small_files(shape: ModelConfig) -> Iterator[tuple[str, Any]]:
    """Yield (name, content) of the JSON files that every MusicGen checkpoint has."""
    start = shape.decoder.start_token
    yield (
        "config.json",
        {
            "architectures": ["MusicgenForConditionalGeneration"],
            "model_type": "musicgen",
            "is_encoder_decoder": True,
            **musicgen_config(shape),
        },
    )
    yield (
        "generation_config.json",
        {
            "bos_token_id": start,
            "decoder_start_token_id": start,
            "pad_token_id": start,
            "do_sample": True,
            "guidance_scale": 3.0,
            "max_length": 1500,
        },
    )
    yield (
        "preprocessor_config.json",
        {
            "feature_extractor_type": "EncodecFeatureExtractor",
            "processor_class": "MusicgenProcessor",
            "feature_size": shape.decoder.channels,
            "sampling_rate": shape.codec.sample_rate,
            "padding_side": "left",
            "padding_value": 0.0,
            "return_attention_mask": True,
        },
    )
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    yield "special_tokens_map.json", special
    yield (
        "tokenizer_config.json",
        {
            "tokenizer_class": "T5Tokenizer",
            "processor_class": "MusicgenProcessor",
            "model_max_length": 512,
            "extra_ids": 0,
            "additional_special_tokens": [],
            **special,
        },
    )
    yield "mindjam.json", {"note": NOTE}


def write(folder: Path) -> None:
    """Write the whole checkpoint but its model card into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = tokenizer()
    shape = config(len(words["model"]["vocab"]))
    for name, content in (*small_files(shape), ("tokenizer.json", words)):
        text = json.dumps(
            content, ensure_ascii=False, indent=1 if name != "tokenizer.json" else None
        )
        (folder / name).write_text(text + "\n", encoding="utf-8")
    save_file(dict(tensors(shape)), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILTIN_FOLDER)
