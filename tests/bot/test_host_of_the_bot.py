import os
from pathlib import Path

import pytest

from bot import host


def test_memory_is_read_from_the_process(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/status").write_text("Name:\tx\nVmHWM:\t 99 kB\nVmRSS:\t  2048 kB\n")
    assert host.resident_bytes(7, tmp_path) == 2048 << 10
    (tmp_path / "7/status").write_text("Name:\tkernel thread\n")
    assert host.resident_bytes(7, tmp_path) is None


def test_a_process_that_is_gone_has_no_memory(tmp_path: Path) -> None:
    assert host.resident_bytes(None, tmp_path) is None
    assert host.resident_bytes(8, tmp_path) is None


def test_a_load_that_is_not_told_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> tuple[float, float, float]:
        raise OSError

    assert host.load() is not None
    monkeypatch.setattr(os, "getloadavg", unknown)
    assert host.load() is None
