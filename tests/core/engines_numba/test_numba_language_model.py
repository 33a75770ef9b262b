"""The engine numba: threads, precision, and what was compiled before."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from decoder_rows import COLUMNS, LONG, SHORT, logits_of, relative_error
from tiny_networks import tiny_checkpoint

from musicgen_core.engines.numba.crew import Crew, shares
from musicgen_core.engines.numba.language_model import NARROW, load_language_model
from musicgen_core.errors import ModelUnavailable

pytestmark = pytest.mark.models

WIDTHS = pytest.mark.parametrize("narrow", [NARROW, 0])
TESTS, ROOT = (str(Path(__file__).parents[up]) for up in (2, 3))


def logits(machine) -> np.ndarray:
    """Thirty logits of three rows, two of them behind prompts of different lengths."""
    decoder = machine.begin([LONG, None, SHORT], 330)
    decoder.prefill(0, COLUMNS[:, :270])
    decoder.prefill(2, COLUMNS[:, :50])
    return logits_of(decoder, 3, 270, 300)


def made(precision: str, narrow: int = NARROW, cores: int = 2):
    return load_language_model(tiny_checkpoint(), precision, cores, narrow)


@WIDTHS
def test_any_number_of_threads_makes_the_same_numbers(narrow: int) -> None:
    alone, *shared = (logits(made("int8", narrow, cores)) for cores in (1, 2, 5))
    for found in shared:
        # Rows in other company are multiplied in other groups, which sum in another order.
        assert found == pytest.approx(alone, abs=1e-4)


@WIDTHS
def test_eight_bits_stay_near_float32(narrow: int) -> None:
    found, true = (logits(made(precision, narrow)) for precision in ("int8", "fp32"))
    assert 1e-4 < relative_error(found, true) < 3e-2


@WIDTHS
def test_more_rows_than_a_block_holds_each_get_their_own_logits(narrow: int) -> None:
    texts = [LONG, None, SHORT] * 24
    found = logits_of(made("int8", narrow).begin(texts, 10), 72, 0, 3)
    few = logits_of(made("int8", narrow).begin(texts[:3], 10), 3, 0, 3)
    assert found.shape[0] == 72
    assert found == pytest.approx(np.tile(few, (24, *(1 for _ in few.shape[1:]))), abs=1e-4)


def test_threads_that_share_outputs_make_the_numbers_of_those_that_share_rows() -> None:
    rows, outputs = (logits(made("fp32", narrow)) for narrow in (NARROW, 0))
    assert outputs == pytest.approx(rows, abs=1e-4)


def test_attention_that_is_sharp_keeps_sixteen_bits(monkeypatch) -> None:
    assert made("int8", 0).cache_bytes_per_frame == SIZES["wide"]
    monkeypatch.setattr("musicgen_core.engines.sharpness.SHARP", 1e-3)
    assert made("int8", 0).cache_bytes_per_frame == SIZES["int8"]


# Two rows, two layers: keys and values of 32 numbers each, and 4 heads' scales of both.
SIZES = {
    "wide": 8 * (32 + 4 * 4),
    "int8": 4 * (32 * (2 + 1) + 2 * 4 * 4),
    "fp32": 8 * (32 * 4 + 4 * 4),
}


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_what_the_model_remembers_is_told_truly(precision: str) -> None:
    assert made(precision).cache_bytes_per_frame == SIZES[precision]


def test_an_unknown_precision_or_activation_and_a_missing_tensor_are_refused() -> None:
    whole = tiny_checkpoint()
    with pytest.raises(ModelUnavailable, match="int8 or fp32, not in fp16"):
        load_language_model(whole, "fp16")
    odd = replace(whole.config, decoder=replace(whole.config.decoder, activation="swish"))
    with pytest.raises(ModelUnavailable, match="activation swish"):
        load_language_model(replace(whole, config=odd))
    name = "decoder.model.decoder.layers.1.encoder_attn.k_proj.weight"
    tensors = {key: value for key, value in whole.tensors.items() if key != name}
    with pytest.raises(ModelUnavailable, match=rf"no tensor {name}; download"):
        load_language_model(replace(whole, tensors=tensors))


def test_work_is_cut_into_parts_of_about_the_same_size() -> None:
    assert shares(9, 2) == [slice(0, 4), slice(4, 9)]
    assert shares(2, 8) == [slice(0, 1), slice(1, 2)]
    assert shares(1, 1) == [slice(0, 1)]


@pytest.mark.parametrize("size", [1, 3])
def test_a_crew_does_all_works_and_tells_what_went_wrong(size: int) -> None:
    crew, done = Crew(size), []

    def broken() -> None:
        raise ValueError("a helper's trouble")

    crew.run([lambda i=i: done.append(i) for i in range(5)])
    assert sorted(done) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="a helper's trouble"):
        crew.run([lambda: None, broken])
    with pytest.raises(ValueError, match="a helper's trouble"):
        crew.run([broken, lambda: done.append(9)])
    assert (9 in done) == (size > 1)


STEP = """
import logging, sys
logging.basicConfig(level="INFO", stream=sys.stdout, format="%(message)s")
from tiny_networks import tiny_checkpoint
from musicgen_core.engines.numba.language_model import load_language_model
from musicgen_core.engines.numba.advancing import advance
load_language_model(tiny_checkpoint())
print("from disk:", sum(advance.stats.cache_hits.values()))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """The user's cache behind a first start, which has compiled and kept everything."""
    folder = tmp_path_factory.mktemp("cache")
    assert start(folder).endswith("from disk: 0")
    return folder


def start(cache: Path) -> str:
    """Load the tiny model in a process of its own; its output's last lines."""
    done = subprocess.run(
        [sys.executable, "-c", STEP],
        env=os.environ
        | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": os.pathsep.join((TESTS, ROOT))},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_what_was_compiled_is_found_by_the_next_start(cache: Path) -> None:
    assert start(cache) == "from disk: 1"


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_are_told_and_compiled_again(cache: Path, ending: str) -> None:
    kept = [*cache.glob(f"mindjam/compiled/*/*/*.advance-*.{ending}")]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-40] if ending == "nbi" else b"damaged")
    told = start(cache)
    assert "it is compiled again" in told
    assert told.endswith("from disk: 0")
    assert start(cache).endswith("from disk: 0")  # the start before kept nothing
    assert start(cache) == "from disk: 1"


def test_a_change_in_any_file_is_another_folder_and_few_old_ones_stay(tmp_path: Path) -> None:
    from musicgen_core.engines.numba.compiling import kept_below

    package, cache = tmp_path / "package", tmp_path / "cache"
    package.mkdir()
    (package / "a.py").write_text("one")
    (package / "b.py").write_text("two")
    folders = []
    for number in range(6):
        (package / "b.py").write_text(f"two {number}")
        folders.append(kept_below(cache, package))
        folders[-1].mkdir(parents=True)
        os.utime(folders[-1], (number, number))
        assert kept_below(cache, package) == folders[-1]
    assert len({*folders}) == 6
    assert sorted(cache.iterdir()) == sorted(folders[-4:])


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(monkeypatch) -> None:
    from musicgen_core.engines.numba.compiling import compiled

    def refuse(self) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    def double(x: float) -> float:
        return 2 * x

    monkeypatch.setattr("numba.core.dispatcher.Dispatcher.enable_caching", refuse)
    assert compiled(double)(4) == 8
