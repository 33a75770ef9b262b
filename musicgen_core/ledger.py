"""What is known of every job, for any number of watchers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from musicgen_core.errors import InvalidRequest
from musicgen_core.jobs import JobState


class Update(Protocol):
    """A job as it stands; equal updates say the same."""

    @property
    def job_id(self) -> str:
        """Whose update this is."""
        ...

    @property
    def state(self) -> JobState:
        """Whether the job waits, runs or has ended."""
        ...

    @property
    def sound_bytes(self) -> int:
        """How much sound it holds in memory."""
        ...


U = TypeVar("U", bound=Update)
MOST_SOUND = 128 << 20
"""Bytes of sound of ended jobs that are kept; the newest stays however long it is."""


@dataclass(slots=True)
class _Entry(Generic[U]):
    update: U
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Ledger(Generic[U]):
    """The latest update of every job; jobs that ended are kept for a while, clips and all.

    Only the latest counts: a slow watcher skips what it missed, except the end.

    Args:
        keep: ended jobs that are kept at most.
        keep_seconds: how long they are kept at most.
        clock: seconds, rising.
    """

    def __init__(
        self, keep: int, keep_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep, self._keep_seconds, self._clock = keep, keep_seconds, clock
        self._entries: dict[str, _Entry[U]] = {}
        self._ended: dict[str, float] = {}
        """When each ended, oldest first."""
        self._quiet = asyncio.Event()
        self._quiet.set()

    def publish(self, update: U) -> None:
        """Replace what is known of a job, unless it has ended; watchers are told of changes."""
        key = update.job_id
        if key not in self._entries and not update.state.ended:
            self._quiet.clear()
        entry = self._entries.setdefault(key, _Entry(update))
        if entry.update.state.ended or entry.update == update:
            return
        entry.update = update
        entry.changed.set()
        entry.changed = asyncio.Event()
        if update.state.ended:
            self._ended[key] = self._clock()
            self._forget()
            if not self.open():
                self._quiet.set()

    def latest(self, job_id: str) -> U | None:
        """Return what is known of a job; None: it was never accepted or is forgotten."""
        entry = self._entries.get(job_id)
        return entry.update if entry else None

    def open(self) -> list[U]:
        """Return what is known of the jobs that have not ended."""
        updates = [entry.update for entry in self._entries.values()]
        return [update for update in updates if not update.state.ended]

    async def quiet(self, seconds: float) -> None:
        """Wait until all jobs have ended, so long at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._quiet.wait()

    def watch(self, job_id: str) -> AsyncIterator[U]:
        """Iterate over a job's current update and every change that the reader is in time for.

        Raises:
            InvalidRequest: the job is not known any more.
        """
        if job_id not in self._entries:
            raise InvalidRequest("I no longer know this job; please ask for the clip anew.")
        return _follow(self._entries[job_id])

    def _forget(self) -> None:
        oldest = self._clock() - self._keep_seconds
        sound = sum(self._entries[key].update.sound_bytes for key in self._ended)
        for key, when in list(self._ended.items()):
            fits = len(self._ended) <= self._keep and (sound <= MOST_SOUND or len(self._ended) == 1)
            if when >= oldest and fits:
                break
            sound -= self._entries[key].update.sound_bytes
            del self._ended[key], self._entries[key]


async def _follow(entry: _Entry[U]) -> AsyncIterator[U]:
    seen: U | None = None
    while seen is None or not seen.state.ended:
        if entry.update is seen:
            await entry.changed.wait()
        seen = entry.update
        yield seen
