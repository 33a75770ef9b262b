"""How the bot is doing, looked up at one moment."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot import host
from bot.housekeeping import Housekeeping, Sweep
from bot.incident import Incident, recent
from musicgen_core.errors import StorageUnavailable
from musicgen_core.jobs import JobState
from musicgen_core.requests import ModelInfo
from musicgen_core.storage import Holdings
from musicgen_core.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the bot's owner may want to know; None is what cannot be told."""

    info: ModelInfo
    paused: bool
    running: int
    waiting: int
    load: float | None
    cores: int | None
    own_bytes: int | None
    worker_bytes: int | None
    """The memory of the process that holds the model, where it has one of its own."""
    speed: float | None
    """Seconds of a clip made in a second."""
    up_seconds: float
    servers: int
    latency: float | None
    """Seconds that Discord takes to answer."""
    holdings: Holdings | None
    """None: the database fails."""
    sweep: Sweep | None
    incidents: tuple[Incident, ...]


class Lookout:
    """Looks up how the bot is doing.

    Args:
        client: the bot.
        workshop: where jobs are worked at.
        housekeeping: what sweeps.
        worker_pid: the id of the process that holds the model, None where it is this one.
    """

    def __init__(
        self,
        client: discord.Client,
        workshop: Workshop,
        housekeeping: Housekeeping,
        worker_pid: Callable[[], int | None],
    ) -> None:
        self._client, self._workshop = client, workshop
        self._housekeeping, self._worker_pid = housekeeping, worker_pid
        self._started = time.monotonic()

    async def look(self) -> Condition:
        """Return how things are now."""
        states = [commission.state for commission in self._workshop.on_its_way()]
        latency = self._client.latency
        return Condition(
            info=self._workshop.service.info,
            paused=self._workshop.paused,
            running=states.count(JobState.RUNNING),
            waiting=states.count(JobState.QUEUED),
            load=host.load(),
            cores=os.cpu_count(),
            own_bytes=host.resident_bytes(os.getpid()),
            worker_bytes=host.resident_bytes(self._worker_pid()),
            speed=self._workshop.service.speed,
            up_seconds=time.monotonic() - self._started,
            servers=len(self._client.guilds),
            latency=latency if math.isfinite(latency) else None,
            holdings=await self._holdings(),
            sweep=self._housekeeping.last,
            incidents=tuple(recent),
        )

    async def _holdings(self) -> Holdings | None:
        try:
            return await self._workshop.storage.inventory.take()
        except StorageUnavailable:
            return None
