"""Golden files and loaded engines, each loaded once a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eager_mindspore import in_one_thread

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.model.protocols import Engine
from musicgen_core.musicgen import MusicGen

GOLDEN = Path(__file__).parents[1] / "golden"
Arrays = dict[str, np.ndarray]


@cache
def _checkpoint(name: str) -> Checkpoint:
    return load_checkpoint(name if name == "builtin" else str(GOLDEN / "checkpoints" / name))


@cache
def _engine(engine: str, name: str) -> Engine:
    if engine == "mindnlp":
        in_one_thread()
    # fp32 with the cache of attention in fp32, too: the reference has nothing else.
    return choose_engine(engine, "fp32", "f32").create(_checkpoint(name))


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], Arrays]:
    """`golden(checkpoint, stem)` -> the arrays of one golden file."""

    @cache
    def load(name: str, stem: str) -> Arrays:
        with np.load(GOLDEN / name / f"{stem}.npz") as file:
            return dict(file)

    return load


@pytest.fixture(scope="session")
def golden_cases() -> Callable[[str], dict[str, Any]]:
    """`golden_cases(checkpoint)` -> what its streams were asked for, by stream name."""

    def load(name: str) -> dict[str, Any]:
        cases = json.loads((GOLDEN / name / "cases.json").read_text())["cases"]
        return {f"{case['name']}-{case['guidance']:g}": case for case in cases}

    return load


@pytest.fixture(scope="session")
def checkpoint() -> Callable[[str], Checkpoint]:
    return _checkpoint


@pytest.fixture(scope="session")
def engine() -> Callable[[str, str], Engine]:
    """`engine(engine name, checkpoint name)` -> a loaded engine."""
    return _engine


@pytest.fixture(scope="session")
def core() -> Callable[..., MusicGen]:
    """`core(engine name, checkpoint name)` -> a fresh MusicGen around a shared engine."""

    def load(engine: str = "mindspore", name: str = "tiny-mono") -> MusicGen:
        return MusicGen(_checkpoint(name), _engine(engine, name))

    return load
