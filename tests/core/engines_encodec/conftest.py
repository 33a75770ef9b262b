"""A tiny EnCodec with random weights on each runtime; every graph is compiled once a session."""

from __future__ import annotations

import pytest
from tiny_networks import CODEC, tiny_tensors

from musicgen_core.engines.encodec.codec import EnCodec


def made(runtime: str) -> EnCodec:
    if runtime == "openvino":
        from musicgen_core.engines.openvino.codec import codec
    else:
        from musicgen_core.engines.mindspore.codec import codec
        from musicgen_core.engines.mindspore.device import prepare

        prepare("fp32")
    return codec(CODEC, tiny_tensors())


@pytest.fixture(scope="session", params=["mindspore", "openvino"])
def runtime(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def codec(runtime: str) -> EnCodec:
    return made(runtime)


@pytest.fixture(scope="session")
def whole_codec(runtime: str) -> EnCodec:
    """A codec of its own, for graphs as long as the sound."""
    return made(runtime)


@pytest.fixture(scope="session")
def both() -> list[EnCodec]:
    return [made("mindspore"), made("openvino")]
