"""A jam whose bot is killed between any two transitions goes on where it was."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from jam_people import ANNA, BEN, CLEO
from stored_things import names_in

from musicgen_core.jams import JamSettings, Mode, Phase, begin, track
from musicgen_core.jams import events as ev
from musicgen_core.jams.record import files_of
from musicgen_core.storage import Storage

CHILD = Path(__file__).with_name("jam_child.py")
ROOT = Path(__file__).parents[3]
JAM = "1" * 32
KILLS = 3


async def play(address: str, folder: Path, moves: int | None) -> list[list[int]]:
    """Run a child, killed after so many transitions that it told of; return what it told."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    child = await asyncio.create_subprocess_exec(
        sys.executable, CHILD, address, folder, JAM,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert child.stdout is not None
    told: list[list[int]] = []
    async with asyncio.timeout(120):
        async for line in child.stdout:
            told.append([int(word) for word in line.split()[1:]])
            if moves is not None and len(told) > moves:
                child.send_signal(signal.SIGKILL)
                break
        told += [
            [int(word) for word in line.split()[1:]]
            for line in (await child.stdout.read()).splitlines()
        ]
        await child.wait()
    return told


async def test_a_jam_goes_on_after_every_kill_and_ends_with_its_track_intact(
    address: str, storage: Storage, tmp_path: Path
) -> None:
    jam = begin(
        id=JAM, title="t", prompt="p", owner=ANNA, seed=1, at=1.8e9,
        settings=JamSettings(mode=Mode.OPEN, fair_seconds=0, longest_seconds=600),
    )  # fmt: skip
    await storage.jams.begin(jam)
    for person in (BEN, CLEO):
        await storage.jams.change(JAM, ev.Joined(at=1.8e9, by=person))
    before = await storage.jams.get(JAM)
    for _ in range(KILLS):
        told = await play(address, tmp_path / "clips", random.randint(1, 10))
        stored = await storage.jams.get(JAM)
        # It began where the last one was, which a server may still have stored after the kill;
        # nothing that was told is lost.
        assert told[0][0] >= before.moves
        moves, takes = told[-1] if len(told[-1]) == 2 else (told[-1][0], 0)
        assert stored.moves >= moves
        assert len(stored.takes) >= takes
        assert stored.takes[: len(before.takes)] == before.takes
        before = stored
    await play(address, tmp_path / "clips", None)
    ended = await storage.jams.get(JAM)
    assert ended.phase is Phase.FINISHED
    assert len(track(ended)) == 6
    await storage.sweeper.sweep_orphans(older_than=0)
    assert names_in(storage.files.folder) == files_of(ended)
