"""The bot as a process of its own, to be killed: python mortal_bot.py BASE GATEWAY TOKEN FOLDER."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fake_core import FakeCore
from quiet_bench import QuietBench

from bot.app import application, online
from bot.cli.serving import serve
from bot.rehearsal.server import pointed_at
from bot.settings import load_settings
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.hearing import Heard
from musicgen_core.jams import reel


def hear_nothing() -> None:
    """Let parts have no tempo and no key: librosa takes longer to load than this bot lives."""
    reel.hear = lambda samples, rate: Heard()


async def live(token: str, folder: Path) -> None:
    settings = load_settings(
        "rehearsal",
        env_file=None,
        database=f"sqlite:///{folder}/mindjam.db",
        clips=folder / "clips",
        stop_seconds=20,
    )
    core = FakeCore(frames_per_second=100)
    executor = InlineExecutor(lambda: core)
    async with (
        application(settings, executor, edit_interval=0.2, bench=QuietBench()) as bot,
        online(bot, token) as connection,
    ):
        await asyncio.wait_for(bot.wait_until_ready(), 60)
        print("ready", flush=True)
        await connection


if __name__ == "__main__":
    base, gateway, token, folder = sys.argv[1:]
    hear_nothing()
    with pointed_at(base, gateway):
        serve(live(token, Path(folder)))
