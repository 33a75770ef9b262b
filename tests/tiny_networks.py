"""Tiny networks with random weights, small enough to be compiled in a test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.checkpoint.random_weights import HashingProcessor
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.requests import GenerationDefaults

TEXT = TextConfig(
    vocab_size=50,
    hidden=24,
    heads=2,
    head_dim=8,
    ffn=40,
    layers=2,
    relative_buckets=32,
    relative_max_distance=128,
    epsilon=1e-6,
    activation="relu",
    gated=False,
)
DECODER = DecoderConfig(
    vocab_size=64,
    hidden=32,
    layers=2,
    heads=4,
    ffn=64,
    codebooks=4,
    channels=1,
    start_token=64,
    max_positions=1024,
    activation="gelu",
    scale_embedding=False,
)
CODEC = CodecConfig(
    sample_rate=32000,
    hidden=16,
    filters=2,
    ratios=(5, 4, 3),
    kernel=7,
    last_kernel=7,
    residual_kernel=3,
    residual_layers=2,
    dilation_growth=2,
    compress=2,
    lstm_layers=2,
    conv_shortcut=True,
    codebook_size=64,
    codebook_dim=16,
    codebooks=4,
)

Arrays = dict[str, np.ndarray]


def drawn(shapes: Iterable[tuple[str, tuple[int, ...]]], seed: int = 0) -> Arrays:
    """Random tensors that keep signals near 1, so that wrong wiring shows."""
    rng = np.random.default_rng(seed)

    def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
        noise = rng.standard_normal(shape, dtype=np.float32)
        if len(shape) == 1:
            return 0.1 * noise + (1 if "norm" in name and name.endswith("weight") else 0)
        return noise if "embed" in name else noise * np.prod(shape[1:], dtype=np.float32) ** -0.5

    return {name: tensor(name, shape).astype(np.float32) for name, shape in shapes}


def tiny_tensors() -> Arrays:
    """Every tensor of the networks above."""
    return drawn(tensor_shapes(ModelConfig(TEXT, DECODER, CODEC)))


def tiny_checkpoint() -> Checkpoint:
    """A checkpoint in memory, whose attention is not sharp."""
    return Checkpoint(
        name="tiny",
        folder=Path("nowhere"),
        config=ModelConfig(TEXT, DECODER, CODEC),
        tensors=tiny_tensors(),
        processor=HashingProcessor(TEXT.vocab_size),
        defaults=GenerationDefaults(),
        license="none",
        note="",
        describes=False,
        languages=("en",),
    )
