"""What several storage tests share: databases of their own, a clock, jobs and clips."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

from musicgen_core.storage import ClipRecord, JobRecord, NewClip, NewJob, Storage
from musicgen_core.storage.clip_files import MARKER

ANNA, BEN = 2**62 + 1, 2**62 + 2
"""Snowflakes need 63 bits."""
SERVER, CHANNEL = 2**61 + 1, 2**61 + 2


class FakeClock:
    """Says what it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


def names_in(folder: Path) -> set[str]:
    """What is in a clips' folder beside the mark that says whose it is."""
    return {path.name for path in folder.iterdir()} - {MARKER}


@asynccontextmanager
async def postgresql_database(server: str) -> AsyncIterator[str]:
    """Create a database on a server and yield its address; dropped afterwards."""
    name = f"mindjam_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def longest_gap(work: Coroutine[Any, Any, object]) -> float:
    """Do some work and return the longest time in seconds that the event loop stood still."""
    working = asyncio.create_task(work)
    longest, last = 0.0, time.perf_counter()
    while not working.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    await working
    return longest


def asked(**changes: Any) -> NewJob:
    """Return a request of Anna's."""
    values = {"person_id": ANNA, "server_id": SERVER, "channel_id": CHANNEL, "seconds": 5.0}
    return NewJob(**{**values, **changes})


async def written(storage: Storage, **changes: Any) -> NewClip:
    """Write a file and return it as a clip that was made."""
    file = await storage.files.write(uuid.uuid4().bytes * 100, "wav")
    values = {"seconds": 5.0, "sample_rate": 32000, "channels": 1, "title": "Rain"}
    return NewClip(file=file, **{**values, **changes})


async def running(storage: Storage, **changes: Any) -> JobRecord:
    """Accept a job and claim it."""
    job = await storage.jobs.accept(asked(**changes))
    claimed = await storage.jobs.claim(job.id)
    assert claimed is not None
    return claimed


async def made(storage: Storage, title: str = "Rain", **changes: Any) -> ClipRecord:
    """Bring a job to its end and return its clip."""
    job = await running(storage, **changes)
    clips = await storage.jobs.finish(job.id, [await written(storage, title=title)])
    assert clips is not None
    return clips[0]
