import asyncio
import functools
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from small_bot import SmallBot, SteppedClock, online

from bot.rehearsal.server import Rehearsal

LONGEST_TEST = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test of this folder hang: each is cut off after a minute."""
    for item in items:
        test = getattr(item, "obj", None)
        if item.path.parent == Path(__file__).parent and inspect.iscoroutinefunction(test):
            item.obj = _bounded(test)


def _bounded(test: Any) -> Any:
    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(LONGEST_TEST):
            await test(*args, **kwargs)

    return run


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def discord_(clock: SteppedClock) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(clock=clock) as rehearsal:
        yield rehearsal
        assert rehearsal.unknown_routes == []


@pytest.fixture
async def bot(discord_: Rehearsal) -> AsyncIterator[SmallBot]:
    """A bot that is online, with the commands of `small_commands`."""
    async with online(SmallBot(), discord_) as bot:
        yield bot


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client, for what a browser or a raw program would send."""
    async with aiohttp.ClientSession() as session:
        yield session
