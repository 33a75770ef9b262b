"""The bot is killed again and again while people ask for music; what they were promised comes."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

from living_bot import PATIENCE, living_bot, ready
from stage import PLENTY, THINKING

from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal
from musicgen_core.jobs import JobState
from musicgen_core.storage import Delivered, JobRecord, Storage

KILLS = 20


async def ask_all_the_time(people: list[Person], chance: random.Random) -> None:
    """Let people ask whenever they like; while the bot is dead their client says so."""
    for number in range(1000):
        person = chance.choice(people)
        try:
            wish = {"prompt": f"wish {number}", "duration": 1}
            person.type_command("compose", wish, {}, "studio")
        except Declined:  # not registered yet
            pass
        await asyncio.sleep(chance.uniform(0.1, 0.7))


async def stored(folder: Path) -> list[JobRecord]:
    async with Storage(f"sqlite:///{folder}/mindjam.db", folder / "clips") as storage:
        everyone = [await storage.people.export(n) for n in await owners(storage)]
        ids = [job["id"] for rows in everyone for job in rows["jobs"]]
        return [job for job in [await storage.jobs.get(i) for i in ids] if job]


async def owners(storage: Storage) -> set[int]:
    from sqlalchemy import select

    from musicgen_core.storage.tables import jobs

    async with storage._database.reading() as connection:
        return set(await connection.scalars(select(jobs.c.person_id)))


def posted(discord: Rehearsal) -> Counter[str]:
    """How often each job's clips were posted, by the ids on the buttons below them."""
    found: Counter[str] = Counter()
    for message in discord.world.all_messages():
        if message.author.bot and message.attachments:
            ids = [b["custom_id"] for row in message.components for b in row["components"]]
            found[next(i for i in ids if ":again:" in i).split(":")[2]] += 1
    return found


async def settle(discord: Rehearsal, folder: Path) -> list[JobRecord]:
    """Let a bot live until everything that was accepted has been delivered."""
    async with living_bot(discord, folder, signal.SIGTERM) as process:
        await ready(process)
        async with asyncio.timeout(PATIENCE):
            while True:
                jobs = await stored(folder)
                if all(job.status.ended and job.delivered for job in jobs):
                    return jobs
                await asyncio.sleep(0.2)


async def test_twenty_kills_lose_nothing_and_post_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(4)
    async with Rehearsal() as discord:
        discord._frame._limits.count = lambda method, path: (PLENTY, None)
        people = [discord.person(user.id) for user in discord.world.people]
        asking = asyncio.create_task(ask_all_the_time(people, chance))
        for _ in range(KILLS):
            async with living_bot(discord, tmp_path, signal.SIGKILL) as process:
                await ready(process)
                await asyncio.sleep(chance.uniform(0.0, 2.0))
        asking.cancel()
        jobs = await settle(discord, tmp_path)
        assert len(jobs) >= KILLS
        assert {job.status for job in jobs} == {JobState.DONE}
        assert posted(discord) == Counter(job.id for job in jobs)
        everything = [m for m in discord.world.all_messages() if m.author.bot and not m.visible_to]
        # Killed before it accepted a job, the bot is seen thinking for as long as Discord waits.
        statuses = [m for m in everything if not m.attachments and not m.flags & THINKING]
        # In a crowded channel a status becomes the message that brings the clip.
        became = [m for m in everything if m.attachments and m.webhook_id]
        assert len(statuses) + len(became) == len(jobs)
        assert all("Done." in m.content or "完成" in m.content for m in statuses)


async def test_a_stop_lets_what_runs_end_and_leaves_the_rest_to_the_next_start(
    tmp_path: Path,
) -> None:
    async with Rehearsal() as discord:
        discord._frame._limits.count = lambda method, path: (PLENTY, None)
        grace = discord.person(discord.world.people[2].id)
        async with living_bot(discord, tmp_path, signal.SIGTERM) as process:
            await ready(process)
            for number in range(3):
                await grace.slash("compose", prompt=f"wish {number}", duration=2)
            await discord.wait_for_message(lambda m: "%" in m["content"], PATIENCE)
        assert process.returncode == 0
        running = [job for job in await stored(tmp_path) if job.delivered]
        assert running, "what was being made was made and delivered before the end"
        jobs = await settle(discord, tmp_path)
        assert {job.delivered for job in jobs} == {Delivered.CHANNEL}
        assert posted(discord) == Counter(job.id for job in jobs)
