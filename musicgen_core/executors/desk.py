"""Those who wait for clips, and what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from musicgen_core.errors import MusicGenError
from musicgen_core.executors.orders import Moved, Report
from musicgen_core.requests import Clip, Progress


@dataclass(frozen=True, slots=True)
class _Waiting:
    on_progress: Callable[[Progress], None]
    made: asyncio.Future[Clip]


class Desk:
    """Hands a studio's reports to whoever waits for the clip."""

    def __init__(self) -> None:
        self._waiting: dict[int, _Waiting] = {}
        self._keys = 0
        self._lost: MusicGenError | None = None

    @property
    def busy(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def open(self, on_progress: Callable[[Progress], None]) -> tuple[int, asyncio.Future[Clip]]:
        """Return a key for an order and what its clip will be in.

        Raises:
            MusicGenError: what everybody was failed with.
        """
        if self._lost is not None:
            raise self._lost
        self._keys += 1
        made: asyncio.Future[Clip] = asyncio.get_running_loop().create_future()
        # Who was cancelled does not ask, and asyncio complains of what nobody asked.
        made.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting[self._keys] = _Waiting(on_progress, made)
        return self._keys, made

    def close(self, key: int) -> None:
        """Nobody waits for it any more."""
        self._waiting.pop(key, None)

    def deliver(self, report: Report) -> None:
        """Tell whoever waits."""
        waiting = self._waiting.get(report.key)
        if waiting is None or waiting.made.done():
            return
        if isinstance(report, Moved):
            waiting.on_progress(report.progress)
        elif isinstance(report.outcome, MusicGenError):
            waiting.made.set_exception(report.outcome)
        else:
            waiting.made.set_result(report.outcome)

    def fail(self, error: MusicGenError) -> None:
        """Tell everybody, and whoever comes, that nothing will be made."""
        self._lost = error
        for waiting in self._waiting.values():
            if not waiting.made.done():
                waiting.made.set_exception(error)
