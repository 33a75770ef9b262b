"""A workbench for tests, without a process: what it does is done in a thread of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class QuietBench:
    async def do(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(work, *args)
