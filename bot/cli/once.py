"""One person, one /compose, one clip on disk: a rehearsal without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from rich.markup import escape

from bot.cli.failure import CommandFailed
from bot.ui.status import FAILED_MARK

if TYPE_CHECKING:
    from bot.rehearsal.server import Rehearsal

PERSON, CHANNEL = "Ada", "studio"
EPHEMERAL, THINKING = 64, 128


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, and where the clip goes: a file, or a folder."""

    prompt: str
    seconds: float | None
    clip: tuple[str, bytes] | None
    out: Path

    def options(self) -> dict[str, Any]:
        """Return the command's options that were given."""
        options = {"prompt": self.prompt, "duration": self.seconds, "clip": self.clip}
        return {name: value for name, value in options.items() if value not in (None, "")}


async def fulfil(discord_: Rehearsal, wish: Wish, patience: float) -> tuple[str, bytes]:
    """Type /compose in the room, wait for the bot's file; return its name and bytes.

    Raises:
        CommandFailed: the bot refused, failed, or took longer than `patience` seconds.
    """
    try:
        async with asyncio.timeout(patience):
            attachment = (await _ask(discord_, wish, patience))["attachments"][0]
            return attachment["filename"], await download(attachment["url"])
    except TimeoutError as exc:
        raise CommandFailed(f"The bot posted no clip within {patience:g} s.") from exc


async def _ask(discord_: Rehearsal, wish: Wish, patience: float) -> Mapping[str, Any]:
    from bot.rehearsal.refusals import Declined

    try:
        person = discord_.person(PERSON)
        handle = await person.slash("compose", channel=CHANNEL, **wish.options())
    except Declined as exc:
        raise CommandFailed(str(exc)) from exc
    if handle.error:
        raise CommandFailed(f"{handle.error}.")
    with _shown_progress() as show:
        message = await discord_.wait_for_message(lambda m: show(m) or _is_an_end(m), patience)
    if not message["attachments"]:
        raise CommandFailed(_reason(message["content"]))
    return message


@contextmanager
def _shown_progress() -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Yield what shows the bot's status on stderr, where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda message: None
        return
    with console.status("waiting for the bot") as line:

        def show(message: Mapping[str, Any]) -> None:
            if message["author"].get("bot") and len(lines := message["content"].splitlines()) > 1:
                line.update(escape(lines[1].replace("`", "")))

        yield show


def _is_an_end(message: Mapping[str, Any]) -> bool:
    """Tell a clip, a refusal or an apology from everything that is said on the way."""
    if not message["author"].get("bot"):
        return False
    refused = message["flags"] & EPHEMERAL and not message["flags"] & THINKING
    failed = FAILED_MARK in message["content"]
    return bool(message["attachments"] or (refused and message["content"]) or failed)


def _reason(content: str) -> str:
    lines = [line for line in content.splitlines() if FAILED_MARK in line] or [content]
    return lines[0].replace(FAILED_MARK, "").strip()


async def download(url: str) -> bytes:
    """Return the bytes of a file that the bot posted."""
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.get(url) as response,
    ):
        return await response.read()


def save(name: str, data: bytes, out: Path) -> Path:
    """Write a clip to `out`, or under its own name into the folder `out`; return the path.

    Raises:
        CommandFailed: it cannot be written.
    """
    path = out / Path(name).name if out.is_dir() or not out.suffix else out
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as exc:
        raise CommandFailed(f"{path} cannot be written: {exc.strerror}.") from exc
    return path
