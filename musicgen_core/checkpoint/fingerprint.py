"""Which checkpoint this is, told without reading all of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.checkpoint.tensors import StoredTensors

_SAMPLES = 256
_SAMPLE = 4096
"""Bytes; a checkpoint that was trained on differs in all of them, one bit changed may in none."""


def fingerprint(checkpoint: Checkpoint) -> str | None:
    """Return a digest of the config and the files' names, times, sizes and samples of their bytes.

    None for a checkpoint that lies in no files.
    """
    if not isinstance(checkpoint.tensors, StoredTensors):
        return None
    digest = hashlib.sha256(repr(checkpoint.config).encode())
    for path in sorted(checkpoint.folder.glob("*.safetensors")):
        _add_file(digest, path)
    return digest.hexdigest()


def _add_file(digest: hashlib._Hash, path: Path) -> None:
    about = path.stat()
    digest.update(f"{path.name} {about.st_size} {about.st_mtime_ns}".encode())
    with path.open("rb") as file:
        for index in range(_SAMPLES):
            file.seek(index * max(0, about.st_size - _SAMPLE) // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE))
