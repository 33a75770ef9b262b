"""Ten people press at once, with Discord's limits as they are: nothing is refused or unanswered."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict

from fake_core import FakeCore
from jam_stage import JamStage, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from bot.rehearsal.people import Person
from bot.rehearsal.world import Member, User

INTERVAL = 1.0


class Meter:
    """Notes when which message was edited, and what was one request too many."""

    def __init__(self, stage: Stage) -> None:
        limits = stage.discord._frame._limits
        self._count = limits.count
        self.edits: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        limits.count = self.count

    def count(self, method: str, path: str) -> tuple[dict[str, str], float | None]:
        headers, wait = self._count(method, path)
        if wait is not None:
            self.refused.append(f"{method} {path}")
        if method == "PATCH" and path.startswith("/channels/"):
            self.edits[path.rpartition("/")[2]].append(time.monotonic())
        return headers, wait


def guests(stage: Stage, count: int) -> list[Person]:
    """Let more people be members of the server."""
    world = stage.discord.world
    users = [User(world.snowflakes.next(), f"guest{n}", None, "#808080") for n in range(count)]
    world.people += users
    for user in users:
        world.guild.members[user.id] = Member(user, world.clock())
    return [stage.discord.person(user.id) for user in users]


async def test_ten_who_press_at_once_are_answered_within_discords_limits() -> None:
    async with on_stage(
        FakeCore(), bench=QuietBench(), hurry=False, edit_interval=INTERVAL
    ) as stage:
        meter = Meter(stage)
        people = guests(stage, 10)
        jam = await JamStage.started(stage.discord, stage.ada, mode="vote")
        board = await jam.board()
        joined = await asyncio.gather(*(p.press(board, button(board, "join")) for p in people))
        assert all(press.acked for press in joined)
        board = await jam.wait(
            lambda m: button(m, "suggest") and all(f"<@{p.id}>" in m["content"] for p in people)
        )
        forms = [await p.press(board, button(board, "suggest")) for p in people[:2]]
        for number, (person, form) in enumerate(zip(people, forms, strict=False), 1):
            await person.submit(form, {"words": f"idea {number}"})
        listed = await jam.wait(lambda m: button(m, "words", 2))
        voted = await asyncio.gather(*(p.press(listed, button(listed, "words", 2)) for p in people))
        assert all(press.acked for press in voted)
        # Of two forms sent one after another either may be stored first.
        await jam.wait(lambda m: m["id"] == listed["id"] and "”, 10 votes" in m["content"])
    assert meter.refused == []
    for message in (board["id"], listed["id"]):
        times = meter.edits[message]
        assert times
        assert all(later - one > 0.95 * INTERVAL for one, later in itertools.pairwise(times))
    assert len(meter.edits[listed["id"]]) < len(people), "of several changes the last is shown"
