"""Several people ask at once: how long each waits, and what the bot's event loop feels of it.

    python -m benchmarks.people [--model builtin] [--people 1 2 4 8] [--seconds 5] [--rounds 5]

Runs the bot's own service and worker process, without Discord. `wait` is from asking to the clip,
median over everybody and all rounds, with the least and the most; `together` is how many seconds of
audio are made in a second of time; `stall` is the longest that the event loop was held up, in ms.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.executors.sandbox import AudioSandbox
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest
from musicgen_core.service import JobState, MusicService

PROMPTS = ("80s pop track with bassy drums and synth", "90s rock song with loud guitars",
           "blues with groovy saxophone", "lo-fi piano in the rain", "fast techno",
           "slow ambient pads", "funk with a slap bass", "chiptune arpeggios")  # fmt: skip


async def one_clip(service: MusicService, person: int, seconds: float) -> float:
    """Ask as a person and wait for the clip: seconds."""
    began = time.perf_counter()
    request = GenerationRequest(PROMPTS[person % len(PROMPTS)], seconds, seed=person)
    job = await service.submit(request, f"person {person}")
    async for update in service.watch(job.id):
        if update.state.ended and update.state is not JobState.DONE:
            raise RuntimeError(str(update.error))
    return time.perf_counter() - began


@asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """Collect how much later than asked the event loop wakes a sleeper, in seconds."""
    late: list[float] = [0.0]

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - began - 0.005)

    ticker = asyncio.create_task(tick())
    try:
        yield late
    finally:
        ticker.cancel()


async def measure(options: argparse.Namespace) -> None:
    """Print a row for every number of people, taken in turns so that all have the same minutes."""
    executor = ProcessExecutor(partial(MusicGen.load, options.model, engine=options.engine))
    waits: dict[int, list[float]] = {n: [] for n in options.people}
    walls: dict[int, list[float]] = {n: [] for n in options.people}
    worst = dict.fromkeys(options.people, 0.0)
    async with MusicService(executor, AudioSandbox(), max_batch=max(options.people)) as service:
        print(f"{service.info.name}, {service.info.engine} {service.info.precision}")
        await asyncio.gather(*(one_clip(service, p, 1.0) for p in range(2)))  # warm
        for _ in range(options.rounds):
            for people in options.people:
                async with stalls() as late:
                    began = time.perf_counter()
                    asked = (one_clip(service, p, options.seconds) for p in range(people))
                    waits[people] += await asyncio.gather(*asked)
                    walls[people].append(time.perf_counter() - began)
                    worst[people] = max(worst[people], *late)
    print("| people | wait, s (least to most) | together, audio s per s | stall, ms |")
    print("|---|---|---|---|")
    for people in options.people:
        each, rate = waits[people], people * options.seconds / statistics.median(walls[people])
        spread = f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"
        print(f"| {people} | {spread} | {rate:.1f} | {1000 * worst[people]:.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(measure(parser.parse_args()))
