"""A service whose executor ends every batch on cue, and how a test follows a job."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import numpy as np
from fake_core import FakeCore

from musicgen_core.requests import AudioPrompt, GenerationRequest
from musicgen_core.service import JobUpdate, MusicService

SLOW = partial(FakeCore, frames_per_second=200)


class Deaf:
    """Stands in for the sandbox: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, float]] = []
        self.closed = False

    async def read(self, data: bytes, max_seconds: float) -> AudioPrompt:
        self.asked.append((data, max_seconds))
        return AudioPrompt(np.ones((1, 8), np.float32), 8000)

    async def close(self) -> None:
        self.closed = True


class Director:
    """An executor that waits for its cues: each batch ends with what `cue` is given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.on_progress = None
        self.cues: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.began = asyncio.Event()
        self.cancelled = 0

    async def start(self):
        return FakeCore().info

    async def generate(self, requests, on_progress):
        self.batches.append([request.prompt for request in requests])
        self.on_progress = on_progress
        self.began.set()
        try:
            cue = await self.cues.get()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if cue is not None:
            raise cue
        return FakeCore().generate(requests)

    async def close(self) -> None:
        pass

    async def next_batch(self) -> None:
        await self.began.wait()
        self.began.clear()


@asynccontextmanager
async def directed(**limits):
    director = Director()
    async with MusicService(director, Deaf(), **limits) as service:
        yield service, director


def ask(prompt: str | None = "rain", seconds: float = 0.1, **more) -> GenerationRequest:
    return GenerationRequest(prompt, seconds=seconds, **more)


async def follow(service: MusicService, job) -> list[JobUpdate]:
    async with asyncio.timeout(10):
        return [update async for update in service.watch(job.id)]


async def end_of(service: MusicService, job) -> JobUpdate:
    return (await follow(service, job))[-1]
