"""The lineup: every model there is, each with an executor of its own while it is wanted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from musicgen_core.errors import BackendError, MusicGenError
from musicgen_core.executors.base import Executor
from musicgen_core.host import available_memory
from musicgen_core.requests import ModelInfo, short_name

log = logging.getLogger(__name__)

ROOM = 4 << 30
"""Bytes that are free before a model is loaded, where others can make room: musicgen-small's."""
IDLE_SECONDS = 600.0
"""After which a model that nobody asks for gives its memory back; the default model stays."""


@dataclass(slots=True, eq=False)
class _Player:
    """A model and what plays it."""

    make: Callable[[], Executor]
    executor: Executor | None = None
    """None: its memory is given back, or it was never asked for."""
    info: ModelInfo | None = None
    """None: it was never loaded."""
    load_seconds: float = 0.0
    """What loading it took the last time."""
    busy: int = 0
    """Clips that are being made."""
    since: float = 0.0
    """When it made one last."""
    timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether its memory could be given back."""
        return self.executor is not None and not self.busy


class Lineup:
    """Models by their short names, of which the first is the default.

    The default is loaded at the start, another when it is first asked for. Memory is given back
    by who was idle for `idle_seconds`, and, where less than `room` bytes are free when a model is
    to be loaded, by all who are idle, one after the other.

    Args:
        makers: what makes an executor for a model, any number of times.
        idle_seconds: see above; it does not concern the default.
        room: see above.
        available: bytes that may yet be taken, None if nobody knows.
        clock: seconds, rising.
    """

    def __init__(
        self,
        makers: Mapping[str, Callable[[], Executor]],
        *,
        idle_seconds: float = IDLE_SECONDS,
        room: int = ROOM,
        available: Callable[[], int | None] = available_memory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._players = {name: _Player(make) for name, make in makers.items()}
        self.names = tuple(self._players)
        self.default = self.names[0]
        self.changed: Callable[[], None] = lambda: None
        """Called when a model was loaded or gave its memory back."""
        self._idle_seconds, self._room = idle_seconds, room
        self._available, self._clock = available, clock
        self._moving = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    def of(cls, executor: Executor, name: str = "default") -> Lineup:
        """Return a lineup of a single model."""
        return cls({name: lambda: executor})

    def find(self, model: str | None) -> str | None:
        """Return the short name of a model, which may be called by its whole name; None: none."""
        name = short_name(model or "").casefold()
        return next((known for known in self.names if known.casefold() == name), None)

    def info(self, name: str) -> ModelInfo | None:
        """Return what a model can do; None: it was never loaded."""
        return self._players[name].info

    def awake(self, name: str) -> bool:
        """Tell whether a model is loaded, or just being loaded."""
        return self._players[name].executor is not None

    def loading(self, name: str) -> float:
        """Return the seconds until a model can play, as the last time took; 0: it can, or never."""
        return 0.0 if self.awake(name) else self._players[name].load_seconds

    def pids(self) -> list[int]:
        """Return the ids of the processes that hold models."""
        pids = [getattr(player.executor, "pid", None) for player in self._players.values()]
        return [pid for pid in pids if pid is not None]

    async def start(self) -> ModelInfo:
        """Load the default model.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        async with self.playing(self.default) as executor:
            return await executor.start()

    @asynccontextmanager
    async def playing(self, name: str) -> AsyncIterator[Executor]:
        """Yield a model's executor, loaded; it stays so during the block.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        player = self._players[name]
        player.busy += 1
        if player.timer is not None:
            player.timer.cancel()
        try:
            yield await self._loaded(name, player)
        finally:
            player.busy -= 1
            player.since = self._clock()
            if player.idle and name != self.default and not self._closed:
                loop = asyncio.get_running_loop()
                player.timer = loop.call_later(self._idle_seconds, self._dismiss, player)

    async def close(self) -> None:
        """Stop what runs and free every model."""
        self._closed = True
        for player in self._players.values():
            if player.timer is not None:
                player.timer.cancel()
        executors = [p.executor for p in self._players.values() if p.executor is not None]
        await asyncio.gather(*(executor.close() for executor in executors), *self._leaving)

    async def _loaded(self, name: str, player: _Player) -> Executor:
        if self._closed:
            raise BackendError("The music engine is closed.")
        began = self._clock()
        async with self._moving:
            fresh = player.executor is None
            if player.executor is None:
                await self._make_room()
                player.executor = player.make()
        executor = player.executor
        try:
            info = await executor.start()
        except MusicGenError:
            # Made anew for who asks next: by then its files may be in order.
            if name != self.default and player.executor is executor:
                await self._free(player)
            raise
        if fresh or player.info is None:
            player.info, player.load_seconds = info, self._clock() - began
            self.changed()
        return executor

    async def _make_room(self) -> None:
        """Let idle models give their memory back, who was idle longest first, while it is short."""
        while (free := self._available()) is not None and free < self._room:
            idle = [player for player in self._players.values() if player.idle]
            if not idle:
                return
            await self._free(min(idle, key=lambda player: player.since))

    def _dismiss(self, player: _Player) -> None:
        """Nobody has asked for a model for long."""
        if player.idle:
            task = asyncio.create_task(self._free(player), name="free a model")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _free(self, player: _Player) -> None:
        executor, player.executor = player.executor, None
        if executor is not None:
            if player.info is not None:
                log.info("%s gives its memory back", player.info.name)
            await executor.close()
        self.changed()
