"""A scripted jam of three people in the embedded Discord: turns, votes, undo, fork, finish."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.cli.failure import CommandFailed
from bot.cli.once import download, save

if TYPE_CHECKING:
    from bot.rehearsal.people import Person
    from bot.rehearsal.server import Rehearsal

Message = Mapping[str, Any]

PEOPLE = "Ada", "小林", "Grace"
TITLE, PROMPT = "Rain over the harbor", "lo-fi piano with soft drums"
TURNS = (
    (0, "begin quietly", 2), (1, "now with strings", 1), (2, "answer my hum", 3),
    (0, "everything louder", 1),
)  # fmt: skip
"""Who plays, where to, and which take the others vote for."""
HUMMED_TURN = 3


@dataclass(frozen=True, slots=True)
class JamDemo:
    """What the demo leaves: files with their names."""

    mix: tuple[str, bytes]
    tree: tuple[str, bytes]

    def save(self, out: Path) -> list[Path]:
        """Write both into a folder; return their paths.

        Raises:
            CommandFailed: they cannot be written.
        """
        return [save(*self.mix, out), save(*self.tree, out)]


async def perform(discord_: Rehearsal, seconds: float, patience: float) -> JamDemo:
    """Play the script, with parts of so many seconds; return what came of it.

    Raises:
        CommandFailed: the bot did not do in `patience` seconds what the script waits for.
    """
    try:
        async with asyncio.timeout(patience):
            return await Script(discord_, patience).play(seconds)
    except TimeoutError as exc:
        raise CommandFailed(f"The jam was not over within {patience:g} s.") from exc


class Script:
    """The people and what they do, in order."""

    def __init__(self, discord_: Rehearsal, patience: float) -> None:
        self._discord, self._patience = discord_, patience
        self._people = [discord_.person(name) for name in PEOPLE]
        self._place = ""

    async def play(self, seconds: float) -> JamDemo:
        """Play it; return the mix and the tree's picture."""
        ada, lin, grace = self._people
        options = {"title": TITLE, "prompt": PROMPT, "seconds_per_turn": seconds}
        await ada.slash("jam start", options)
        board = await self._wait(lambda m: button(m, "join"), anywhere=True)
        self._place = board["channel_id"]
        for person in (lin, grace):
            await person.press(board["id"], button(board, "join"))
            await self._said(f"<@{person.id}> joins in.")
        for number, (player, direction, choice) in enumerate(TURNS, start=1):
            await self._turn(number, self._people[player], direction, choice)
        await self._press(ada, "undo", len(TURNS))
        await self._said(f"Part {len(TURNS)} is taken back")
        await self._fork(grace, "2")
        shown = await ada.slash("jam tree", channel=self._place)
        tree = await self._wait(lambda m: m["attachments"] and m["id"] == _id(shown.original))
        await self._press(ada, "finish")
        mix = await self._wait(lambda m: button(m, "like"))
        return JamDemo(await _file(mix), await _file(tree))

    async def _turn(self, number: int, player: Person, direction: str, choice: int) -> None:
        board = await self._wait(lambda m: f":{number}:0" in button(m, "play"))
        form = await player.press(board["id"], button(board, "play"))
        if form.modal is None:
            raise CommandFailed(f"Turn {number} cannot be played: {_text(form.original)}")
        hum = {"clip": [("hum.wav", hummed())], "splice": True} if number == HUMMED_TURN else {}
        await player.submit(form, {"direction": direction, **hum})
        vote = await self._wait(lambda m: f":{number}:{choice}" in button(m, "take", choice))
        for person in self._people:
            await person.press(vote["id"], button(vote, "take", choice))
        await self._said(f"up to part {number}:")

    async def _fork(self, who: Person, part: str) -> None:
        form = await self._press(who, "fork")
        await who.submit(form, {"title": "Snow over the harbor", "part": part})
        await self._said(f"begins a new jam from part {part}")

    async def _press(self, who: Person, action: str, choice: int | None = None) -> Any:
        board = await self._wait(lambda m: button(m, action, choice))
        return await who.press(board["id"], button(board, action, choice))

    async def _said(self, text: str) -> None:
        await self._wait(lambda m: text in m["content"])

    async def _wait(self, fits: Callable[[Message], object], *, anywhere: bool = False) -> Message:
        return await self._discord.wait_for_message(
            lambda m: bool((anywhere or m["channel_id"] == self._place) and fits(m)),
            self._patience,
        )


def button(message: Message, action: str, choice: int | None = None) -> str:
    """Return the id of a message's button of a jam; empty: it has none."""
    for row in message.get("components") or ():
        for part in row.get("components", ()):
            name = str(part.get("custom_id", ""))
            fits = choice is None or name.endswith(f":{choice}")
            if name.startswith(f"mindjam:jam:{action}:") and fits:
                return name
    return ""


def hummed() -> bytes:
    """Return two seconds of somebody humming, as a WAV file."""
    rate = 16_000
    at = np.arange(2 * rate) / rate
    pitch = 220 * 2 ** (np.floor(at * 2) / 6)
    hum = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / rate) * np.hanning(len(at))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((hum * 32_767).astype("<i2").tobytes())
    return file.getvalue()


async def _file(message: Message) -> tuple[str, bytes]:
    attachment = message["attachments"][0]
    return attachment["filename"], await download(attachment["url"])


def _id(message: Message | None) -> str | None:
    return None if message is None else message["id"]


def _text(message: Message | None) -> str:
    return "no answer" if message is None else str(message["content"])
