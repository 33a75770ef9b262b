"""Two stand-in models behind the bot, each with a rate of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fake_core import FakeCore

from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.executors.lineup import Lineup
from musicgen_core.requests import ModelInfo

PLAIN = FakeCore(name="plain")
WIDE = FakeCore(name="wide_one", rate=16_000, channels=2)


class NotedCore(FakeCore):
    @property
    def info(self) -> ModelInfo:
        return replace(super().info, note="It only hums.")


NOTED = NotedCore(name="noted")


def lineup(*cores: FakeCore) -> Lineup:
    """Return a lineup of cores, each in a thread of its own once it is asked for."""
    return Lineup({core.name: partial(InlineExecutor, partial(replace, core)) for core in cores})
