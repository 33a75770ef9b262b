"""Eight people ask at once in the embedded Discord: what they wait, and what the gateway feels.

    .venv/bin/python -m benchmarks.full_house [--people 8] [--seconds 5] [--rest 10]

The unmodified bot and its worker on loopback. `wait` is from the command to the clip; `alone` is
one person before; both after a rest, since a worker that has just started imports what it listens
with. `heartbeat` is discord.py's `Client.latency`, asked four times a second by the embedded
Discord, which answers as late as a network does; `stall` is the longest that the event loop was
held up. The embedded Discord shares that loop: a real one would not.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from tempfile import TemporaryDirectory

from benchmarks.people import PROMPTS, stalls
from bot.app import application, online
from bot.client import MindjamBot
from bot.rehearsal.server import Rehearsal
from bot.rehearsal.world import Member, User, World
from bot.settings import load_settings

BEAT = 0.25
PATIENCE = 600.0


def invite(world: World, count: int) -> list[User]:
    """Add members to the studio."""
    guests = [User(world.snowflakes.next(), f"guest{n}", None, "#808080") for n in range(count)]
    world.people += guests
    for user in guests:
        world.guild.members[user.id] = Member(user, world.clock())
    return guests


async def one_clip(discord: Rehearsal, user: User, number: int, seconds: float) -> float:
    """Ask as a member and wait for the message with the clip: seconds."""
    began = time.perf_counter()
    await discord.person(user.id).slash(
        "compose", prompt=PROMPTS[number % len(PROMPTS)], duration=seconds
    )
    await discord.wait_for_message(
        lambda m: m["attachments"] and f"<@{user.id}>" in m["content"], PATIENCE
    )
    return time.perf_counter() - began


async def beats(bot: MindjamBot, found: list[float]) -> None:
    """Collect the gateway's latency, once a heartbeat."""
    while True:
        await asyncio.sleep(BEAT)
        found.append(bot.latency)


async def measure(options: argparse.Namespace) -> None:
    """Let one member ask, then all others at once, and print what was felt."""
    with TemporaryDirectory(prefix="mindjam-house-") as place:
        settings = load_settings(
            "rehearsal", env_file=None, model=options.model,
            database=f"sqlite:///{place}/mindjam.db", clips=f"{place}/clips",
        )  # fmt: skip
        async with Rehearsal(heartbeat_seconds=BEAT) as discord:
            guests = invite(discord.world, options.people + 2)
            with discord.attach():
                async with application(settings) as bot, online(bot, discord.token):
                    for guest in guests[:2]:  # the first compiles
                        alone = await one_clip(discord, guest, 0, options.seconds)
                        await asyncio.sleep(options.rest)
                    latencies: list[float] = []
                    ticker = asyncio.create_task(beats(bot, latencies))
                    async with stalls() as late:
                        asked = (
                            one_clip(discord, guest, number, options.seconds)
                            for number, guest in enumerate(guests[2:])
                        )
                        waits = await asyncio.gather(*asked)
                    ticker.cancel()
    print(f"alone {alone:.2f} s; {len(waits)} at once: {spread(waits, 1)} s")
    print(f"heartbeat {spread(latencies, 1000)} ms; stall {1000 * max(late):.0f} ms at most")


def spread(values: list[float], scale: float) -> str:
    """Return the median, the least and the most."""
    low, high = min(values) * scale, max(values) * scale
    return f"{scale * statistics.median(values):.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rest", type=float, default=10.0)
    asyncio.run(measure(parser.parse_args()))
