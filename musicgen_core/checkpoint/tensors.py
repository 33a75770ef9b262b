"""A checkpoint's tensors, read from safetensors one at a time when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Importing mindnlp replaces `safetensors.safe_open` by one that makes MindSpore tensors.
from safetensors._safetensors_rust import SafetensorError, safe_open

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.naming import Floats, fold_weight_norm, stored_names, stored_shapes
from musicgen_core.checkpoint.shapes import tensor_shapes
from musicgen_core.checkpoint.small_files import read_json
from musicgen_core.errors import ModelUnavailable

_FLOATS = {"F64", "F32", "F16", "BF16"}
_MAPPED = 64 << 20
"""Bytes that are read before a file is mapped anew: what was read counts as memory until then."""


class _File:
    """A safetensors file whose pages do not stay in memory."""

    def __init__(self, path: Path) -> None:
        self._path, self._file, self._read = path, _open(path), 0

    def keys(self) -> list[str]:
        names: list[str] = self._file.keys()
        return names

    def get_slice(self, name: str) -> Any:
        return self._file.get_slice(name)

    def get_tensor(self, name: str) -> Any:
        if self._read >= _MAPPED:
            self._file, self._read = _open(self._path), 0
        tensor = self._file.get_tensor(name)
        self._read += tensor.nbytes
        return tensor


class StoredTensors(Mapping[str, Floats]):
    """Names as in `shapes.tensor_shapes` -> float32 arrays; nothing is kept in memory.

    A model may have gigabytes, and whoever computes with a tensor makes a copy of its own.
    """

    def __init__(self, files: Mapping[str, _File], sources: Mapping[str, tuple[str, ...]]) -> None:
        self._files, self._sources = files, sources

    def __getitem__(self, name: str) -> Floats:
        parts = [self._read(stored) for stored in self._sources[name]]
        return fold_weight_norm(*parts) if len(parts) == 2 else parts[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def _read(self, stored: str) -> Floats:
        array: Floats = self._files[stored].get_tensor(stored).astype(np.float32, copy=False)
        return array


def open_tensors(folder: Path, config: ModelConfig) -> StoredTensors:
    """Open `model.safetensors` or its shards and check them against the config.

    Raises:
        ModelUnavailable: a file is missing or truncated, or a tensor is missing or misshapen.
    """
    files = _open_files(folder)
    sources: dict[str, tuple[str, ...]] = {}
    for name, shape in tensor_shapes(config):
        names = stored_names(name, files)
        if not names:
            raise ModelUnavailable(
                f"The safetensors in {folder} have no tensor {name}; the checkpoint is incomplete, "
                "so download it again."
            )
        for stored, expected in zip(names, stored_shapes(shape, names), strict=True):
            _check(folder, files[stored], stored, expected)
        sources[name] = names
    return StoredTensors(files, sources)


def _check(folder: Path, file: _File, name: str, expected: tuple[int, ...]) -> None:
    """Refuse one stored tensor of another shape or without float values; reads no data."""
    part = file.get_slice(name)
    if (shape := tuple(part.get_shape())) != expected:
        raise ModelUnavailable(
            f"Tensor {name} in {folder} has shape {list(shape)}, but config.json asks for "
            f"{list(expected)}; the two are of different models, so download both again."
        )
    if (dtype := part.get_dtype()) not in _FLOATS:
        raise ModelUnavailable(
            f"Tensor {name} in {folder} is stored as {dtype}; use a checkpoint with fp32, fp16 or "
            "bf16 weights."
        )


def _open_files(folder: Path) -> dict[str, _File]:
    """Return the open file of every stored tensor by its name."""
    index = folder / "model.safetensors.index.json"
    single = folder / "model.safetensors"
    if single.is_file():
        names = [single.name]
    elif index.is_file():
        names = _shards(index)
    else:
        raise ModelUnavailable(_no_weights(folder))
    files: dict[str, _File] = {}
    for name in names:
        file = _File(folder / name)
        files |= dict.fromkeys(file.keys(), file)
    return files


def _shards(index: Path) -> list[str]:
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelUnavailable(f"{index} names no files; download the checkpoint again.")
    return sorted({Path(str(name)).name for name in weight_map.values()})


def _open(path: Path) -> Any:
    try:
        # "np" needs bfloat16 to be a type that numpy knows.
        import ml_dtypes  # noqa: F401

        return safe_open(path, framework="np")
    except FileNotFoundError as exc:
        raise ModelUnavailable(f"{path} is missing; download the checkpoint again.") from exc
    except (OSError, SafetensorError) as exc:
        raise ModelUnavailable(
            f"{path} is truncated or not a safetensors file ({exc}); download it again."
        ) from exc


def _no_weights(folder: Path) -> str:
    if others := sorted(path.name for path in folder.glob("*.bin")):
        return (
            f"{folder} holds {others[0]} but no model.safetensors, the only format read here; use "
            "a checkpoint saved as safetensors."
        )
    return f"{folder / 'model.safetensors'} is missing; download the checkpoint again."
