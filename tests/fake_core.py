"""A Core for tests: sine waves at any speed, and trouble on demand.

    from fake_core import FakeCore          # tests/ is on the path (pythonpath in pyproject.toml)

    InlineExecutor(FakeCore)                                        # as fast as it goes
    ProcessExecutor(partial(FakeCore, frames_per_second=100))       # twice real time, in a child
    await executor.generate(GenerationRequest(prompt="rain", seconds=2), print)

A clip is exactly `frames * 640` new samples at 32 kHz behind the audio prompt, if there is one.
Its pitch depends on prompt and seed alone, so equal requests give equal clips. Clips that are made
at once move on by a frame in every step.

Words in a prompt make trouble when half of that row's frames are done:

    refuse      raises InvalidRequest
    boom        raises ValueError, a bug
    lost        raises WorkerLost, as a dead worker looks from outside; safe in this process
    kill        SIGKILLs its own process     (only in a child!)
    segfault    SIGSEGVs its own process     (only in a child!)
    hang        makes no more progress and does not look up    (only in a child!)

With `once` before it ("once kill") the trouble comes only the first time: `scratch` is then a
folder in which the core remembers across processes that it came.
"""

from __future__ import annotations

import math
import os
import signal
import time
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musicgen_core import audio as audio_io
from musicgen_core.errors import InvalidRequest, WorkerLost
from musicgen_core.requests import (
    Clip,
    GenerationDefaults,
    GenerationRequest,
    ModelInfo,
    Progress,
    Provenance,
    Samples,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HOP = 640
SAMPLE_RATE = 32_000
FRAME_RATE = SAMPLE_RATE / HOP
TROUBLES = ("refuse", "boom", "lost", "kill", "segfault", "hang")


@dataclass(frozen=True)
class FakeCore:
    """Make sine waves; see the top of this file."""

    frames_per_second: float = math.inf
    channels: int = 1
    name: str = "fake"
    rate: int = SAMPLE_RATE
    """A multiple of 50: there are 50 frames a second whatever the rate."""
    max_seconds: float = 30.0
    scratch: Path | None = None

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            name=self.name,
            engine="fake",
            precision="fp32",
            sample_rate=self.rate,
            channels=self.channels,
            frame_rate=FRAME_RATE,
            max_seconds=self.max_seconds,
            license="MIT",
        )

    def session(self) -> FakeSession:
        return FakeSession(self)

    def generate(
        self,
        requests: Sequence[GenerationRequest],
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Clip]:
        session = self.session()
        takes = [session.start(request) for request in requests]
        while not session.idle:
            session.step()
            if progress is not None:
                longest = max(takes, key=lambda take: take.frames)
                progress(longest.progress)
        return [take.clip for take in takes if take.clip]

    def clip(self, request: GenerationRequest) -> Clip:
        new = sine(request, self.channels, self.rate)
        seed = 0 if request.seed is None else request.seed
        sampling = request.sampling.over(GenerationDefaults())
        provenance = Provenance(
            self.name, "fake", "fp32", request.prompt, request.seconds, seed, sampling,
            unread=unread(request.prompt or ""),
        )  # fmt: skip
        if request.audio is None:
            return Clip(new, self.rate, provenance)
        prompt = audio_io.fit(
            request.audio.samples, request.audio.sample_rate, self.rate, self.channels
        )
        if request.from_second is not None:
            prompt = prompt[:, : round(request.from_second * self.rate)]
        provenance = replace(
            provenance,
            prompt_seconds=prompt.shape[1] / self.rate,
            parent=request.audio.clip,
            hear_seconds=request.hear_seconds,
        )
        whole = np.concatenate([prompt, new], axis=1)
        return Clip(whole, self.rate, provenance, new_from=prompt.shape[1])

    def make_trouble(self, prompt: str) -> None:
        words = prompt.split()
        trouble = next((word for word in words if word in TROUBLES), None)
        if trouble is None or ("once" in words and self._came_before(trouble)):
            return
        match trouble:
            case "refuse":
                raise InvalidRequest("The fake core refuses this prompt.")
            case "boom":
                raise ValueError("a bug in the fake core")
            case "lost":
                raise WorkerLost("The fake worker is gone.")
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(3600)

    def _came_before(self, trouble: str) -> bool:
        if self.scratch is None:
            raise AssertionError("'once' needs FakeCore(scratch=folder)")
        marker = self.scratch / trouble
        came = marker.exists()
        marker.touch()
        return came


class FakeTake:
    def __init__(self, core: FakeCore, request: GenerationRequest) -> None:
        self.core, self.request, self.done = core, request, 0
        self.frames = request.frames(FRAME_RATE)
        self.clip: Clip | None = None

    @property
    def progress(self) -> Progress:
        return Progress(self.done, self.frames)

    def preview(self, seconds: float) -> Clip | None:
        if self.done < min(self.frames, round(seconds * FRAME_RATE)):
            return None
        return self.core.clip(replace(self.request, seconds=seconds, audio=None))


class FakeSession:
    """Makes a frame of every clip in a step."""

    def __init__(self, core: FakeCore) -> None:
        self.core = core
        self.takes: list[FakeTake] = []

    @property
    def idle(self) -> bool:
        return not self.takes

    def start(self, request: GenerationRequest) -> FakeTake:
        self.takes.append(FakeTake(self.core, request))
        return self.takes[-1]

    def stop(self, take: FakeTake) -> None:
        self.takes.remove(take)

    def step(self, meanwhile: Callable[[], None] | None = None) -> None:
        time.sleep(1 / self.core.frames_per_second)
        for take in list(self.takes):
            take.done += 1
            if take.done == math.ceil(take.frames / 2):
                self.core.make_trouble(take.request.prompt or "")
            if take.done == take.frames:
                take.clip = self.core.clip(take.request)
                self.takes.remove(take)


def unread(prompt: str) -> float:
    """Return the share of a prompt that is pictures, which this core has no words for."""
    return sum(ord(c) > 0xFFFF for c in prompt) / max(1, len(prompt))


def sine(request: GenerationRequest, channels: int = 1, rate: int = SAMPLE_RATE) -> Samples:
    """The new samples that FakeCore makes for `request`: float32 [channels, samples]."""
    pitch = 220 + zlib.crc32(f"{request.prompt} {request.seed}".encode()) % 660
    seconds = np.arange(request.frames(FRAME_RATE) * round(rate / FRAME_RATE)) / rate
    wave = 0.5 * np.sin(2 * np.pi * pitch * seconds)
    return np.tile(wave.astype(np.float32), (channels, 1))
