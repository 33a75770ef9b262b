"""How many cores an engine may take."""

import pytest

from musicgen_core.engines import cores


@pytest.mark.parametrize(
    ("quota", "count"), [("100000 100000", 1), ("150000 100000", 2), ("max 100000", 64), ("", 64)]
)
def test_threads_stay_within_the_containers_share(quota, count, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: range(64), raising=False)
    (tmp_path / "cpu.max").write_text(quota)
    assert cores.usable_cores(tmp_path / "cpu.max") == count
    assert cores.usable_cores(tmp_path / "missing") == 64
