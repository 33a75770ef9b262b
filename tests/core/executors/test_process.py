"""The worker process: its death, its end, and what the event loop feels of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from fake_core import FakeCore, FakeSession

from musicgen_core.errors import BackendError, JobCancelled, WorkerLost
from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.requests import GenerationRequest, Progress

SHORT = GenerationRequest("short", seconds=0.1)
HOUR = GenerationRequest("long", seconds=3600)


class Unspeakable(Exception):
    """Cannot be pickled, and must not have to be."""

    def __init__(self) -> None:
        super().__init__(lambda: None)


class UnspeakableSession(FakeSession):
    def step(self, meanwhile=None):
        raise Unspeakable


class UnspeakableCore(FakeCore):
    def session(self):
        return UnspeakableSession(self)


@asynccontextmanager
async def running(executor: ProcessExecutor):
    await executor.start()
    try:
        yield executor
    finally:
        await executor.close()


def ignore(_: Progress) -> None:
    pass


async def make_a_short_one(executor) -> None:
    clip = await executor.generate(GenerationRequest(seconds=0.1), ignore)
    assert clip.seconds == pytest.approx(0.1)


def died(process: psutil.Process, within: float = 5.0) -> bool:
    """Wait for an end without reaping the process, which is its parent's to do."""
    deadline = time.monotonic() + within
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize(("trouble", "sign"), [("kill", "SIGKILL"), ("segfault", "SIGSEGV")])
async def test_a_worker_that_dies_is_named_and_replaced(trouble: str, sign: str) -> None:
    async with running(ProcessExecutor(FakeCore)) as executor:
        first = executor.pid
        with pytest.raises(WorkerLost, match=sign):
            await executor.generate(GenerationRequest(trouble, seconds=0.1), ignore)
        clip = await executor.generate(SHORT, ignore)
        assert clip.samples.shape == (1, 3200)
        assert executor.pid != first


async def test_a_worker_that_dies_idle_costs_no_batch() -> None:
    async with running(ProcessExecutor(FakeCore)) as executor:
        os.kill(executor.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            while executor._child.alive:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await make_a_short_one(executor)


async def test_restarts_in_a_row_wait_longer_and_longer_until_a_batch_is_done() -> None:
    async with running(ProcessExecutor(FakeCore, pause=0.2)) as executor:
        waits = []
        for prompt in ("kill", "kill", "kill", "well"):
            began = time.monotonic()
            with suppress(WorkerLost):
                await executor.generate(GenerationRequest(prompt, seconds=0.1), ignore)
            waits.append(time.monotonic() - began)
        assert waits[2] >= 0.2
        assert waits[3] >= 0.4
        assert executor._starts == 0


async def test_a_hung_worker_is_given_up() -> None:
    async with running(ProcessExecutor(FakeCore, patience=0.5)) as executor:
        with pytest.raises(WorkerLost, match=r"no progress for 0\.5 s"):
            await executor.generate(GenerationRequest("hang", seconds=0.1), ignore)
        await make_a_short_one(executor)


async def test_a_hung_worker_that_ignores_a_cancel_is_killed() -> None:
    async with running(ProcessExecutor(FakeCore, cancel_grace=0.2)) as executor:
        hung = executor.pid
        hanging = executor.generate(GenerationRequest("hang", seconds=0.1), ignore)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hanging, 0.3)
        await make_a_short_one(executor)
        assert not psutil.pid_exists(hung)


async def test_a_surprise_is_told_in_short_and_logged_in_full(capfd) -> None:
    async with running(ProcessExecutor(UnspeakableCore)) as executor:
        with pytest.raises(BackendError, match=r"^Making the clip failed \(Unspeakable\)\.$"):
            await executor.generate(SHORT, ignore)
    logged = capfd.readouterr().err
    assert "Traceback" in logged
    assert "raise Unspeakable" in logged


async def test_closing_in_mid_clip_is_prompt_and_leaves_no_process() -> None:
    executor = ProcessExecutor(partial(FakeCore, frames_per_second=100))
    await executor.start()
    pid, moving = executor.pid, asyncio.Event()
    task = asyncio.create_task(executor.generate(HOUR, lambda _: moving.set()))
    await moving.wait()
    async with asyncio.timeout(4):
        await executor.close()
        with pytest.raises(JobCancelled):
            await task
    assert not psutil.pid_exists(pid)


async def test_closing_kills_a_worker_that_does_not_listen() -> None:
    executor = ProcessExecutor(FakeCore)
    await executor.start()
    pid = executor.pid
    task = asyncio.create_task(executor.generate(GenerationRequest("hang", seconds=0.1), ignore))
    await asyncio.sleep(0.3)
    async with asyncio.timeout(6):
        await executor.close()
        with pytest.raises(WorkerLost):
            await task
    assert not psutil.pid_exists(pid)


async def test_ctrl_c_does_not_reach_the_worker() -> None:
    async with running(ProcessExecutor(FakeCore)) as executor:
        os.kill(executor.pid, signal.SIGINT)
        await make_a_short_one(executor)


PARENT = """
import asyncio, functools, sys
from fake_core import FakeCore, FakeSession
from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.requests import GenerationRequest

async def main():
    executor = ProcessExecutor(functools.partial(FakeCore, frames_per_second=100))
    await executor.start()
    print(executor.pid, flush=True)
    requests = GenerationRequest(sys.argv[1], seconds=0.1), GenerationRequest(seconds=3600)
    await asyncio.gather(*(executor.generate(r, lambda _: None) for r in requests))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("prompt", ["long", "hang"])
def test_no_worker_outlives_a_parent_that_was_killed(tmp_path: Path, prompt: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    roots = [str(Path(__file__).parents[3]), str(Path(__file__).parents[2])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    with subprocess.Popen(
        [sys.executable, str(script), prompt], env=env, stdout=subprocess.PIPE, text=True
    ) as parent:
        worker = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)  # into the clip
        parent.kill()
    assert died(worker), "the worker is an orphan"


async def test_the_loop_never_stalls_while_a_clip_is_made_and_fetched() -> None:
    """30 s of stereo, 7.7 MB; of three tries the best, for other processes only ever add."""
    stalls = [0.0]

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls[-1] = max(stalls[-1], time.perf_counter() - began)

    core = partial(FakeCore, frames_per_second=3000, channels=2)
    async with running(ProcessExecutor(core)) as executor:
        ticker = asyncio.create_task(tick())
        for _ in range(3):
            stalls.append(0.0)
            clip = await executor.generate(GenerationRequest("long", seconds=30), ignore)
        ticker.cancel()
    assert clip.samples.nbytes == 2 * 4 * 30 * 32_000
    assert 0.001 < min(stalls[1:]) < 0.050
