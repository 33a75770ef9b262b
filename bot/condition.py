"""How the bot is doing, looked up at one moment."""

from __future__ import annotations

import math
import os
import time
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


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model at one moment."""

    name: str
    info: ModelInfo | None
    """None: it was not asked for since the start."""
    loaded: bool
    speed: float | None
    """Seconds of a clip made in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the bot's owner may want to know; None is what cannot be told."""

    models: tuple[ModelState, ...]
    """The default first."""
    paused: bool
    running: int
    waiting: int
    load: float | None
    cores: int | None
    own_bytes: int | None
    worker_bytes: int | None
    """The memory of the processes that hold models, where they have some of their own."""
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
    """

    def __init__(
        self, client: discord.Client, workshop: Workshop, housekeeping: Housekeeping
    ) -> None:
        self._client, self._workshop = client, workshop
        self._housekeeping = housekeeping
        self._started = time.monotonic()

    async def look(self) -> Condition:
        """Return how things are now."""
        states = [commission.state for commission in self._workshop.on_its_way()]
        latency = self._client.latency
        return Condition(
            models=tuple(map(self._model, self._workshop.service.models)),
            paused=self._workshop.paused,
            running=states.count(JobState.RUNNING),
            waiting=states.count(JobState.QUEUED),
            load=host.load(),
            cores=os.cpu_count(),
            own_bytes=host.resident_bytes(os.getpid()),
            worker_bytes=self._worker_bytes(),
            up_seconds=time.monotonic() - self._started,
            servers=len(self._client.guilds),
            latency=latency if math.isfinite(latency) else None,
            holdings=await self._holdings(),
            sweep=self._housekeeping.last,
            incidents=tuple(recent),
        )

    def _model(self, name: str) -> ModelState:
        lineup, speed = self._workshop.service.lineup, self._workshop.service.speed_of(name)
        return ModelState(name, lineup.info(name), lineup.awake(name), speed)

    def _worker_bytes(self) -> int | None:
        sizes = map(host.resident_bytes, self._workshop.service.lineup.pids())
        return sum(size for size in sizes if size is not None) or None

    async def _holdings(self) -> Holdings | None:
        try:
            return await self._workshop.storage.inventory.take()
        except StorageUnavailable:
            return None
