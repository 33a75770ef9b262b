"""A workbench for tests, without a process: what it does is done in a thread of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class QuietBench:
    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def do(self, work: Callable[..., T], *args: Any) -> T:
        async with self._turn:  # as a process does one thing at a time
            return await asyncio.to_thread(work, *args)
