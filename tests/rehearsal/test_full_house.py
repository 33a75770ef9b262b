"""Eight people ask at once in the embedded Discord, and none of them has to wait for long."""

from __future__ import annotations

import asyncio

from fake_core import FRAME_RATE, FakeCore, FakeSession
from stage import on_stage

from bot.rehearsal.world import Member, User

PEOPLE, SECONDS = 8, 1


class Clocked(FakeCore):
    """Counts steps instead of time; a step costs the same for one clip and for eight."""

    def session(self) -> ClockedSession:
        return ClockedSession(self)


class ClockedSession(FakeSession):
    steps = 0
    ends: dict[str, int]

    def __init__(self, core: FakeCore) -> None:
        super().__init__(core)
        self.ends = ends

    def step(self, meanwhile=None) -> None:
        there = list(self.takes)
        super().step(meanwhile)
        ClockedSession.steps += 1
        self.ends |= {t.request.prompt: ClockedSession.steps for t in there if t.clip is not None}


ends: dict[str, int] = {}
"""Prompts -> the step after which the clip was done."""


async def test_eight_people_at_once_wait_at_most_twice_as_long_as_alone() -> None:
    ends.clear()
    ClockedSession.steps = 0
    async with on_stage(Clocked(frames_per_second=50)) as stage:
        world = stage.discord.world
        guests = [
            User(world.snowflakes.next(), f"guest{n}", None, "#888888") for n in range(PEOPLE)
        ]
        world.people += guests
        for guest in guests:
            world.guild.members[guest.id] = Member(guest, world.clock())
        people = [stage.discord.person(guest.id) for guest in guests]
        await asyncio.gather(*(p.slash("compose", prompt=p.name, duration=SECONDS) for p in people))
        for guest in guests:
            await stage.wait(lambda m, me=guest.id: m["attachments"] and f"<@{me}>" in m["content"])
        assert len(stage.clips()) == PEOPLE
    assert set(ends) == {guest.name for guest in guests}
    # Steps are counted from the first that anything was made in.
    assert max(ends.values()) <= 2 * SECONDS * FRAME_RATE
