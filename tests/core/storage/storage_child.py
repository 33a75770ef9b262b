"""A process that accepts, claims, makes and ends jobs until it is killed.

    python storage_child.py ADDRESS FOLDER

It prints a line for what it has been told is done; the parent holds it to that.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

from musicgen_core.storage import JobRecord, NewClip, NewJob, Storage
from musicgen_core.storage.clip_files import ClipFiles


def told(*words: str) -> None:
    os.write(1, (" ".join(words) + "\n").encode())  # a killed process flushes nothing


async def accept(storage: Storage) -> None:
    while True:
        audio = await storage.files.write(random.randbytes(30_000), "ogg")
        job = await storage.jobs.accept(
            NewJob(person_id=1, seconds=5.0, prompt="rain", audio_file=audio.name)
        )
        told("accepted", job.id, audio.name)
        await asyncio.sleep(0.02)


async def work(storage: Storage) -> None:
    while True:
        for waiting in await storage.jobs.open():
            if job := await storage.jobs.claim(waiting.id):
                await end(storage, job)
                break
        else:
            await asyncio.sleep(0.01)


async def end(storage: Storage, job: JobRecord) -> None:
    way = random.random()
    if way < 0.2:
        if await storage.jobs.fail(job.id, "It broke."):
            told("failed", job.id)
    elif way < 0.4:
        if await storage.jobs.cancel(job.id):
            told("cancelled", job.id)
    else:
        made = [await make(storage.files) for _ in range(2)]
        if await storage.jobs.finish(job.id, made):
            told("done", job.id)


async def make(files: ClipFiles) -> NewClip:
    file = await files.write(random.randbytes(60_000), "wav")
    return NewClip(file=file, seconds=5.0, sample_rate=32000, channels=1, title="Rain")


async def main(address: str, folder: str) -> None:
    told("opening")
    async with Storage(address, Path(folder)) as storage:
        told("open")
        await storage.jobs.requeue_running(1000, "Given up.")
        async with asyncio.TaskGroup() as group:
            for task in (accept(storage), work(storage), work(storage), sweep(storage)):
                group.create_task(task)


async def sweep(storage: Storage) -> None:
    while True:
        await asyncio.sleep(0.1)
        # Files that were just written have the half second; the rest is what kills left.
        await storage.sweeper.sweep_orphans(older_than=0.5)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
