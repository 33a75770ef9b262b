"""Run the bot in an embedded Discord on 127.0.0.1, with a room in the browser."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.failure import CommandFailed
from bot.cli.options import add_model_options, settings_from
from bot.cli.serving import configure_logging, serve, set_aside

if TYPE_CHECKING:
    from bot.cli.jam_demo import JamDemo
    from bot.cli.once import Wish
    from bot.rehearsal.server import Rehearsal
    from bot.settings import Settings

FOLDER = Path("rehearsals")
DEFAULT_PORT = 8765
DEMO_SECONDS = 5.0
"""Of a part of the demo's jam."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--port",
        type=int,
        help=f"of the room (default: {DEFAULT_PORT}; without a browser any free one)",
    )
    add_model_options(parser)
    once = parser.add_argument_group("without a browser")
    once.add_argument("--once", metavar="PROMPT", help="ask for one clip, save it, and end")
    once.add_argument("--seconds", type=float, help="new seconds")
    once.add_argument("--clip", type=Path, metavar="FILE", help="audio to continue")
    once.add_argument("--out", type=Path, default=FOLDER, help=f"file or folder ({FOLDER}/)")
    once.add_argument(
        "--demo", choices=["jam"], help="let three people play a jam, save its mix and its tree"
    )
    once.add_argument("--timeout", type=float, default=900.0, help="seconds to wait for the end")


def run(args: argparse.Namespace) -> int:
    """Keep the room open until stopped; with --once or --demo, print what was saved and end."""
    settings = settings_from(args, "rehearsal")
    configure_logging(settings.log_level)
    print("Loading the model…", file=sys.stderr, flush=True)
    if args.demo is not None:
        seconds = DEMO_SECONDS if args.seconds is None else args.seconds
        demo = asyncio.run(_demo(settings, args.port or 0, seconds, args.timeout))
        print(*demo.save(args.out), sep="\n")
    elif args.once is None:
        serve(_keep_open(settings, DEFAULT_PORT if args.port is None else args.port))
    else:
        from bot.cli.once import save

        wish = _wish(args)
        clip = asyncio.run(_once(settings, args.port or 0, wish, args.timeout))
        print(save(*clip, wish.out))
    return 0


def _wish(args: argparse.Namespace) -> Wish:
    from bot.cli.once import Wish

    try:
        clip = (args.clip.name, args.clip.read_bytes()) if args.clip else None
    except OSError as exc:
        raise CommandFailed(f"{args.clip} cannot be read: {exc.strerror}.") from exc
    return Wish(prompt=args.once, seconds=args.seconds, clip=clip, out=args.out)


async def _keep_open(settings: Settings, port: int) -> None:
    async with _stage(settings, port) as (discord_, connection):
        print(f"The room is open: {discord_.room_url}  (Ctrl+C closes it)", flush=True)
        await connection


async def _once(settings: Settings, port: int, wish: Wish, patience: float) -> tuple[str, bytes]:
    from bot.cli.once import fulfil

    async with _stage(settings, port) as (discord_, _connection):
        return await fulfil(discord_, wish, patience)


async def _demo(settings: Settings, port: int, seconds: float, patience: float) -> JamDemo:
    from bot.cli.jam_demo import perform

    async with _stage(settings, port) as (discord_, _connection):
        return await perform(discord_, seconds, patience)


@asynccontextmanager
async def _stage(
    settings: Settings, port: int
) -> AsyncIterator[tuple[Rehearsal, asyncio.Task[None]]]:
    """Open the embedded Discord and let the real bot log in there; no real token is touched."""
    from bot.app import application, online
    from bot.rehearsal.server import Rehearsal

    try:
        rehearsal = await Rehearsal(port=port).__aenter__()
    except OSError as exc:
        raise CommandFailed(f"Port {port} cannot be used: {exc.strerror}.") from exc
    try:
        with rehearsal.attach():
            async with (
                application(settings) as bot,
                online(bot, rehearsal.token) as connection,
            ):
                set_aside()
                yield rehearsal, connection
    finally:
        await rehearsal.__aexit__(None, None, None)
