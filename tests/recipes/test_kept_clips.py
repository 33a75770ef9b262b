"""Clips that a measurement made stay with the checkpoint that made them."""

from pathlib import Path

import numpy as np
import pytest

from recipes.builtin.kept_clips import KeptClips
from recipes.builtin.voices import Codes


def _checkpoint(folder: Path, weights: bytes) -> Path:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(weights)
    return folder


def _made(number: int) -> Codes:
    return np.full((2, 9, 5), number)


def test_what_was_asked_before_is_not_made_again(tmp_path: Path) -> None:
    checkpoint = _checkpoint(tmp_path / "one", b"weights")
    first = KeptClips(tmp_path / "clips", checkpoint).get(("funk", 1), lambda: _made(2047))
    again = KeptClips(tmp_path / "clips", checkpoint).get(
        ("funk", 1), lambda: pytest.fail("made again")
    )
    np.testing.assert_array_equal(again, first)
    assert again.dtype == first.dtype


def test_another_question_or_checkpoint_makes_its_own(tmp_path: Path) -> None:
    kept = KeptClips(tmp_path / "clips", _checkpoint(tmp_path / "one", b"weights"))
    kept.get(("funk", 1), lambda: _made(1))
    assert kept.get(("funk", 2), lambda: _made(2))[0, 0, 0] == 2
    trained = KeptClips(tmp_path / "clips", _checkpoint(tmp_path / "two", b"more weights"))
    assert trained.get(("funk", 1), lambda: _made(3))[0, 0, 0] == 3
    assert not list((tmp_path / "clips").glob("*.part"))
