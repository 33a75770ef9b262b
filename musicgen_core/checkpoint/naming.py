"""What a tensor is called in the files of different years, and weight norm folded away."""

from __future__ import annotations

from collections.abc import Container
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]

_WEIGHT_NORM = (
    ("weight_g", "weight_v"),  # torch.nn.utils.weight_norm: files saved in 2023
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)
_SAME = {
    # T5 ties its embedding to the encoder's; a file holds it under one name or the other.
    "text_encoder.shared.weight": "text_encoder.encoder.embed_tokens.weight",
}


def stored_names(name: str, stored: Container[str]) -> tuple[str, ...]:
    """Return where tensor `name` is in a file: one name, a (gain, direction) pair, or nothing."""
    for alias in (name, _SAME.get(name, name)):
        if alias in stored:
            return (alias,)
    module, _, last = name.rpartition(".")
    if last == "weight":
        for gain, direction in _WEIGHT_NORM:
            pair = (f"{module}.{gain}", f"{module}.{direction}")
            if all(part in stored for part in pair):
                return pair
    return ()


def stored_shapes(shape: tuple[int, ...], names: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Return the shapes that `names` have in a file when their tensor has `shape`."""
    gain = (shape[0], *(1 for _ in shape[1:]))
    return [gain, shape] if len(names) == 2 else [shape]


def fold_weight_norm(gain: Floats, direction: Floats) -> Floats:
    """Return gain * direction / |direction| (Salimans and Kingma 2016), a norm for each row.

    A row without a direction is zero, which is what a gain of 0 means.
    """
    axes = tuple(range(1, direction.ndim))
    norm = np.sqrt(np.square(direction, dtype=np.float64).sum(axis=axes, keepdims=True))
    scale = np.divide(gain, norm, out=np.zeros_like(norm), where=norm > 0)
    folded: Floats = (direction * scale).astype(np.float32)
    return folded
