"""A checkpoint folder of a published size with random weights, as somebody would have it on disk.

Whoever loads it does what they do with a downloaded one: MindNLP reads its config and tokenizer,
and transformers on PyTorch takes it as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.random_weights import random_checkpoint
from musicgen_core.engines.stock.model import as_stored, musicgen_config
from musicgen_core.errors import ModelUnavailable

_WORDS = "80s pop track with bassy drums and synth take"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-,.'"
_SENTINELS = 28
"""T5 has rows for more ids than its tokenizer has pieces."""
_SPECIAL = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}


def write_random_folder(size: str, folder: Path) -> None:
    """Write MusicGen `tiny`, `small` or `medium` to `folder`, which is made.

    Raises:
        ModelUnavailable: there is no such size, or no room; small takes 2.4 GB.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    checkpoint = random_checkpoint(size)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(as_stored(checkpoint.tensors), folder / "model.safetensors", {"format": "pt"})
        for name, content in _small_files(checkpoint.config).items():
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
    except (OSError, SafetensorError) as exc:
        raise ModelUnavailable(
            f"The random weights cannot be written ({exc}); make room, or set TMPDIR to a folder "
            "on another disk."
        ) from exc


def _small_files(config: ModelConfig) -> dict[str, dict[str, Any]]:
    start = config.decoder.start_token
    return {
        "config.json": {"model_type": "musicgen", **musicgen_config(config)},
        "generation_config.json": {
            "bos_token_id": start,
            "decoder_start_token_id": start,
            "pad_token_id": start,
            "do_sample": True,
            "guidance_scale": 3.0,
            "max_length": 1500,
        },
        "preprocessor_config.json": {
            "feature_extractor_type": "EncodecFeatureExtractor",
            "feature_size": config.decoder.channels,
            "padding_side": "left",
            "processor_class": "MusicgenProcessor",
            "sampling_rate": config.codec.sample_rate,
        },
        "special_tokens_map.json": _SPECIAL,
        "tokenizer_config.json": {
            "tokenizer_class": "T5Tokenizer",
            "processor_class": "MusicgenProcessor",
            "model_max_length": 512,
            "extra_ids": 0,
            "additional_special_tokens": [],
            **_SPECIAL,
        },
        "tokenizer.json": _tokenizer(config.text.vocab_size - _SENTINELS),
    }


def _tokenizer(size: int) -> dict[str, Any]:
    """Return a Unigram tokenizer in T5's manner: the benchmark's words, letters, and filling."""
    pieces: list[tuple[str, float]] = [(piece, 0.0) for piece in _SPECIAL.values()]
    pieces += [("▁", -4.0), *((f"▁{word}", -3.0) for word in _WORDS.split())]
    pieces += [(letter, -5.0) for letter in _LETTERS]
    pieces += [(f"▁filling{number}", -9.0) for number in range(size - len(pieces))]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}
    end = {"SpecialToken": {"id": "</s>", "type_id": 0}}
    return {
        "version": "1.0",
        "added_tokens": [
            {
                "id": index,
                "content": piece,
                "special": True,
                **dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False),
            }
            for index, piece in enumerate(_SPECIAL.values())
        ],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {**metaspace, "split": True},
        "decoder": {**metaspace, "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, end],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                end,
                {"Sequence": {"id": "B", "type_id": 0}},
                end,
            ],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "model": {"type": "Unigram", "unk_id": 2, "vocab": pieces, "byte_fallback": False},
    }
