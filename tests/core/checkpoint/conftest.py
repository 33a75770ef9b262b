"""Golden checkpoints, as they are and as copies to be changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

CHECKPOINTS = Path(__file__).parents[2] / "golden" / "checkpoints"
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def tiny_mono() -> Path:
    return CHECKPOINTS / "tiny-mono"


@pytest.fixture(scope="session")
def stored(tiny_mono: Path) -> Arrays:
    """The tensors as tiny-mono's file has them."""
    return load_file(tiny_mono / "model.safetensors")


@pytest.fixture
def copy(tiny_mono: Path, tmp_path: Path) -> Path:
    """A copy of tiny-mono that a test may change."""
    return shutil.copytree(tiny_mono, tmp_path / "copy")


@pytest.fixture
def without_weights(tiny_mono: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a copy of tiny-mono that has no weights yet."""

    def make() -> Path:
        ignore = shutil.ignore_patterns("*.safetensors")
        return shutil.copytree(tiny_mono, tmp_path / "bare", ignore=ignore)

    return make
