"""The tiny language model by each engine whose rows join and leave."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from tiny_networks import tiny_checkpoint


@cache
def made(runtime: str, precision: str):
    """The runtime's language model, once a session."""
    if runtime == "openvino":
        from musicgen_core.engines.openvino import load_language_model

        return load_language_model(tiny_checkpoint(), precision)
    from musicgen_core.engines.numba import language_model as numba

    narrow = numba.NARROW if runtime == "numba" else 0
    return numba.load_language_model(tiny_checkpoint(), precision, narrow=narrow)


@pytest.fixture(scope="session", params=["openvino", "numba", "numba, wide"])
def lm(request: pytest.FixtureRequest) -> Callable:
    """`lm(precision)` -> the language model."""
    return lambda precision="fp32": made(request.param, precision)
