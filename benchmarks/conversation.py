"""Twelve people ask for music for ten minutes, one of them all the time; a stand-in makes it.

    .venv/bin/python -m benchmarks.conversation [--people 12] [--minutes 10] [--haste 10]

The unmodified bot in a process of its own, in the embedded Discord on loopback; the stand-in makes
two clips at once, each at twice real time. With `--haste` everything goes so many times faster:
people, stand-in, and the second between two edits. Told are: clips lost and posted twice, Jain's
index of what people got of their fair share (max-min by what each asked for, when the time is
over), edits that came too soon, the longest stall of the bot's event loop, and its memory. What
misses its bound (benchmarks/conversation_bounds.py) is listed at the end, and the exit status is
then 1.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.conversation_bounds import Found, missed
from benchmarks.full_house import invite
from benchmarks.people import PROMPTS, stalls
from bot.app import application, online
from bot.cli.serving import serve, set_aside
from bot.rehearsal.events import MessageCreated, MessageUpdated
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal, pointed_at
from bot.rehearsal.world import Message, User
from bot.settings import load_settings
from musicgen_core.executors.inline import InlineExecutor

SPEED = 100.0
"""Frames a second of the stand-in: twice real time."""
LENGTHS = (5, 8, 10, 20)
PAUSE = 40.0
"""Seconds between two wishes of an ordinary person, on average."""
PATIENCE = 300.0


@dataclass
class Seen:
    """What the embedded Discord saw."""

    edits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: set[str] = field(default_factory=set)
    """What began without a file; a clip may have come into it since."""
    asked: Counter[str] = field(default_factory=Counter)
    """Seconds of audio that each person was promised."""
    got: Counter[str] = field(default_factory=Counter)


async def bot(base: str, gateway: str, token: str, folder: Path, haste: float) -> None:
    """Be the bot until stopped; then print what was felt inside."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from fake_core import FakeCore

    settings = load_settings(
        "rehearsal",
        env_file=None,
        database=f"sqlite:///{folder}/mindjam.db",
        clips=folder / "clips",
        max_batch=2,
        cards=False,
        stop_seconds=0,
    )
    core = FakeCore(frames_per_second=SPEED * haste)
    memory: list[int] = []
    async with stalls() as late:
        try:
            async with (
                application(
                    settings, InlineExecutor(lambda: core), edit_interval=1.0 / haste
                ) as client,
                online(client, token),
            ):
                await client.wait_until_ready()
                set_aside()
                await asyncio.sleep(0.1)  # or what that held up would count as the bot's
                print("ready", flush=True)
                late.clear()
                while True:
                    await asyncio.sleep(1.0)
                    memory.append(resident())
        finally:
            print(json.dumps({"stall": max(late, default=0.0), "memory": memory}), flush=True)


def resident() -> int:
    """Return this process's resident memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


async def person(
    discord: Rehearsal, user: User, until: float, pause: float, chance: random.Random
) -> None:
    """Ask for clips until the time is over; what the client refuses is asked again later."""
    who = discord.person(user.id)
    while time.monotonic() < until:
        wish = {"prompt": chance.choice(PROMPTS), "duration": chance.choice(LENGTHS)}
        try:
            who.type_command("compose", wish, {}, "studio")
        except Declined as exc:
            print(f"{user.username}: {exc}", file=sys.stderr)
        await asyncio.sleep(chance.expovariate(1.0 / pause))


def unlimited(discord: Rehearsal) -> None:
    """Let nobody count requests."""
    told = {"Limit": "1000", "Remaining": "999", "Reset-After": "1"}
    headers = {f"X-RateLimit-{name}": value for name, value in told.items()}
    discord._frame._limits.count = lambda *_: (headers, None)


def watch(discord: Rehearsal, seen: Seen) -> None:
    """Note the bot's statuses, and when each is edited, until it brings a clip."""

    def note(event: object) -> None:
        if isinstance(event, MessageCreated | MessageUpdated) and not event.message.attachments:
            if isinstance(event, MessageUpdated):
                seen.edits[event.message.id].append(time.monotonic())
            elif event.message.author.bot:
                seen.statuses.add(event.message.id)

    discord.events.subscribe(note)


def seconds_of(message: Message, bytes_a_second: int = 64_000) -> float:
    """Return how much audio a message brings."""
    return sum(round(len(a.content) / bytes_a_second) for a in message.attachments)


def fair_shares(asked: Counter[str], total: float) -> dict[str, float]:
    """Share out `total` seconds so that nobody gets more than they asked for (max-min)."""
    shares: dict[str, float] = {}
    left = sorted(asked.items(), key=lambda item: item[1])
    while left:
        name, wanted = left.pop(0)
        shares[name] = min(wanted, total / (len(left) + 1))
        total -= shares[name]
    return shares


def jain(values: list[float]) -> float:
    """Return Jain's fairness index: 1 where all are equal, 0 where there is nothing."""
    squares = len(values) * sum(v * v for v in values)
    return sum(values) ** 2 / squares if squares else 0.0


async def converse(options: argparse.Namespace, place: Path) -> Found:
    """Let everybody ask, wait for the last clip, and print and return what came of it."""
    chance, seen, haste = random.Random(1), Seen(), options.haste
    async with Rehearsal() as discord:
        unlimited(discord)  # haste would pass them
        watch(discord, seen)
        everybody = [*discord.world.people, *invite(discord.world, options.people - 3)]
        arguments = ["--child", discord.base, discord.gateway.url, discord.token, str(place)]
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.conversation", "--haste", str(haste), *arguments,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        await asyncio.wait_for(child.stdout.readline(), PATIENCE)
        until = time.monotonic() + options.minutes * 60 / haste
        await asyncio.gather(*(
            person(discord, user, until, (4.0 if n == 0 else PAUSE) / haste, chance)
            for n, user in enumerate(everybody)
        ))  # fmt: skip
        clips = [m for m in discord.world.all_messages() if m.author.bot and m.attachments]
        count(clips, seen.got)
        # What one person only sees promises nothing.
        shown = (m.id for m in discord.world.all_messages() if m.visible_to is None)
        statuses = seen.statuses & {*shown}
        begun = time.monotonic()
        while len(clips) < len(statuses) and time.monotonic() < begun + PATIENCE:
            await asyncio.sleep(0.2)
            clips = [m for m in discord.world.all_messages() if m.author.bot and m.attachments]
        count(clips, seen.asked)
        child.send_signal(signal.SIGTERM)
        inside = json.loads((await child.communicate())[0].splitlines()[-1])
    return report(seen, len(statuses), clips, inside, options)


def count(clips: list[Message], into: Counter[str]) -> None:
    """Add up each person's seconds."""
    for message in clips:
        into[message.mentions[0]] += seconds_of(message)


def report(
    seen: Seen, promised: int, clips: list[Message], inside: dict, options: argparse.Namespace
) -> Found:
    """Print the figures, and return them."""
    jobs = Counter(
        b["custom_id"] for m in clips for row in m.components for b in row["components"]
        if ":again:" in b["custom_id"]
    )  # fmt: skip
    shares = fair_shares(seen.asked, sum(seen.got.values()))
    parts = [seen.got[name] / share for name, share in shares.items() if share]
    soon = sum(
        after - before < 0.95 / options.haste
        for times in seen.edits.values()
        for before, after in itertools.pairwise(times)
    )
    lost, twice = promised - len(jobs), sum(n > 1 for n in jobs.values())
    found = Found(lost, twice, jain(parts), soon, inside["stall"], inside["memory"])
    print(f"people {options.people}, minutes {options.minutes:g}, haste {options.haste:g}")
    print(f"promised {promised}, posted {len(clips)}, lost {lost}, twice {twice}")
    print(f"Jain's index {found.fairness:.3f} (least share {min(parts, default=0.0):.2f})")
    print(f"edits {sum(map(len, seen.edits.values()))}, too soon {soon}")
    print(f"longest stall {found.stall * 1000:.0f} ms")
    print(
        f"memory {found.settled / 1e6:.0f} MB after a third, {found.last / 1e6:.0f} MB at the end"
    )
    return found


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--haste", type=float, default=10.0)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        base, gateway, token, folder = options.child
        with pointed_at(base, gateway):
            serve(bot(base, gateway, token, Path(folder), options.haste))
        return
    with TemporaryDirectory(prefix="mindjam-conversation-") as place:
        found = asyncio.run(converse(options, Path(place)))
    for sentence in (faults := list(missed(found))):
        print(f"missed: {sentence}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
