"""The real bot, its worker process and its sandbox in the embedded Discord, at real speed."""

import asyncio
import io
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from fake_core import FakeCore, sine
from stage import Message, Stage, on_stage

from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.requests import AudioPrompt, GenerationRequest, Samples

LONGEST_STALL = 0.05


def worker(**options: object) -> ProcessExecutor:
    return ProcessExecutor(partial(FakeCore, **options), pause=0.1)


def samples_of(data: bytes) -> Samples:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert rate == 32000
    return samples.T


async def test_a_hummed_clip_is_continued_and_comes_back_as_it_was_uploaded() -> None:
    hum = 0.4 * np.sin(np.arange(44100) / 30)
    file = io.BytesIO()
    soundfile.write(file, hum, 44100, format="FLAC")
    executor = worker(frames_per_second=60)
    async with on_stage(executor=executor, edit_interval=1.0, hurry=False) as stage:
        begun = time.monotonic()
        handle = await stage.grace.slash(
            "compose", prompt="with drums", duration=3, clip=("hum.flac", file.getvalue())
        )
        assert handle.acked
        assert time.monotonic() - begun < 3
        await stage.status("Done.")
        clip = await stage.clip()
        downloaded = await stage.download(clip)
        edits = stage.status_edits()
        uploads = [upload.content for r in stage.discord.requests for upload in r.files]
    assert uploads == [downloaded]
    made = samples_of(downloaded)
    request = GenerationRequest("with drums", 3.0, AudioPrompt(hum, 44100), seed=0)
    assert made.shape == (1, 32000 + 3 * 32000)
    assert np.abs(made[:, 32000:] - sine(request)).max() < 1e-4, "the new part, to 16 bits"
    resampled = 0.4 * np.sin(np.arange(32000) * 44100 / 32000 / 30)
    assert np.abs(made[0, 100:31900] - resampled[100:31900]).max() < 0.01, "the prompt, kept"
    assert sum("█" in edit for edit in edits) >= 2, "progress was seen to move"
    assert edits[-1].splitlines()[1] == "Done."


async def test_a_killed_worker_starts_over_and_the_clip_arrives() -> None:
    executor = worker(frames_per_second=60)
    async with on_stage(executor=executor) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=2)
        await stage.status("%")
        assert executor.pid is not None
        os.kill(executor.pid, signal.SIGKILL)
        assert await stage.status("Starting over")
        assert await stage.clip()
        assert await stage.status("Done.")
        assert len(stage.clips()) == 1


async def test_a_worker_that_dies_every_time_is_an_apology_and_the_next_clip_is_made() -> None:
    async with on_stage(executor=worker()) as stage:
        await stage.grace.slash("compose", prompt="kill", duration=1)
        status = await stage.status("Sorry, something of mine failed")
        assert status["components"] == []
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert "“rain”" in (await stage.clip())["content"]


async def test_four_people_at_once_get_their_own_clip_each() -> None:
    async with on_stage(executor=worker(frames_per_second=200)) as stage:
        prompts = {"rain": stage.ada, "snow": stage.grace, "fog": stage.lin, "hail": stage.grace}
        await asyncio.gather(
            *(who.slash("compose", prompt=prompt, duration=1) for prompt, who in prompts.items())
        )
        for prompt, who in prompts.items():
            clip = await stage.wait(lambda m, p=prompt: m["attachments"] and p in m["content"])
            assert [user["id"] for user in clip["mentions"]] == [who.id]
            request = GenerationRequest(prompt, 1.0, seed=0)
            made = samples_of(await stage.download(clip))
            assert np.abs(made - sine(request)).max() < 1e-4


def waited_for_a_core() -> float:
    """Return the seconds for which other programs kept this thread from running; that is theirs."""
    schedstat = Path("/proc/thread-self/schedstat")
    return int(schedstat.read_text().split()[1]) / 1e9 if schedstat.exists() else 0.0


@asynccontextmanager
async def longest_stall() -> AsyncIterator[list[float]]:
    """Yield a list that holds the event loop's longest delay of its own making, in seconds."""
    stalls = [0.0]

    async def tick() -> None:
        while True:
            start = time.perf_counter() - waited_for_a_core()
            await asyncio.sleep(0.005)
            took = time.perf_counter() - waited_for_a_core() - start
            stalls[0] = max(stalls[0], took - 0.005)

    task = asyncio.create_task(tick())
    try:
        yield stalls
    finally:
        task.cancel()


async def compose_and_measure(stage: Stage, prompt: str) -> tuple[float, Message]:
    async with longest_stall() as stalls:
        await stage.grace.slash("compose", prompt=prompt, duration=30)
        clip = await stage.wait(lambda m: m["attachments"] and prompt in m["content"])
    return stalls[0], clip


async def test_the_event_loop_is_never_blocked_while_a_clip_is_made() -> None:
    """Thirty seconds of sound: progress from the worker, encoding, a 2 MB upload, all counted."""
    async with on_stage(executor=worker(frames_per_second=1500), edit_interval=0.5) as stage:
        await compose_and_measure(stage, "warm-up")
        # Of three, the best: a page fault or a garbage collection may hit any one of them.
        measured = [await compose_and_measure(stage, f"take{n}") for n in range(3)]
        assert min(stall for stall, _ in measured) < LONGEST_STALL
        assert measured[0][1]["attachments"][0]["size"] > 1_900_000
