"""Graphs on disk: read whole and for their very key, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from musicgen_core.engines.openvino.graph_cache import KEPT, MAGIC, GraphCache

KEY = {"checkpoint": "a", "precision": "int8", "openvino": "1", "code": "c", "graph": "decoder"}
DESCRIPTION, WEIGHTS = b"<net/>" * 100, np.random.default_rng(0).bytes(100_001)


@pytest.fixture
def cache(tmp_path: Path) -> GraphCache:
    cache = GraphCache(tmp_path / "graphs")
    cache.write(KEY, DESCRIPTION, WEIGHTS)
    return cache


def found(cache: GraphCache, key: dict[str, str] = KEY) -> tuple[bytes, bytes] | None:
    stored = cache.read(key)
    return None if stored is None else (stored.description, stored.weights.tobytes())


def test_a_graph_comes_back_as_it_was_written(cache) -> None:
    assert found(cache) == (DESCRIPTION, WEIGHTS)
    assert cache.read(KEY).weights.ctypes.data % 64 == 0


def test_an_empty_folder_has_no_graph_and_no_complaint(tmp_path, caplog) -> None:
    assert found(GraphCache(tmp_path / "nothing")) is None
    assert caplog.text == ""


@pytest.mark.parametrize("part", KEY)
def test_another_checkpoint_precision_version_builder_or_graph_has_its_own(cache, part) -> None:
    other = KEY | {part: "another"}
    assert found(cache, other) is None
    cache.write(other, b"other", b"weights")
    assert found(cache, other) == (b"other", b"weights")
    assert found(cache) == (DESCRIPTION, WEIGHTS)


def test_a_foreign_graph_under_the_right_name_is_not_used(cache, caplog) -> None:
    other = KEY | {"openvino": "2"}
    cache.path_of(KEY).rename(cache.path_of(other))
    assert found(cache, other) is None
    assert "another checkpoint, precision or version" in caplog.text


def test_no_flipped_bit_is_trusted(cache) -> None:
    path = cache.path_of(KEY)
    good = path.read_bytes()
    starts = [0, len(MAGIC), len(MAGIC) + 8, good.index(b'"sizes"'), good.index(b'"sha256"')]
    body = len(good) - len(WEIGHTS)
    for place in (*starts, good.index(DESCRIPTION), body, body + 50_000, len(good) - 1):
        for bit in (1, 128):
            path.write_bytes(good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :])
            assert found(cache) is None, place
    path.write_bytes(good)
    assert found(cache) == (DESCRIPTION, WEIGHTS)


def test_no_truncated_or_longer_file_is_trusted(cache) -> None:
    path = cache.path_of(KEY)
    good = path.read_bytes()
    for length in (0, 5, len(MAGIC), len(MAGIC) + 4, 100, 500, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:length])
        assert found(cache) is None, length
    path.write_bytes(good + b"\0")
    assert found(cache) is None


@pytest.mark.parametrize(
    "header", [b"[]", b"{}", b"nonsense", b'{"sizes": [1]}', b'{"sizes": ["a", -1]}', b"null"]
)
def test_no_header_of_another_form_is_trusted(cache, header) -> None:
    cache.path_of(KEY).write_bytes(MAGIC + len(header).to_bytes(8, "little") + header)
    assert found(cache) is None


def test_sizes_that_no_file_has_are_not_believed(cache) -> None:
    path = cache.path_of(KEY)
    sizes = f"[{len(DESCRIPTION)}, {len(WEIGHTS)}]".encode()
    for wrong in (b"[-1, 100001]", b"[600, -9999]", b"[600, 1e5000]"[: len(sizes)]):
        path.write_bytes(path.read_bytes().replace(sizes, wrong.ljust(len(sizes))))
        assert found(cache) is None, wrong


def test_a_damaged_graph_is_replaced_by_the_next_one_written(cache) -> None:
    cache.path_of(KEY).write_bytes(b"damaged")
    cache.write(KEY, DESCRIPTION, WEIGHTS)
    assert found(cache) == (DESCRIPTION, WEIGHTS)


def test_a_graph_in_use_survives_being_replaced(cache) -> None:
    used = cache.read(KEY)
    cache.write(KEY, b"new", b"weights")
    assert used.weights.tobytes() == WEIGHTS


def test_a_graph_that_cannot_be_written_leaves_nothing_behind(cache, monkeypatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("musicgen_core.engines.openvino.graph_cache._write", full)
    with pytest.raises(OSError, match="No space left"):
        cache.write(KEY, b"new", b"weights")
    assert found(cache) == (DESCRIPTION, WEIGHTS)
    assert [path.suffix for path in cache.path_of(KEY).parent.iterdir()] == [".graph"]


def test_the_folder_is_its_owners_alone(cache) -> None:
    folder = cache.path_of(KEY).parent
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_least_recently_used_graphs_go(cache) -> None:
    long_ago = time.time() - 1000
    for index in range(KEPT - 1):
        key = KEY | {"checkpoint": str(index)}
        cache.write(key, b"", b"w")
        os.utime(cache.path_of(key), (long_ago + index,) * 2)
    os.utime(cache.path_of(KEY), (long_ago - 1,) * 2)
    assert found(cache) is not None  # and with that it is in use again
    cache.write(KEY | {"checkpoint": "one more"}, b"", b"w")
    assert found(cache) is not None
    assert found(cache, KEY | {"checkpoint": "0"}) is None
    assert found(cache, KEY | {"checkpoint": "1"}) is not None


def test_what_a_killed_process_left_goes_and_what_one_writes_stays(cache) -> None:
    folder = cache.path_of(KEY).parent
    left, written, started = (folder / f"{name}.part" for name in ("left", "written", "started"))
    for path in (left, written):
        path.write_bytes(b"half")
    started.mkdir()
    (started / "graph.xml").touch()
    for path in (left, started):
        os.utime(path, (time.time() - 7200,) * 2)
    with cache.workplace() as place:
        cache.write(KEY, DESCRIPTION, WEIGHTS)
        assert Path(place).parent == folder
        assert Path(place).is_dir()
    remaining = {path.name for path in folder.iterdir()} - {cache.path_of(KEY).name}
    assert remaining == {"written.part"}


def test_writers_at_once_never_show_a_reader_half_a_graph(cache) -> None:
    folder = cache.path_of(KEY).parent
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from musicgen_core.engines.openvino.graph_cache import GraphCache\n"
        f"cache, key = GraphCache(Path({str(folder)!r})), {KEY!r}\n"
        "mark = sys.argv[1].encode()\n"
        "for _ in range(40): cache.write(key, mark * 10, mark * 300_000)\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, mark], stderr=subprocess.PIPE)
        for mark in "ab"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        stored = found(cache)
        assert stored is not None
        description, weights = stored
        seen.add(description)
        if description != DESCRIPTION:
            assert (description * 30_000).startswith(weights)
            assert len(weights) == 300_000
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    assert seen & {b"a" * 10, b"b" * 10}
    assert [path.suffix for path in folder.iterdir()] == [".graph"]


def test_weights_whose_memory_was_given_back_are_read_again(cache) -> None:
    stored = cache.read(KEY)
    assert stored.weights.tobytes() == WEIGHTS
    stored.release()
    assert stored.weights.tobytes() == WEIGHTS


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells")
def test_released_weights_take_no_memory(cache) -> None:
    def resident() -> int:
        maps = Path("/proc/self/smaps").read_text().split(str(cache.path_of(KEY)))[1]
        return next(int(line.split()[1]) for line in maps.splitlines() if line.startswith("Rss"))

    stored = cache.read(KEY)
    assert stored.weights.sum() > 0
    assert resident() >= len(WEIGHTS) // 1024
    stored.release()
    assert resident() == 0
