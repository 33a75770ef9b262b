"""The bot as a process that a test starts, waits for, and ends by a signal."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.rehearsal.server import Rehearsal

HERE = Path(__file__).parent
PATIENCE = 60.0


@asynccontextmanager
async def living_bot(
    discord: Rehearsal, folder: Path, stop: signal.Signals, *options: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "mortal_bot.py"), discord.base, discord.gateway.url,
        discord.token, str(folder), *options, stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": f"{HERE.parents[1]}:{HERE.parent}", "PATH": ""},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(stop)
        await asyncio.wait_for(process.wait(), PATIENCE)


async def ready(process: asyncio.subprocess.Process) -> None:
    await said(process, b"ready")


async def going_on(process: asyncio.subprocess.Process) -> None:
    """Wait until the jams of earlier lives go on; after `ready`."""
    await said(process, b"Going on with")


async def said(process: asyncio.subprocess.Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while not (line := await process.stdout.readline()).startswith(words):
            assert line, "it ended before"
