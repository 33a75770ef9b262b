"""What is left of jams whose bot was killed: in the database, in files, and in their threads."""

from __future__ import annotations

import io
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bot.rehearsal.server import Rehearsal
from bot.rehearsal.world import Message
from musicgen_core.jams import Jam, starts, track, track_seconds
from musicgen_core.jams.record import from_json

NEAR = 1e-3
"""Of full scale, between a sound and the same sound written once more."""


def buttons(message: Message) -> list[str]:
    """Return the ids of a message's buttons of a jam."""
    ids = [b["custom_id"] for row in message.components for b in row["components"]]
    return [name for name in ids if name.startswith("mindjam:jam:")]


def action(name: str) -> str:
    """Return what a button does."""
    return name.split(":")[2]


def turn_of(name: str) -> int:
    """Return the turn that a button is for."""
    return int(name.split(":")[4])


def stored(folder: Path) -> list[Jam]:
    """Return all jams as they stand in the database, oldest first, whether a bot lives or not."""
    with sqlite3.connect(folder / "mindjam.db", timeout=30) as connection:
        found = connection.execute("SELECT state FROM jams ORDER BY created, id").fetchall()
    connection.close()
    return [from_json(state) for (state,) in found]


def faults(discord: Rehearsal, folder: Path, jam: Jam) -> Iterator[str]:
    """Yield what is broken of a jam's sound, and what of it was posted twice."""
    for take in jam.takes:
        if soundfile.info(folder / "clips" / take.file).frames != round(take.seconds * take.rate):
            yield f"part {take.number} has another length"
    numbers = [take.number for take in track(jam)]
    if numbers != sorted(numbers):
        yield f"the track goes {numbers}"
    yield from (f"{what} came {count} times" for what, count in doubles(discord, jam).items())
    if (last := last_track(discord, jam)) is not None and not same_sound(folder, jam, *last):
        yield f"the track up to part {last[0]} is not its parts"
    if jam.mix is not None:
        length = soundfile.info(folder / "clips" / jam.mix.file).duration
        if abs(length - track_seconds(jam)) >= 0.05:
            yield f"the mix has {length} s, the track {track_seconds(jam)} s"


def doubles(discord: Rehearsal, jam: Jam) -> dict[Any, int]:
    """Return what of a jam there is more than once that should be there once."""
    posts: Counter[Any] = Counter()
    for message in discord.world.messages[str(jam.place)].values():
        named = {action(name) for name in buttons(message)}
        for kind in ("take", "choose", "words", "like"):
            if kind in named:
                posts[kind, turn_of(buttons(message)[0])] += 1
        # A part that was taken back and played anew has another number: no track comes twice.
        if (number := track_number(message)) is not None:
            posts["track", number] += 1
        if ("join" in named or "fork" in named) and "like" not in named:
            posts["board"] += 1
    return {what: count for what, count in posts.items() if count > 1}


def track_number(message: Message) -> int | None:
    """Return up to which part a message brings the track; None: it brings none."""
    found = re.search(r"up to part (\d+):", message.content)
    return int(found[1]) if found and message.author.bot else None


def last_track(discord: Rehearsal, jam: Jam) -> tuple[int, bytes] | None:
    """Return the last part up to which the track was posted, and that file."""
    for message in reversed(discord.world.messages[str(jam.place)].values()):
        number = track_number(message)
        if number is not None and message.attachments:
            return number, message.attachments[0].content
    return None


def same_sound(folder: Path, jam: Jam, number: int, data: bytes) -> bool:
    """Tell whether a track's file is its takes one after another, the seams apart."""
    takes = track(jam, number)
    sound, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    if abs(len(sound) / rate - track_seconds(jam, number)) >= 1 / rate + 1e-9:
        return False
    lap = round(jam.settings.seam.overlap_seconds * rate) + 1
    for begin, take in zip(starts(jam, takes), takes, strict=True):
        own = soundfile.read(folder / "clips" / take.file, dtype="float32", always_2d=True)[0]
        first = round(begin * rate)
        heard = sound[first + lap : first + len(own) - lap]
        if np.abs(heard - own[lap : len(own) - lap]).max() >= NEAR:
            return False
    return True
