"""Two stand-in models behind the bot, each with a rate of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fake_core import FakeCore

from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.executors.lineup import Lineup

PLAIN = FakeCore(name="plain")
WIDE = FakeCore(name="wide_one", rate=16_000, channels=2)


def lineup(*cores: FakeCore) -> Lineup:
    """Return a lineup of cores, each in a thread of its own once it is asked for."""
    return Lineup({core.name: partial(InlineExecutor, partial(replace, core)) for core in cores})
