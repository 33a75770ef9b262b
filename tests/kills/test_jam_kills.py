"""The bot is killed again and again while people jam; every jam ends with its track whole."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

from living_bot import PATIENCE, living_bot, ready
from played_jams import action, buttons, faults, stored
from stage import PLENTY

from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal
from musicgen_core.jams import Jam, Phase

KILLS, JAMS = 5, 3
PLAYED = {"join": 1, "play": 12, "pass": 1, "take": 12, "undo": 1}
"""How eagerly people press what."""


async def press_something(discord: Rehearsal, person: Person, chance: random.Random) -> None:
    """Press any button that is for playing, and fill in what opens."""
    there = []
    for channel in discord.world.messages.values():
        for wanted in ("join", "take"):  # the board, and the last vote
            shown = [m for m in channel.values() if wanted in map(action, buttons(m))]
            there += [(m, b) for m in shown[-1:] for b in buttons(m) if action(b) in PLAYED]
    if not there:
        return
    (choice,) = chance.choices(there, [PLAYED[action(name)] for _, name in there])
    message, name = choice
    try:
        handle = person.press_component(message.id, name, None)
        if action(name) == "play" and (await handle.settled()).modal is not None:
            person.submit_form(handle.id, {"direction": f"way {chance.random():.3f}"}, {})
    except Declined:  # gone meanwhile
        pass


async def jam_all_the_time(discord: Rehearsal, people: list[Person], chance: random.Random) -> None:
    while True:
        await press_something(discord, chance.choice(people), chance)
        await asyncio.sleep(chance.uniform(0.02, 0.15))


async def finish_all(discord: Rehearsal, owner: Person, folder: Path) -> list[Jam]:
    """Press Finish until every jam has ended, and wait for what is posted then."""
    async with asyncio.timeout(PATIENCE):
        found = stored(folder)
        while not all(jam.phase.ended for jam in found):
            for message in list(discord.world.all_messages()):
                for name in buttons(message):
                    if action(name) == "finish":
                        await owner.press_component(message.id, name, None).settled()
            await asyncio.sleep(0.2)
            found = stored(folder)
    for jam in found:
        if jam.phase is Phase.FINISHED:
            await discord.wait_for_message(
                lambda m, jam=jam: m["channel_id"] == str(jam.place) and ":like:" in str(m),
                PATIENCE,
            )
    return found


async def test_jams_outlive_the_deaths_of_the_bot_with_their_tracks_whole(
    tmp_path: Path,
) -> None:
    chance = random.Random(7)
    async with Rehearsal() as discord:
        discord._frame._limits.count = lambda method, path: (PLENTY, None)
        people = [discord.person(user.id) for user in discord.world.people]
        ada = people[0]
        async with living_bot(discord, tmp_path, signal.SIGKILL) as process:
            await ready(process)
            for number in range(JAMS):
                await ada.slash("jam start", title=f"Jam {number}", seconds_per_turn=2)
                board = await discord.wait_for_message(
                    lambda m, title=f"Jam: Jam {number}": title in m["content"], PATIENCE
                )
                for person in people[1:]:
                    await person.press(board, "Join")
        jamming = asyncio.create_task(jam_all_the_time(discord, people, chance))
        for _ in range(KILLS):
            async with living_bot(discord, tmp_path, signal.SIGKILL) as process:
                await ready(process)
                await asyncio.sleep(chance.uniform(2.0, 6.0))
        jamming.cancel()
        async with living_bot(discord, tmp_path, signal.SIGTERM) as process:
            await ready(process)
            jams = await finish_all(discord, ada, tmp_path)
        assert process.returncode == 0
        print(f"{len(jams)} jams, {sum(len(jam.takes) for jam in jams)} parts, {KILLS} kills")
        assert len(jams) == JAMS
        assert any(jam.takes for jam in jams)
        assert [[*faults(discord, tmp_path, jam)] for jam in jams] == [[]] * JAMS
