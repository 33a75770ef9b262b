"""A service whose executor ends every clip on cue, and how a test follows a job."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import numpy as np
from fake_core import FakeCore

from musicgen_core.requests import AudioPrompt, GenerationRequest, Progress
from musicgen_core.service import JobUpdate, MusicService

SLOW = partial(FakeCore, frames_per_second=200)


class Deaf:
    """Stands in for the sandbox: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, float, float | None]] = []
        self.closed = False

    async def read(self, data: bytes, max_seconds: float, until: float | None) -> AudioPrompt:
        self.asked.append((data, max_seconds, until))
        return AudioPrompt(np.ones((1, 8), np.float32), 8000)

    async def close(self) -> None:
        self.closed = True


class Director:
    """An executor that waits for its cues: a clip ends with what `cue` is given for its prompt."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        """Prompts in the order in which their clips were begun."""
        self.running: dict[str, Callable[[Progress], None]] = {}
        self.cancelled: list[str] = []
        self._cues: dict[str, asyncio.Queue[Exception | None]] = defaultdict(asyncio.Queue)
        self._changed = asyncio.Event()

    async def start(self):
        return FakeCore().info

    async def generate(self, request, on_progress):
        prompt = request.prompt
        self.begun.append(prompt)
        self.running[prompt] = on_progress
        self._changed.set()
        try:
            cue = await self._cues[prompt].get()
        except asyncio.CancelledError:
            self.cancelled.append(prompt)
            raise
        finally:
            self.running.pop(prompt, None)
        if cue is not None:
            raise cue
        return FakeCore().clip(request)

    async def close(self) -> None:
        pass

    def cue(self, prompt: str, outcome: Exception | None = None) -> None:
        """End the clip of a prompt, now or once it is begun, with an error or well."""
        self._cues[prompt].put_nowait(outcome)

    async def until(self, *prompts: str) -> None:
        """Wait until the clips that are made are exactly those of `prompts`."""
        await self._wait(lambda: sorted(self.running) == sorted(prompts))

    async def until_begun(self, count: int) -> None:
        """Wait until so many clips have been begun."""
        await self._wait(lambda: len(self.begun) == count)

    async def _wait(self, fits: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not fits():
                self._changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.01)


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
