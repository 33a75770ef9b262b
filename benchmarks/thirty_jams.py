"""Thirty jams of five members at once, while the bot is killed again and again.

    .venv/bin/python -m benchmarks.thirty_jams [--jams 30] [--minutes 10] [--kills 20] [--haste 2]

The unmodified bot in a process of its own, in the embedded Discord on loopback; its model is a
stand-in that makes up to sixteen parts at once, each at twice real time. Every mode is played by as
many jams. With `--haste` everything goes so many times faster: people, stand-in, and the times
that a jam gives its people. The bot gets SIGKILL at random moments, until the minutes are over and
it has died often enough. Then owners finish two of three jams, and in the others a part more has
to come. Told are figures, as JSON; whatever is not as it should be is listed, and the exit status
is then 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.conversation import unlimited
from benchmarks.full_house import invite
from bot.rehearsal.events import Event, MessageCreated, MessageUpdated
from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal
from bot.rehearsal.world import Message
from musicgen_core.jams import Jam, Mode, Phase
from tests.kills.living_bot import going_on, living_bot, ready
from tests.kills.played_jams import action, buttons, doubles, faults, stored, turn_of

MEMBERS = 5
SPEED = 100.0
"""Frames a second of the stand-in: twice real time."""
SECONDS = 2
"""Of a part."""
PACE = 8.0
"""Seconds between two presses in a jam, on average."""
LONGEST_LIFE = 30.0
"""Seconds from a login to the next kill, which may come before all jams go on."""
PATIENCE = 240.0
LATE = 5.0
"""Seconds that a timer may fire late, while a bot lives."""
EAGER = {"play": 12, "suggest": 6, "words": 10, "take": 14, "choose": 14, "pass": 1, "undo": 1}
"""How eagerly people press what."""
VOTES = {"take", "choose", "words"}
BOTH = 0.2
"""How often two press at once."""
COUNTED = re.compile(r"Turn (\d+): (\d+) of (\d+) have voted")


@dataclass
class Band:
    """A jam from outside: where it is, who plays, and what was seen of it."""

    title: str
    people: list[Person]
    finishes: bool
    place: str = ""
    voters: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Who pressed a candidate's button, by turn."""
    wrong: set[str] = field(default_factory=set)


@dataclass
class Deaths:
    """When and where the bot died."""

    kills: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    """In which phases jams were, all kills together."""
    recoveries: list[float] = field(default_factory=list)
    """Seconds from a kill until all jams went on."""
    last: dict[str, Jam] = field(default_factory=dict)
    """Jams as they were at the last kill."""


async def open_all(discord: Rehearsal, folder: Path, bands: list[Band]) -> None:
    """Start every jam and let its members join."""
    modes = list(Mode)
    for number, band in enumerate(bands):
        mode = modes[number % len(modes)].value
        owner, *others = band.people
        await owner.slash("jam start", title=band.title, seconds_per_turn=SECONDS, mode=mode)
        board = await discord.wait_for_message(
            lambda m, title=f"Jam: {band.title}\n": title in m["content"], PATIENCE
        )
        band.place = board["channel_id"]
        for person in others:
            await person.press(board, "Join")
    async with asyncio.timeout(PATIENCE):
        while any(len(jam.members) < MEMBERS for jam in stored(folder)):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


def watch(discord: Rehearsal, bands: list[Band]) -> None:
    """Note every board that tells of more votes than members have pressed a button."""
    by_place = {band.place: band for band in bands}

    def note(event: Event) -> None:
        if not isinstance(event, MessageCreated | MessageUpdated):
            return
        band = by_place.get(event.message.channel_id)
        found = COUNTED.search(event.message.content)
        if band is None or found is None:
            return
        turn, votes, members = map(int, found.groups())
        if votes > min(members, len(band.voters[turn])):
            band.wrong.add(f"turn {turn} has counted {votes} votes")

    discord.events.subscribe(note)


def choices(discord: Rehearsal, band: Band) -> Iterator[tuple[Message, str]]:
    """Yield what can be pressed: on the last board, and below the last thing asked of the turn."""
    shown = list(discord.world.messages[band.place].values())
    boards = [m for m in shown if "join" in map(action, buttons(m))]
    if not boards:
        return
    turn = turn_of(buttons(boards[-1])[0])
    # Who reads the board leaves it alone meanwhile.
    busy = re.search(r"are being made|have voted|chooses; it ends", boards[-1].content)
    for message in (*([] if busy else boards[-1:]), *shown[-6:]):
        for name in buttons(message):
            if action(name) in EAGER and turn_of(name) == turn:
                yield message, name


async def press_something(discord: Rehearsal, band: Band, chance: random.Random) -> None:
    """Let one or two members press a button, and fill in what opens."""
    if not (there := [*choices(discord, band)]):
        return
    ((message, name),) = chance.choices(there, [EAGER[action(name)] for _, name in there])
    people = chance.sample(band.people, 2 if chance.random() < BOTH else 1)
    called = re.search(r"up to <@(\d+)>", message.content)
    if called and action(name) in ("play", "pass"):
        people = [p for p in band.people if p.id == called[1]] or people
    for person in people:
        if action(name) == "take":
            band.voters[turn_of(name)].add(person.id)
        with suppress(Declined):  # gone meanwhile
            handle = person.press_component(message.id, name, None)
            if action(name) in ("play", "suggest") and (await handle.settled()).modal:
                asked = "direction" if action(name) == "play" else "words"
                person.submit_form(handle.id, {asked: f"way {chance.random():.3f}"}, {})


async def jam(discord: Rehearsal, band: Band, pace: float, chance: random.Random) -> None:
    """Play until cancelled."""
    while True:
        await asyncio.sleep(chance.expovariate(1 / pace))
        await press_something(discord, band, chance)


async def kill_again_and_again(
    discord: Rehearsal, folder: Path, options: argparse.Namespace, chance: random.Random
) -> Deaths:
    """Let bots live and die until the time is over and there were enough of them."""
    deaths, died = Deaths(), time.monotonic()
    until = died + options.minutes * 60 / options.haste
    while time.monotonic() < until or deaths.kills < options.kills:
        async with living_bot(discord, folder, signal.SIGKILL, *speeds(options)) as process:
            await ready(process)
            begun, life = time.monotonic(), chance.uniform(0.0, LONGEST_LIFE / options.haste)
            with suppress(TimeoutError):
                async with asyncio.timeout(life):
                    await going_on(process)
                    deaths.recoveries.append(time.monotonic() - died)
            await asyncio.sleep(max(0.0, begun + life - time.monotonic()))
            died = time.monotonic()
        deaths.kills += 1
        note_death(folder, deaths)
    return deaths


def note_death(folder: Path, deaths: Deaths) -> None:
    """Look at what a kill has left; no part from before may be missing."""
    for found in stored(folder):
        deaths.phases[found.phase] += 1
        before = deaths.last.get(found.id)
        if before is not None and found.takes[: len(before.takes)] != before.takes:
            raise SystemExit(f"{found.title} has lost a part")
        deaths.last[found.id] = found


def speeds(options: argparse.Namespace) -> tuple[str, ...]:
    """Return what the bot's process is told."""
    return ("--speed", str(SPEED * options.haste), "--haste", str(options.haste))


async def end_all(discord: Rehearsal, folder: Path, bands: list[Band], deaths: Deaths) -> list[Jam]:
    """Finish what is to be finished, and wait for one more part of the others."""
    by_place = {int(band.place): band for band in bands}

    def waits(jam: Jam) -> bool:
        if not by_place[jam.place or 0].finishes:
            return len(jam.takes) <= len(deaths.last[jam.id].takes)
        posted = discord.world.messages[str(jam.place)].values()
        liked = any("like" in map(action, buttons(m)) for m in posted)
        return not (jam.phase is Phase.CLOSED or liked)

    async with asyncio.timeout(PATIENCE):
        while waiting := [jam for jam in stored(folder) if waits(jam)]:
            for one in waiting:
                band = by_place[one.place or 0]
                if band.finishes and one.phase.played:
                    await finish(discord, band)
            await asyncio.sleep(0.5)
    return stored(folder)


async def finish(discord: Rehearsal, band: Band) -> None:
    """Let the owner press Finish."""
    for message in reversed(discord.world.messages[band.place].values()):
        for name in buttons(message):
            if action(name) == "finish":
                await band.people[0].press_component(message.id, name, None).settled()
                return


def trouble(discord: Rehearsal, folder: Path, band: Band, jam: Jam) -> Iterator[str]:
    """Yield everything about a jam that is not as it should be at the end."""
    yield from faults(discord, folder, jam)
    yield from band.wrong
    if band.finishes != jam.phase.ended or (band.finishes and jam.head and jam.mix is None):
        yield f"it is {jam.phase}"
    if jam.phase.ended:
        if jam.turn is not None or jam.timer is not None:
            yield "something of it goes on"
        return
    if jam.turn is None or jam.turn.number != jam.turns:
        yield "no turn is open"
    elif len({vote.voter for vote in jam.turn.votes}) != len(jam.turn.votes):
        yield "a vote counts twice"
    if jam.timer is None or jam.timer.due < time.time() - LATE:
        yield f"its timer has not fired: {jam.timer}"


async def measure(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Open, play, kill, end, and look."""
    chance = random.Random(options.seed)
    async with Rehearsal() as discord:
        unlimited(discord)
        people = [discord.person(u.id) for u in invite(discord.world, options.jams * MEMBERS)]
        bands = [
            Band(f"Jam {n}", people[n * MEMBERS : (n + 1) * MEMBERS], finishes=n % 3 > 0)
            for n in range(options.jams)
        ]
        async with living_bot(discord, folder, signal.SIGKILL, *speeds(options)) as process:
            await ready(process)
            await open_all(discord, folder, bands)
        watch(discord, bands)
        pace = PACE / options.haste
        playing = {
            band.title: asyncio.create_task(jam(discord, band, pace, chance)) for band in bands
        }
        deaths = await kill_again_and_again(discord, folder, options, chance)
        for band in bands:
            if band.finishes:
                playing[band.title].cancel()
        async with living_bot(discord, folder, signal.SIGTERM, *speeds(options)) as process:
            begun = time.monotonic()
            await ready(process)
            await going_on(process)
            deaths.recoveries.append(time.monotonic() - begun)
            await end_all(discord, folder, bands, deaths)
            for task in playing.values():
                task.cancel()
            await asyncio.gather(*playing.values(), return_exceptions=True)
        jams = stored(folder)
        told = {one.title: [*trouble(discord, folder, band, one)]
                for band, one in zip(bands, jams, strict=True)}  # fmt: skip
        if process.returncode != 0:
            told["the bot"] = [f"ended with {process.returncode}"]
        return figures(discord, jams, deaths, {name: all_ for name, all_ in told.items() if all_})


def figures(
    discord: Rehearsal, jams: list[Jam], deaths: Deaths, told: dict[str, list[str]]
) -> dict[str, object]:
    """Return what is worth telling."""
    answers = Counter(m.content for m in discord.world.all_messages() if m.visible_to)
    return {
        "jams": len(jams),
        "members": sum(len(jam.members) for jam in jams),
        "finished": sum(jam.phase is Phase.FINISHED for jam in jams),
        "closed_because_nothing_was_left": sum(
            jam.phase is Phase.CLOSED and jam.head is None for jam in jams
        ),
        "still_played": sum(jam.phase.played for jam in jams),
        "turns_played": sum(len(jam.takes) for jam in jams),
        "votes": answers["Your vote is counted."],
        "kills": deaths.kills,
        "jams_in_phase_at_kills": dict(deaths.phases.most_common()),
        "tracks_intact": len(jams) - len(told.keys() - {"the bot"}),
        "median_recovery_s": round(statistics.median(deaths.recoveries), 1),
        "longest_recovery_s": round(max(deaths.recoveries), 1),
        "recoveries": len(deaths.recoveries),
        "messages_doubled": sum(sum(doubles(discord, jam).values()) for jam in jams),
        "trouble": told,
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jams", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--haste", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindjam-jams-") as place:
        begun = time.monotonic()
        found = asyncio.run(measure(options, Path(place)))
    print(json.dumps(found | {"minutes_of_wall_time": round((time.monotonic() - begun) / 60, 1)},
                     indent=2, ensure_ascii=False))  # fmt: skip
    if found["trouble"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
