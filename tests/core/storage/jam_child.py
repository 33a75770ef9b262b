"""A process that plays a stored jam until it is killed, or until the jam has its mix.

    python jam_child.py ADDRESS FOLDER JAM

It does what `due` says, as a bot would, and prints what it has been told is stored.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

from jam_people import ANNA, BEN, CLEO, asks, fires, made, now, votes

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import Jam, Phase, track
from musicgen_core.jams import events as ev
from musicgen_core.storage import Storage

PEOPLE = (ANNA, BEN, CLEO)
TAKES = 6


def told(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())  # a killed process flushes nothing


async def next_event(storage: Storage, jam: Jam) -> ev.Event:
    """Return what happens next; people press more or less anything."""
    match jam.phase:
        case Phase.MAKING:
            event = made(jam)
            names = [(await storage.files.write(random.randbytes(9000), "wav")).name for _ in "abc"]
            files = zip(event.candidates, names, strict=True)
            return replace(event, candidates=tuple(replace(c, file=name) for c, name in files))
        case Phase.MIXING:
            mix = (await storage.files.write(random.randbytes(9000), "wav")).name
            return ev.MixMade(at=now(jam), attempt=jam.mix_attempt, file=mix, seconds=9.0)
        case Phase.VOTING if random.random() < 0.8:
            return votes(jam, random.choice(PEOPLE), random.randint(1, 3))
        case Phase.WAITING if len(track(jam)) >= TAKES:
            return ev.FinishAsked(at=now(jam), by=ANNA)
        case Phase.WAITING if random.random() < 0.1:
            return ev.Undone(at=now(jam), by=ANNA)
        case Phase.WAITING:
            return asks(jam, random.choice(PEOPLE))
    return fires(jam)


async def main(address: str, folder: str, jam_id: str) -> None:
    async with Storage(address, Path(folder)) as storage:
        jam = await storage.jams.get(jam_id)
        assert jam is not None
        told("open", jam.moves)
        while not jam.phase.ended:
            try:
                jam = (await storage.jams.change(jam_id, await next_event(storage, jam))).jam
            except JamRefusal:
                continue
            told("stored", jam.moves, len(jam.takes))
            # Room for a kill between any two transitions, however quick they are.
            await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
