"""Tiny networks with random weights on OpenVINO; each is compiled once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tiny_networks import CODEC, DECODER, TEXT, tiny_tensors

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.checkpoint.random_weights import HashingProcessor
from musicgen_core.requests import GenerationDefaults


@pytest.fixture(scope="session")
def tiny() -> Checkpoint:
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


@pytest.fixture(scope="session")
def lm(tiny: Checkpoint) -> Callable:
    """`lm(precision, attention_cache)` -> the compiled language model."""
    from musicgen_core.engines.openvino import load_language_model

    @cache
    def make(precision: str = "fp32", attention_cache: str = "auto"):
        return load_language_model(tiny, precision, attention_cache)

    return make
