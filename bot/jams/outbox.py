"""What is still to be posted for jams: in order, and a list's edits no faster than one reads."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from musicgen_core.jams import Jam
from musicgen_core.jams.effects import (
    Announce,
    AskChoice,
    AskVote,
    PostMix,
    PostTrack,
    ShowSuggestions,
)

Letter = AskVote | AskChoice | ShowSuggestions | PostTrack | PostMix


@dataclass(frozen=True, slots=True)
class Mail:
    """What is posted for a jam as one message: a letter, or several sentences."""

    jam: Jam
    letter: Letter | tuple[Announce, ...]

    @property
    def line(self) -> tuple[str, bool]:
        """What it waits in: its jam's order, or the turns of edits of its jam's list."""
        return self.jam.id, isinstance(self.letter, ShowSuggestions)


class Outbox:
    """Posts one after another for each jam; of several edits of a list only the last is made.

    Args:
        write: posts one; it raises nothing.
        interval: seconds between two edits of a list.
    """

    def __init__(self, write: Callable[[Mail], Awaitable[None]], interval: float) -> None:
        self._write, self._interval = write, interval
        self._waiting: defaultdict[tuple[str, bool], deque[Mail]] = defaultdict(deque)
        self._writers: dict[tuple[str, bool], asyncio.Task[None]] = {}

    def add(self, mail: Mail) -> None:
        """Post it when everything before it is posted."""
        line = jam_id, is_list = mail.line
        if is_list:
            self._waiting[line].clear()
        self._waiting[line].append(mail)
        if line not in self._writers:
            name = f"letters {jam_id}"
            self._writers[line] = asyncio.create_task(self._write_all(line), name=name)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is busy with posting."""
        return [*self._writers.values()]

    async def _write_all(self, line: tuple[str, bool]) -> None:
        waiting, (_, is_list) = self._waiting[line], line
        try:
            while waiting:
                await self._write(waiting.popleft())
                if is_list:
                    await asyncio.sleep(self._interval)
        finally:
            del self._waiting[line], self._writers[line]
