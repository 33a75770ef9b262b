"""What importing the engine costs and tells, and graphs that are built once."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.engines.openvino import load_language_model
from musicgen_core.engines.openvino.graph_cache import GraphCache

GOLDEN = Path(__file__).parents[2] / "golden" / "checkpoints" / "tiny-mono"
STATES = np.random.default_rng(1).standard_normal((5, 24)).astype(np.float32)
COLUMN = np.full((2, 4), 7)


def test_importing_the_engine_does_not_import_openvino() -> None:
    code = "import sys, musicgen_core.engines.openvino; assert 'openvino' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_openvino_is_not_heard_of_by_anybody(tmp_path) -> None:
    """Even where its telemetry is installed, which its import would start."""
    (tmp_path / "openvino_telemetry.py").write_text("raise SystemExit('telemetry!')")
    code = "import musicgen_core.engines.openvino.runtime, openvino; print(openvino.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "openvino\n"), done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint of one's own to change."""
    shutil.copytree(GOLDEN, tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def logits(folder: Path, cache: GraphCache | None, precision: str = "int8") -> np.ndarray:
    machine = load_language_model(load_checkpoint(str(folder)), precision, "auto", cache)
    return machine.begin([STATES, None], 10).step(COLUMN)


def built(caplog) -> int:
    """How many graphs were built since this was last asked."""
    count = sum("to build" in record.getMessage() for record in caplog.records)
    caplog.clear()
    return count


@pytest.mark.models
def test_a_graph_is_built_once_for_a_checkpoint_and_a_version(
    folder, tmp_path, caplog, monkeypatch
) -> None:
    caplog.set_level(logging.INFO, "musicgen_core")
    cache = GraphCache(tmp_path / "graphs")
    first = logits(folder, cache)
    assert built(caplog) == 2
    assert np.array_equal(logits(folder, cache), first)
    assert built(caplog) == 0
    logits(folder, cache, "fp32")
    logits(folder, None)
    assert built(caplog) == 4
    monkeypatch.setattr("openvino.get_version", lambda: "another")
    logits(folder, cache)
    assert built(caplog) == 2
    assert len(list((tmp_path / "graphs").iterdir())) == 4


@pytest.mark.models
def test_a_retrained_checkpoint_gets_graphs_of_its_own(folder, tmp_path, caplog) -> None:
    from safetensors.numpy import load_file, save_file

    caplog.set_level(logging.INFO, "musicgen_core")
    cache, file = GraphCache(tmp_path / "graphs"), folder / "model.safetensors"
    first, about = logits(folder, cache), file.stat()
    retrained = {name: 1.01 * array for name, array in load_file(file).items()}
    save_file(retrained, file, {"format": "pt"})
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file.stat().st_size == about.st_size
    built(caplog)
    changed = logits(folder, cache)
    assert built(caplog) == 2
    assert np.array_equal(changed, logits(folder, None))
    assert not np.allclose(changed, first)


@pytest.mark.models
def test_damaged_graphs_are_built_again(folder, tmp_path, caplog) -> None:
    caplog.set_level(logging.INFO, "musicgen_core")
    cache = GraphCache(tmp_path / "graphs")
    first = logits(folder, cache)
    for path in (tmp_path / "graphs").iterdir():
        data = bytearray(path.read_bytes())
        data[-len(data) // 3] ^= 4
        path.write_bytes(data)
    built(caplog)
    assert np.array_equal(logits(folder, cache), first)
    assert built(caplog) == 2
    assert np.array_equal(logits(folder, cache), first)
    assert built(caplog) == 0


@pytest.mark.models
def test_graphs_that_openvino_cannot_read_are_built_again(
    folder, tmp_path, caplog, monkeypatch
) -> None:
    caplog.set_level(logging.INFO, "musicgen_core")
    cache = GraphCache(tmp_path / "graphs")
    first = logits(folder, cache)
    read = cache.read
    monkeypatch.setattr(cache, "read", lambda key: replace(read(key), description=b"<net"))
    built(caplog)
    assert np.array_equal(logits(folder, cache), first)
    assert "cannot be read" in caplog.text
    assert built(caplog) == 2


@pytest.mark.models
def test_without_a_place_for_graphs_they_are_built_every_time(folder, tmp_path, caplog) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = GraphCache(tmp_path / "file" / "graphs")
    assert np.array_equal(logits(folder, cache), logits(folder, None))
    assert "not kept, so the next start builds it again" in caplog.text


def test_graphs_are_kept_where_the_system_keeps_caches(monkeypatch, tmp_path) -> None:
    from musicgen_core.engines.openvino.graphs import default_cache

    def folder() -> Path:
        return default_cache().path_of({}).parent

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert folder() == tmp_path / "mindjam" / "graphs"
    for none in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", none)
        assert folder() == Path.home() / ".cache" / "mindjam" / "graphs"

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert default_cache() is None


@pytest.mark.models
@pytest.mark.parametrize(("narrow", "least", "most"), [(0, 1e-4, 0.03), (512, 0.0, 1e-5)])
def test_only_a_wide_models_texts_are_in_eight_bits_and_kept(
    narrow, least, most, tmp_path, monkeypatch
) -> None:
    from musicgen_core.engines.openvino import text_encoder
    from musicgen_core.engines.openvino.graphs import GraphStore
    from musicgen_core.engines.openvino.text_encoder import OpenVINOTextEncoder

    monkeypatch.setattr(text_encoder, "_NARROW", narrow)
    checkpoint = load_checkpoint("builtin")
    store = GraphStore(checkpoint, "int8", GraphCache(tmp_path))
    text, tensors = checkpoint.config.text, checkpoint.tensors
    ids = checkpoint.processor.tokenize("80s pop track with bassy drums and synth")
    exact = OpenVINOTextEncoder(text, tensors).encode(ids)
    rounded = OpenVINOTextEncoder(text, tensors, store).encode(ids)
    error = np.sqrt(np.square(rounded - exact).mean() / np.square(exact).mean())
    assert least <= error < most
    assert len(list(tmp_path.iterdir())) == 1
    assert np.array_equal(OpenVINOTextEncoder(text, {}, store).encode(ids), rounded)
