"""Tiny networks with random weights on OpenVINO; each is compiled once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from tiny_networks import tiny_checkpoint

from musicgen_core.checkpoint.loading import Checkpoint


@pytest.fixture(scope="session")
def tiny() -> Checkpoint:
    """A checkpoint in memory, whose attention is not sharp."""
    return tiny_checkpoint()


@pytest.fixture(scope="session")
def lm(tiny: Checkpoint) -> Callable:
    """`lm(precision, attention_cache)` -> the compiled language model."""
    from musicgen_core.engines.openvino import load_language_model

    @cache
    def make(precision: str = "fp32", attention_cache: str = "auto"):
        return load_language_model(tiny, precision, attention_cache)

    return make
