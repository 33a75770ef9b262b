"""The checkpoint's codec on transformers' own EnCodec, as anybody else would load it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recipes.builtin.voices import Codes

Sound = npt.NDArray[np.float32]


class StockCodec:
    """Encodes and decodes one clip at a time."""

    def __init__(self, config: dict[str, Any], weights: Mapping[str, Tensor]) -> None:
        """Take a checkpoint's config.json and its weights."""
        from transformers import EncodecConfig, EncodecModel

        kept = {k: value for k, value in config["audio_encoder"].items() if k != "model_type"}
        prefix = "audio_encoder."
        state = {k.removeprefix(prefix): v.float() for k, v in weights.items()
                 if k.startswith(prefix)}  # fmt: skip
        self._model: Any = EncodecModel(EncodecConfig(**kept)).eval()
        left = self._model.load_state_dict(state, strict=False)
        if left.unexpected_keys:
            raise ValueError(f"no place for {left.unexpected_keys}")

    @classmethod
    def load(cls, folder: Path) -> StockCodec:
        """Read a checkpoint's codec."""
        from safetensors.torch import load_file

        config = json.loads((folder / "config.json").read_text("utf-8"))
        return cls(config, load_file(folder / "model.safetensors"))

    @torch.no_grad()
    def decode(self, codes: Codes) -> Sound:
        """Codes [9, F] -> samples [F * 640]."""
        made = self._model.decode(torch.from_numpy(codes)[None, None], [None])
        samples: Sound = made.audio_values[0, 0].numpy()
        return samples

    @torch.no_grad()
    def encode(self, samples: Sound) -> Codes:
        """Samples [N] -> codes [9, ceil(N / 640)]."""
        made = self._model.encode(torch.from_numpy(samples)[None, None])
        codes: Codes = made.audio_codes[0, 0].numpy()
        return codes


def in_sixteen_bits(samples: Sound) -> Sound:
    """What is left of samples in a WAV file."""
    return (np.round(np.clip(samples, -1, 1) * 32767) / 32767).astype(np.float32)


def signal_to_noise(wanted: Sound, found: Sound) -> float:
    """Decibels, at most 120."""
    noise = float(np.sum((wanted - found) ** 2))
    return float(min(120.0, 10 * np.log10(np.sum(wanted**2) / max(noise, 1e-30))))
