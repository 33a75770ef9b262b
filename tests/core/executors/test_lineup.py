"""Several models: loaded when they are asked for, and gone when nobody asks or memory is short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from fake_core import FakeCore

from musicgen_core.errors import ModelUnavailable
from musicgen_core.executors.lineup import Lineup
from musicgen_core.requests import GenerationRequest, ModelInfo

GIBIBYTE = 1 << 30


class Host:
    """A machine with so much memory free, of which every loaded model takes 2 GiB."""

    def __init__(self, free: int = 64, *names: str) -> None:
        self.free, self.now = free, 0.0
        self.loaded: list[str] = []
        self.log: list[str] = []
        self.broken: set[str] = set()
        self.takes = 0.0
        """Seconds that loading takes."""

    def make(self, name: str) -> Callable[[], Stand]:
        return lambda: Stand(self, name)

    def lineup(self, *names: str, idle_seconds: float = 600.0) -> Lineup:
        return Lineup(
            {name: self.make(name) for name in names},
            idle_seconds=idle_seconds,
            available=lambda: (self.free - 2 * len(self.loaded)) * GIBIBYTE,
            clock=lambda: self.now,
        )


class Stand:
    """An executor that only notes what happens to it."""

    def __init__(self, host: Host, name: str) -> None:
        self._host, self._name = host, name

    async def start(self) -> ModelInfo:
        if self._name in self._host.broken:
            raise ModelUnavailable(f"{self._name} is broken.")
        if self._name not in self._host.loaded:
            self._host.loaded.append(self._name)
            self._host.log.append(f"+{self._name}")
            self._host.now += self._host.takes
        return FakeCore(name=f"someone/{self._name}").info

    async def generate(self, request: GenerationRequest, on_progress: object) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        if self._name in self._host.loaded:
            self._host.loaded.remove(self._name)
            self._host.log.append(f"-{self._name}")


async def play(lineup: Lineup, name: str) -> None:
    async with lineup.playing(name):
        pass


async def test_only_the_default_is_loaded_before_anybody_asks_for_another() -> None:
    host = Host()
    lineup = host.lineup("small", "large")
    assert (await lineup.start()).name == "someone/small"
    assert host.loaded == ["small"]
    assert lineup.info("large") is None
    await play(lineup, "large")
    assert host.loaded == ["small", "large"]
    assert lineup.info("large").name == "someone/large"
    await lineup.close()
    assert host.loaded == []


async def test_two_who_ask_at_once_load_a_model_once() -> None:
    host = Host()
    lineup = host.lineup("small", "large")
    await asyncio.gather(play(lineup, "large"), play(lineup, "large"))
    assert host.log == ["+large"]
    await lineup.close()


async def test_a_model_that_nobody_asks_for_gives_its_memory_back_and_the_default_does_not() -> (
    None
):
    host, freed = Host(), asyncio.Event()
    lineup = host.lineup("small", "large", idle_seconds=0.0)
    await lineup.start()
    await play(lineup, "large")
    lineup.changed = freed.set
    async with asyncio.timeout(5):
        await freed.wait()
    assert host.loaded == ["small"]
    await lineup.close()


async def test_a_model_that_is_asked_for_again_in_time_stays() -> None:
    host, turns = Host(), asyncio.Event()
    lineup = host.lineup("small", "large", idle_seconds=0.0)
    await play(lineup, "large")
    timer = lineup._players["large"].timer
    async with lineup.playing("large"):
        assert timer.cancelled(), "or it would end the next pause too early"
        asyncio.get_running_loop().call_later(0.01, turns.set)
        await turns.wait()
        assert host.log == ["+large"]
    await lineup.close()


async def test_where_memory_is_short_who_was_idle_longest_makes_room_the_default_too() -> None:
    host = Host(8)
    lineup = host.lineup("small", "large", "stereo")
    await lineup.start()
    host.now = 1.0
    await play(lineup, "large")
    host.now = 2.0
    await play(lineup, "stereo")
    host.now = 3.0
    assert host.loaded == ["small", "large", "stereo"], "4 GiB are enough"
    host.free = 7
    await lineup.close()
    lineup = host.lineup("small", "large", "stereo")
    await lineup.start()
    host.now = 4.0
    await play(lineup, "large")
    await play(lineup, "stereo")
    assert host.log[-2:] == ["-small", "+stereo"]
    await play(lineup, "small")
    assert host.log[-2:] == ["-large", "+small"]
    await lineup.close()


async def test_a_model_that_plays_is_never_taken_away() -> None:
    host = Host(1)
    lineup = host.lineup("small", "large")
    async with lineup.playing("small"), lineup.playing("large"):
        assert host.loaded == ["small", "large"]
    await lineup.close()


async def test_how_long_loading_takes_is_remembered() -> None:
    host = Host(1)
    lineup = host.lineup("small", "large")
    await lineup.start()
    assert lineup.loading("large") == 0.0, "nobody knows"
    host.takes = 7.0
    await play(lineup, "large")
    assert lineup.loading("large") == 0.0, "it is loaded"
    await play(lineup, "small")
    assert lineup.loading("large") == 7.0
    await lineup.close()


async def test_a_model_that_cannot_be_loaded_is_tried_anew_by_who_asks_next() -> None:
    host = Host()
    lineup = host.lineup("small", "large")
    host.broken.add("large")
    with pytest.raises(ModelUnavailable, match="large is broken"):
        await play(lineup, "large")
    assert not lineup.awake("large")
    host.broken.clear()
    await play(lineup, "large")
    await lineup.close()


def test_a_model_is_found_by_its_short_or_its_whole_name() -> None:
    lineup = Host().lineup("musicgen-small", "builtin")
    assert lineup.find("facebook/MusicGen-small") == lineup.find("musicgen-small")
    assert lineup.find("builtin") == "builtin"
    assert lineup.find("large") is lineup.find("") is lineup.find(None) is None
