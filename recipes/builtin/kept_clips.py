"""Codes on disk, so that a measurement that is cut goes on where it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recipes.builtin.voices import Codes


class KeptClips:
    """What one checkpoint generated, by what it was asked."""

    def __init__(self, folder: Path, checkpoint: Path) -> None:
        self._folder = folder
        self._maker = hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest()

    def get(self, asked: object, make: Callable[[], Codes]) -> Codes:
        """Codes that were asked for by something of the same `repr`, else newly made ones."""
        name = hashlib.sha256(f"{self._maker} {asked!r}".encode()).hexdigest()[:24]
        path = self._folder / f"{name}.npy"
        if path.exists():
            kept: Codes = np.load(path, allow_pickle=False).astype(np.int64)
            return kept
        made = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, made.astype(np.uint16))
        part.rename(path)
        return made
