"""Tiny networks with random weights; each is compiled once a session."""

from __future__ import annotations

import pytest
from tiny_networks import DECODER, TEXT, Arrays, tiny_tensors


@pytest.fixture(scope="session")
def tensors() -> Arrays:
    return tiny_tensors()


@pytest.fixture(scope="session")
def lm(tensors: Arrays):
    from musicgen_core.engines.mindspore.device import prepare
    from musicgen_core.engines.mindspore.language_model import MindSporeLanguageModel

    return MindSporeLanguageModel(DECODER, tensors, TEXT.hidden, prepare("fp32"))


@pytest.fixture(scope="session")
def text_encoder(tensors: Arrays):
    from musicgen_core.engines.mindspore.device import prepare
    from musicgen_core.engines.mindspore.text_encoder import MindSporeTextEncoder

    return MindSporeTextEncoder(TEXT, tensors, prepare("fp32"))
