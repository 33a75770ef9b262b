"""Checkpoints of MusicGen's real shapes with random weights, for benchmarks without a download."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.errors import ModelUnavailable
from musicgen_core.requests import GenerationDefaults

_T5_BASE = TextConfig(
    vocab_size=32128,
    hidden=768,
    heads=12,
    head_dim=64,
    ffn=3072,
    layers=12,
    relative_buckets=32,
    relative_max_distance=128,
    epsilon=1e-6,
    activation="relu",
    gated=False,
)
_SMALL = DecoderConfig(
    vocab_size=2048,
    hidden=1024,
    layers=24,
    heads=16,
    ffn=4096,
    codebooks=4,
    channels=1,
    start_token=2048,
    max_positions=2048,
    activation="gelu",
    scale_embedding=False,
)
_ENCODEC_32KHZ = CodecConfig(
    sample_rate=32000,
    hidden=128,
    filters=64,
    ratios=(8, 5, 4, 4),
    kernel=7,
    last_kernel=7,
    residual_kernel=3,
    residual_layers=1,
    dilation_growth=2,
    compress=2,
    lstm_layers=2,
    conv_shortcut=False,
    codebook_size=2048,
    codebook_dim=128,
    codebooks=4,
)
SIZES = {
    "tiny": ModelConfig(
        replace(_T5_BASE, vocab_size=256, hidden=32, heads=2, head_dim=16, ffn=64, layers=2),
        replace(_SMALL, vocab_size=64, hidden=64, layers=2, heads=4, ffn=128, start_token=64),
        replace(_ENCODEC_32KHZ, filters=4, hidden=16, codebook_size=64, codebook_dim=16),
    ),
    "small": ModelConfig(_T5_BASE, _SMALL, _ENCODEC_32KHZ),
    "medium": ModelConfig(
        _T5_BASE, replace(_SMALL, hidden=1536, layers=48, heads=24, ffn=6144), _ENCODEC_32KHZ
    ),
}
_POOL = 1_000_003
"""A prime, so that no two rows of a tensor are equal."""

Floats: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HashingProcessor:
    """Stands in for a tokenizer: one id for each word, by its checksum."""

    vocab_size: int

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return ids as T5 has them: 0 to 2 are pad, end and unknown, and the end comes last."""
        words = text.lower().split()
        return *(3 + zlib.crc32(word.encode()) % (self.vocab_size - 3) for word in words), 1

    def unread(self, text: str) -> float:
        """Return the share of the text that has no piece: none of it, a checksum takes any."""
        return 0.0


def random_checkpoint(size: str) -> Checkpoint:
    """Make a checkpoint of MusicGen `tiny`, `small` or `medium` in memory; it makes noise.

    Raises:
        ModelUnavailable: there is no such size.
    """
    if size not in SIZES:
        raise ModelUnavailable(f"There is no size {size!r}; choose {', '.join(SIZES)}.")
    config = SIZES[size]
    # One pool of numbers, copied over and over: drawing them all takes 12 s for small. Each tensor
    # has memory of its own, because reading weights is what a step spends its time on.
    pool = np.random.default_rng(0).standard_normal(2 * _POOL, dtype=np.float32)
    tensors = {
        name: _filled(name, shape, pool[(1009 * i) % _POOL :][:_POOL])
        for i, (name, shape) in enumerate(tensor_shapes(config))
    }
    return Checkpoint(
        name=f"random-{size}",
        folder=Path(f"random-{size}"),
        config=config,
        tensors=tensors,
        processor=HashingProcessor(config.text.vocab_size),
        defaults=GenerationDefaults(),
        license="none",
        note="The weights are random, so it makes noise.",
        describes=False,
        languages=("en", "zh"),
    )


def _filled(name: str, shape: tuple[int, ...], pool: Floats) -> Floats:
    """Return values that keep signals near size 1: gains of 1, weights by their fan-in."""
    if "norm.weight" in name:
        return np.ones(shape, np.float32)
    fan_in = math.prod(shape[1:]) if len(shape) > 1 else 100
    scaled = pool * np.float32(fan_in**-0.5)
    values = np.empty(math.prod(shape), np.float32)
    for at in range(0, len(values), _POOL):
        part = values[at : at + _POOL]
        part[:] = scaled[: len(part)]
    return values.reshape(shape)
