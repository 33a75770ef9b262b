"""Reading the settings anew while the bot runs: what is applied, and what waits for a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.settings import KEYS, Settings

APPLIED = frozenset(
    {
        "default_seconds",
        "max_seconds",
        "max_prompt_chars",
        "waiting_per_person",
        "waiting_per_server",
        "clips_an_hour",
        "keep_days",
        "clip_format",
        "stop_seconds",
        "log_level",
    }
)
"""Keys that are looked at anew each time; the others shaped what was built at the start."""


@dataclass(frozen=True, slots=True)
class Reread:
    """The names of the settings that now differ from those in force before."""

    applied: tuple[str, ...]
    waiting: tuple[str, ...]
    """For a restart."""


class Rereading:
    """Holds the settings in force; `apply` puts new ones where they are held otherwise."""

    def __init__(self, settings: Settings, apply: Callable[[Settings], None]) -> None:
        self._settings, self._apply = settings, apply

    async def read(self) -> Reread:
        """Read the files again and apply what can be applied.

        Raises:
            SettingsInvalid: something in them cannot be used; nothing is changed then.
        """
        found = await asyncio.to_thread(self._settings.read_again)
        changed = [k for k in KEYS if getattr(found, k) != getattr(self._settings, k)]
        applied = tuple(key for key in changed if key in APPLIED)
        if applied:
            values = {key: getattr(found, key) for key in applied}
            self._settings = self._settings.model_copy(update=values)
            self._apply(self._settings)
        return Reread(applied, tuple(key for key in changed if key not in APPLIED))
