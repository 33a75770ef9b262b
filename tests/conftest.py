"""How the tests are shared out where several processes run them (`pytest -n 2`)."""

from __future__ import annotations

from typing import Any

import pytest

LONG = ("tests/kills/", "tests/parity/", "tests/core/engines_")
"""What takes longest begins first, or one process is busy with it when the others are done."""
TOGETHER = ("tests/parity/", "tests/core/engines_")
"""Engines are loaded and compiled once for all of these, and their memory is taken once."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # in one process the order stays as it is written
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # not the files with most tests first

    class Scheduling(LoadFileScheduling):
        """A file's tests stay together, for what they share lives as long as the file."""

        def _split_scope(self, nodeid: str) -> str:
            shared = nodeid.startswith(TOGETHER)
            return "models" if shared else super()._split_scope(nodeid)

    return Scheduling(config, log)
