"""Write the checkpoint: trained weights and the computed codec in the files every MusicGen has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.builtin.codec_space import LATENT
from recipes.builtin.codec_weights import FILTERS, KERNEL, RATIOS
from recipes.builtin.shape import START, Shape
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.voices import CODEBOOK_SIZE, CODEBOOKS, FRAME_RATE

Tensors = dict[str, npt.NDArray[Any]]

SAMPLING = {"do_sample": True, "guidance_scale": 1.25, "temperature": 0.3, "top_k": 10}
"""What measure.py found best on held-out prompts."""
LONGEST = 1500
"""Frames: the longest windows that training saw."""


def language_model_tensors(state: dict[str, Any], shape: Shape) -> Tensors:
    """A trained Learner's state -> T5's and the decoder's tensors under their usual names."""
    arrays = {name: value.float().cpu().numpy() for name, value in state.items()}
    tensors: Tensors = {}
    for name, array in arrays.items():
        if name.startswith("text.") and "embed_tokens" not in name:
            tensors[f"text_encoder.{name.removeprefix('text.')}"] = array
    tensors["enc_to_dec_proj.weight"] = arrays["decoder.project.weight"]
    tensors["enc_to_dec_proj.bias"] = arrays["decoder.project.bias"]
    embeddings, heads = _tables(arrays)
    for k in range(CODEBOOKS):
        tensors[f"decoder.model.decoder.embed_tokens.{k}.weight"] = embeddings[k]
        tensors[f"decoder.lm_heads.{k}.weight"] = heads[k]
    for i in range(shape.layers):
        tensors |= _layer(arrays, i)
    for part in ("weight", "bias"):
        tensors[f"decoder.model.decoder.layer_norm.{part}"] = arrays[f"decoder.last.{part}"]
    return tensors


def _tables(arrays: Tensors) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    from recipes.builtin.network import memberships

    shared = memberships().numpy()
    tables = {name: arrays[f"decoder.tables.{name}"] for name in
              ("own", "parts", "head_own", "head_parts")}  # fmt: skip
    embeddings = tables["own"].copy()
    embeddings[:, :CODEBOOK_SIZE] += shared @ tables["parts"]
    return embeddings, tables["head_own"] + shared @ tables["head_parts"]


def _layer(arrays: Tensors, number: int) -> Tensors:
    ours, theirs = f"decoder.layers.{number}", f"decoder.model.decoder.layers.{number}"
    renamed: Tensors = {}
    for mine, name in (("own", "self_attn"), ("text", "encoder_attn")):
        for part in ("q", "k", "v", "out"):
            renamed[f"{theirs}.{name}.{part}_proj.weight"] = arrays[f"{ours}.{mine}.{part}"]
    norms = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")
    for i, norm in enumerate(norms):
        for part in ("weight", "bias"):
            renamed[f"{theirs}.{norm}.{part}"] = arrays[f"{ours}.norms.{i}.{part}"]
    for name in ("fc1", "fc2"):
        renamed[f"{theirs}.{name}.weight"] = arrays[f"{ours}.{name}"]
    return renamed


def config(shape: Shape, vocabulary: int) -> dict[str, Any]:
    """The content of config.json."""
    return {
        "architectures": ["MusicgenForConditionalGeneration"],
        "model_type": "musicgen",
        "is_encoder_decoder": True,
        "text_encoder": {
            "model_type": "t5",
            "vocab_size": vocabulary,
            "d_model": shape.text,
            "d_kv": 32,
            "d_ff": shape.text_ffn,
            "num_layers": shape.text_layers,
            "num_heads": shape.text // 32,
            "relative_attention_num_buckets": 32,
            "relative_attention_max_distance": 128,
            "layer_norm_epsilon": 1e-6,
            "feed_forward_proj": "relu",
        },
        "decoder": {
            "model_type": "musicgen_decoder",
            "vocab_size": CODEBOOK_SIZE,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "ffn_dim": shape.ffn,
            "num_codebooks": CODEBOOKS,
            "audio_channels": 1,
            "max_position_embeddings": shape.positions,
            "activation_function": "gelu",
            "scale_embedding": False,
            "pad_token_id": START,
            "bos_token_id": START,
        },
        "audio_encoder": {
            "model_type": "encodec",
            "sampling_rate": SAMPLE_RATE,
            "hidden_size": LATENT,
            "num_filters": FILTERS,
            "upsampling_ratios": list(RATIOS),
            "kernel_size": KERNEL,
            "last_kernel_size": KERNEL,
            "residual_kernel_size": 3,
            "num_residual_layers": 1,
            "dilation_growth_rate": 2,
            "compress": 2,
            "num_lstm_layers": 1,
            "use_conv_shortcut": False,
            "codebook_size": CODEBOOK_SIZE,
            "codebook_dim": LATENT,
            "target_bandwidths": [FRAME_RATE * CODEBOOKS * np.log2(CODEBOOK_SIZE) / 1000],
            "norm_type": "weight_norm",
            "use_causal_conv": False,
            "pad_mode": "reflect",
            "normalize": False,
            "audio_channels": 1,
            "chunk_length_s": None,
        },
    }


def small_files(shape: Shape, tokenizer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (name, content) of every JSON file of the checkpoint."""
    yield "config.json", config(shape, len(tokenizer["model"]["vocab"]))
    starts = dict.fromkeys(("bos_token_id", "decoder_start_token_id", "pad_token_id"), START)
    yield "generation_config.json", {**starts, **SAMPLING, "max_length": LONGEST}
    yield (
        "preprocessor_config.json",
        {
            "feature_extractor_type": "EncodecFeatureExtractor",
            "processor_class": "MusicgenProcessor",
            "feature_size": 1,
            "sampling_rate": SAMPLE_RATE,
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
    yield "mindjam.json", {"describes_audio_prompts": True}
    yield "tokenizer.json", tokenizer


def write(
    folder: Path, tensors: Tensors, tokenizer: dict[str, Any], shape: Shape, steps: int
) -> None:
    """Write the checkpoint but its model card; 16-bit weights where they come in 32 bits or more.

    Weight norm's gains and the codec's biases stay exact. The steps of training are noted.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in small_files(shape, tokenizer):
        indent = None if name == "tokenizer.json" else 1
        text = json.dumps(content, ensure_ascii=False, indent=indent)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    stored = {
        name: np.ascontiguousarray(array if _is_exact(name) else array.astype(np.float16))
        for name, array in tensors.items()
    }
    kind = {"format": "pt", "steps": str(steps)}
    save_file(stored, folder / "model.safetensors", kind)
    (folder / "model.safetensors").chmod(0o644)


def replace_codec(checkpoint: Path, tensors: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put other codec tensors into a checkpoint; all else stays as it is, to the bit."""
    # Importing mindnlp replaces `safetensors.safe_open` by one that makes MindSpore tensors.
    from safetensors._safetensors_rust import safe_open
    from safetensors.numpy import save_file

    path = checkpoint / "model.safetensors"
    with safe_open(path, "numpy") as file:
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = file.metadata()
    of_codec = {name for name in stored if name.startswith("audio_encoder.")}
    if of_codec != set(tensors):
        raise ValueError(f"not one codec's tensors: {sorted(of_codec ^ set(tensors))}")
    save_file(stored | {name: np.ascontiguousarray(a) for name, a in tensors.items()}, path, about)
    path.chmod(0o644)


def _is_exact(name: str) -> bool:
    return name.startswith("audio_encoder.") and name.endswith(("original0", "bias", "_l0"))


def trained_steps(checkpoint: Path) -> int:
    """The steps of training that a checkpoint's weights had."""
    from safetensors._safetensors_rust import safe_open

    with safe_open(checkpoint / "model.safetensors", "numpy") as file:
        return int(file.metadata()["steps"])
