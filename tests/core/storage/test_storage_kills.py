"""A process killed at any moment loses nothing that was accepted and leaves no half file."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest
from stored_things import ANNA, made, names_in

from musicgen_core.jobs import JobState
from musicgen_core.storage import ClipRecord, Storage

CHILD = Path(__file__).with_name("storage_child.py")
ROOT = Path(__file__).parents[3]
KILLS = 6
Told = dict[str, list[str]]
"""Job -> what the children said of it, in order."""


async def live_and_die(address: str, folder: Path, told: Told, word: str, most: float) -> None:
    """Start a child, kill it at most so many seconds after a word of it, note what it told."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, CHILD, address, folder,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdout is not None
    async with asyncio.timeout(60):
        while (await child.stdout.readline()).decode().strip() != word:
            assert child.returncode is None
        await asyncio.sleep(random.uniform(0, most))
        child.send_signal(signal.SIGKILL)
        lines = (await child.stdout.read()).decode().splitlines()
        assert await child.wait() == -signal.SIGKILL
    for line in lines:
        if line != "open":
            word, job_id, *_ = line.split()
            told.setdefault(job_id, []).append(word)


async def check_files(storage: Storage, clips: list[ClipRecord]) -> None:
    for clip in clips:
        assert len(await storage.files.read(clip.file, clip.sha256)) == 60_000


async def check(storage: Storage, told: Told) -> list[JobState]:
    """Hold the database to what the children told; return the states of all jobs."""
    states = []
    for job_id, words in told.items():
        job = await storage.jobs.get(job_id)
        assert job is not None, f"{words} {job_id} is lost"
        ends = [word for word in words if word != "accepted"]
        assert len(ends) <= 1, f"{job_id} ended {ends}"
        assert not ends or job.status == ends[0]
        assert (job.ended is not None) == job.status.ended
        clips = await storage.clips.of_job(job_id)
        assert len(clips) == (2 if job.status is JobState.DONE else 0)
        await check_files(storage, clips)
        if not job.status.ended:
            assert job.audio_file is not None
            assert len(await storage.files.read(job.audio_file)) == 30_000
        states.append(job.status)
    return states


def whole_sizes(folder: Path) -> set[int]:
    names = names_in(folder)
    return {(folder / name).stat().st_size for name in names if not name.endswith(".part")}


async def test_kills_at_random_moments_lose_nothing(address: str, tmp_path: Path) -> None:
    told: Told = {}
    folder = tmp_path / "clips"
    kills = 0
    # On a slow machine the first children may die before they have done anything.
    while kills < KILLS or not any("done" in words for words in told.values()):
        assert kills < 5 * KILLS
        await live_and_die(address, folder, told, "open" if kills else "opening", most=1.0)
        kills += 1
        async with Storage(address, folder) as storage:
            await check(storage, told)
        assert whole_sizes(folder) <= {30_000, 60_000}
    async with Storage(address, folder) as storage:
        await storage.jobs.requeue_running(1000, "Given up.")
        for job in await storage.jobs.open():
            assert await storage.jobs.fail(job.id, "The test ends.")
        states = await check(storage, told)
        await storage.sweeper.sweep_orphans(older_than=0)
        assert await storage.jobs.open() == []
        page = await storage.clips.page(1, count=10_000)
    assert all(state.ended for state in states)
    assert states.count(JobState.DONE) > 0
    # After the last sweep the folder holds the clips that are named, and nothing else.
    assert names_in(folder) == {clip.file for clip in page.clips}


@pytest.mark.parametrize("attempt", range(3))
async def test_a_kill_while_migrating_leaves_all_or_nothing(
    address: str, tmp_path: Path, attempt: int
) -> None:
    told: Told = {}
    await live_and_die(address, tmp_path / "clips", told, "opening", most=0.5)
    async with Storage(address, tmp_path / "clips") as storage:
        await check(storage, told)
        clip = await made(storage)
        assert (await storage.clips.page(ANNA)).clips == (clip,)
