"""The built-in checkpoint: written by its recipe, loads, takes any text, is heard."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.source import BUILTIN_FOLDER

RECIPE = Path(__file__).parents[3] / "recipes" / "untrained" / "make_builtin.py"


@pytest.fixture(scope="module")
def builtin() -> Checkpoint:
    return load_checkpoint("builtin")


def test_the_recipe_writes_every_byte_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(RECIPE.parent))
    monkeypatch.setattr(sys, "argv", [str(RECIPE), str(tmp_path)])
    runpy.run_path(str(RECIPE), run_name="__main__")
    shipped = {path.name: path.read_bytes() for path in BUILTIN_FOLDER.iterdir()}
    card = shipped.pop("README.md").decode()
    assert "untrained" in card
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == shipped
    assert sum(map(len, shipped.values())) < 2_000_000


def test_it_says_that_it_is_untrained(builtin: Checkpoint) -> None:
    assert (builtin.name, builtin.license) == ("builtin", "mit")
    assert "not trained" in builtin.note
    assert "noise" in builtin.note
    assert builtin.config.codec.hop * 50 == builtin.config.codec.sample_rate == 32000


@pytest.mark.parametrize(
    "text", ["80s pop track with bassy drums and synth", "雨夜里的钢琴，慢一点", "naïve café ♥ 🎷"]
)
def test_it_takes_any_text(builtin: Checkpoint, text: str) -> None:
    ids = builtin.processor.tokenize(text)
    assert ids[-1] == 1
    assert 2 not in ids
    assert max(ids) < builtin.config.text.vocab_size


def test_different_texts_have_different_ids(builtin: Checkpoint) -> None:
    assert builtin.processor.tokenize("雨") != builtin.processor.tokenize("雪")


@pytest.mark.models
def test_it_is_heard_at_a_bearable_level_to_the_end(builtin: Checkpoint) -> None:
    from musicgen_core.engines.mindspore import create

    codes = np.random.default_rng(0).integers(0, 256, (4, 100))
    samples = create(builtin, "fp32").codec.decode(codes)
    level = 20 * np.log10(samples.reshape(4, -1).std(axis=1))
    assert samples.shape == (64000,)
    assert np.abs(samples).max() < 0.9
    assert (level > -23).all()
    assert (level < -17).all()
    assert abs(samples.mean()) < 1e-3
