"""A folder with random weights is read as a downloaded checkpoint is."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_core.benchmark.random_folder import write_random_folder
from musicgen_core.benchmark.workload import prompt
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.checkpoint.random_weights import SIZES, random_checkpoint
from musicgen_core.errors import ModelUnavailable


@pytest.mark.models
def test_what_is_read_is_what_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "random-tiny"
    write_random_folder("tiny", folder)
    found, made = load_checkpoint(str(folder)), random_checkpoint("tiny")
    assert found.config == made.config == SIZES["tiny"]
    assert found.defaults == made.defaults
    assert found.tensors.keys() == made.tensors.keys()
    for name, value in made.tensors.items():
        np.testing.assert_allclose(found.tensors[name], value, rtol=1e-6)
    ids = found.processor.tokenize(prompt(7))
    assert len(ids) == 12
    assert 2 not in ids  # nothing unknown
    assert ids[-1] == 1


def test_an_unknown_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="There is no size 'huge'"):
        write_random_folder("huge", tmp_path / "huge")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnavailable, match=r"cannot be written .*set TMPDIR"):
        write_random_folder("tiny", tmp_path / "file" / "random-tiny")
