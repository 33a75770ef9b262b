"""A checkpoint's fingerprint changes with what it holds."""

import os
import shutil
from pathlib import Path

from musicgen_core.checkpoint.fingerprint import fingerprint
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.checkpoint.random_weights import random_checkpoint

GOLDEN = Path(__file__).parents[2] / "golden" / "checkpoints" / "tiny-mono"


def test_a_fingerprint_is_the_files_own(tmp_path) -> None:
    def now() -> str | None:
        return fingerprint(load_checkpoint(str(tmp_path / "copy")))

    shutil.copytree(GOLDEN, tmp_path / "copy")
    weights = tmp_path / "copy" / "model.safetensors"
    first, about = now(), weights.stat()
    assert first is not None
    assert now() == first
    os.utime(weights, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    assert now() != first
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert now() != first


def test_another_config_has_another_fingerprint(tmp_path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "copy")
    before = fingerprint(load_checkpoint(str(tmp_path / "copy")))
    config = tmp_path / "copy" / "config.json"
    text = config.read_text()
    assert '"activation_function": "gelu"' in text
    config.write_text(
        text.replace('"activation_function": "gelu"', '"activation_function": "relu"')
    )
    assert fingerprint(load_checkpoint(str(tmp_path / "copy"))) != before


def test_weights_in_memory_have_none() -> None:
    assert fingerprint(random_checkpoint("tiny")) is None
