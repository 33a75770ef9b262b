"""The workbench: what is done in its process, and what becomes of work that it dies of."""

from __future__ import annotations

import os
import signal
import time

import pytest
import pytest_asyncio

from musicgen_core.errors import BackendError, InvalidRequest, WorkerLost
from musicgen_core.executors.workbench import Workbench

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench():
    async with Workbench() as bench:
        yield bench


def place() -> tuple[int, int]:
    return os.getpid(), os.nice(0)


def refuse() -> None:
    raise InvalidRequest("no")


def break_down() -> None:
    raise ValueError("a bug")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_work_is_done_in_one_nice_process_that_stays(bench: Workbench) -> None:
    first, second = await bench.do(place), await bench.do(place)
    assert first == second
    assert first[0] != os.getpid()
    assert first[1] > os.nice(0)


async def test_what_work_raises_reaches_whoever_asked(bench: Workbench) -> None:
    with pytest.raises(InvalidRequest, match="no"):
        await bench.do(refuse)
    with pytest.raises(BackendError, match="ValueError"):
        await bench.do(break_down)


async def test_a_process_that_dies_loses_one_piece_of_work(bench: Workbench) -> None:
    with pytest.raises(WorkerLost):
        await bench.do(die)
    assert (await bench.do(place))[0] != os.getpid()


async def test_work_that_takes_too_long_is_ended_and_the_next_is_done() -> None:
    async with Workbench(timeout=0.5) as bench:
        with pytest.raises(WorkerLost, match="took more than"):
            await bench.do(time.sleep, 3600)
        bench._timeout = 60.0
        assert (await bench.do(place))[0] != os.getpid()
