"""The bot as a process of its own, to be killed.

    python mortal_bot.py BASE GATEWAY TOKEN FOLDER [--speed 100] [--haste 1]

It says "ready" when it is, and then when the jams of earlier lives go on. With `--haste` a jam
waits so many times shorter for its people.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from functools import partial
from pathlib import Path

from fake_core import FakeCore
from quiet_bench import QuietBench

from bot.app import application, online
from bot.cli.serving import serve
from bot.jams import opening
from bot.rehearsal.server import pointed_at
from bot.settings import load_settings
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.hearing import Heard
from musicgen_core.jams import JamSettings, move, reel

FOR_PEOPLE = "turn", "suggest", "choice", "radio", "fair"
"""Times that a jam gives its people, besides that for a vote, which is a setting of the bot."""


def hear_nothing() -> None:
    """Let parts have no tempo and no key: librosa takes longer to load than this bot lives."""
    reel.hear = lambda samples, rate: Heard()


def hasten(haste: float) -> None:
    """Let new jams wait so many times shorter for their people."""
    names = [f"{name}_seconds" for name in FOR_PEOPLE]
    shorter = {name: getattr(JamSettings(), name) / haste for name in names}
    opening.JamSettings = partial(JamSettings, **shorter)
    move.LEAD_SECONDS /= haste
    move.THINK_SECONDS /= haste


def tell_of_jams() -> None:
    """Print when jams go on."""
    log = logging.getLogger("bot.cogs.jam_events")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler(sys.stdout))


async def live(token: str, folder: Path, speed: float, haste: float) -> None:
    settings = load_settings(
        "rehearsal",
        env_file=None,
        database=f"sqlite:///{folder}/mindjam.db",
        clips=folder / "clips",
        stop_seconds=20,
        jam_vote_seconds=JamSettings().vote_seconds / haste,
    )
    core = FakeCore(frames_per_second=speed)
    executor = InlineExecutor(lambda: core)
    async with (
        application(settings, executor, edit_interval=0.2, bench=QuietBench()) as bot,
        online(bot, token) as connection,
    ):
        await asyncio.wait_for(bot.wait_until_ready(), 60)
        print("ready", flush=True)
        await connection


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("base", "gateway", "token", "folder"):
        parser.add_argument(name)
    parser.add_argument("--speed", type=float, default=100.0)
    parser.add_argument("--haste", type=float, default=1.0)
    given = parser.parse_args()
    hear_nothing()
    hasten(given.haste)
    tell_of_jams()
    with pointed_at(given.base, given.gateway):
        serve(live(given.token, Path(given.folder), given.speed, given.haste))


if __name__ == "__main__":
    main()
