"""Child processes keep to the cores that can be used: their libraries are told before they load."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from musicgen_core.executors.child import Child
from musicgen_core.executors.pipes import send
from musicgen_core.host import child_environment, usable_cores


def report_threads(orders, reports) -> None:
    """Tell the environment, and how many threads a large product of matrices leaves behind."""
    large = np.ones((600, 600), np.float32)
    (large @ large).sum()
    count = len(list(Path("/proc/self/task").iterdir())) if sys.platform == "linux" else 1
    send(reports, ({name: os.environ.get(name) for name in child_environment(1)}, count))


async def told(**options) -> tuple[dict[str, str], int]:
    child = Child("counted", report_threads, **options)
    try:
        return await child.receive()
    finally:
        await child.close()


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch) -> None:
    for name in child_environment(1):
        monkeypatch.delenv(name, raising=False)


async def test_a_child_computes_with_the_threads_it_was_given() -> None:
    environment, threads = await told(threads=1)
    assert environment == child_environment(1)
    assert threads == 1


async def test_a_child_is_given_the_usable_cores_and_the_parent_stays_as_it_was() -> None:
    before = dict(os.environ)
    environment, threads = await told()
    assert environment["OMP_NUM_THREADS"] == str(usable_cores())
    assert threads <= usable_cores()
    assert dict(os.environ) == before


async def test_what_the_owner_of_the_host_has_set_counts(monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    environment, _ = await told(threads=1)
    assert environment["OMP_NUM_THREADS"] == "7"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
