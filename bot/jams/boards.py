"""Boards: one message a jam, edited at most once a second and never far up."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.incident import log_incident
from bot.jams.rooms import Rooms
from bot.locales import Phrases
from bot.retrying import UNREACHABLE, nonce, persistently
from bot.ui.jam_board import BARS, draw_track, track_picture
from bot.ui.jam_buttons import board_view
from bot.ui.jam_words import alt_text, board_text
from musicgen_core.errors import MusicGenError
from musicgen_core.jams import Jam
from musicgen_core.jams.due import BOARD
from musicgen_core.studio import Bench, Studio

log = logging.getLogger(__name__)

UNKNOWN_MESSAGE = 10008
MOST_PUSHED = 15
"""Messages below a board, before it moves to the bottom."""
Posted = Callable[[Jam, str, int], Awaitable[None]]
Trouble = Callable[[Jam, Exception], Awaitable[None]]


@dataclass(slots=True)
class _Shown:
    """What a jam's board shows."""

    jam: Jam
    message: int | None
    text: str = ""
    buttons: str = ""
    picture: object = None
    pushed: int = 0


class Boards:
    """Keeps boards; of several changes in a second only the last is shown.

    Args:
        rooms: where boards are.
        studio: what the track looks like.
        bench: where pictures are drawn.
        posted: called with a board's new message.
        trouble: called with what Discord said when it took no board.
        interval: seconds between two edits of a board.
    """

    def __init__(
        self,
        rooms: Rooms,
        studio: Studio,
        bench: Bench,
        posted: Posted,
        trouble: Trouble,
        interval: float = 1.0,
    ) -> None:
        self._rooms, self._studio, self._bench = rooms, studio, bench
        self._posted, self._trouble, self._interval = posted, trouble, interval
        self._shown: dict[str, _Shown] = {}
        self._wanted: dict[str, Jam] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def show(self, jam: Jam) -> None:
        """Show a jam as it is now, soon."""
        self._wanted[jam.id] = jam
        if jam.id not in self._tasks:
            self._tasks[jam.id] = asyncio.create_task(self._keep(jam.id), name=f"board {jam.id}")

    def written(self, place: int, message: int) -> None:
        """Count a message that somebody wrote below a board."""
        for shown in self._shown.values():
            if shown.jam.place == place and shown.message and message > shown.message:
                shown.pushed += 1
                if shown.pushed > MOST_PUSHED and not shown.jam.phase.ended:
                    self.show(self._wanted.get(shown.jam.id, shown.jam))

    async def recount(self, jam: Jam) -> None:
        """Count what was written below a board while nobody looked."""
        board = jam.post(BOARD)
        if board is None:
            return
        shown = self._shown.setdefault(jam.id, _Shown(jam, board))
        with contextlib.suppress(*UNREACHABLE):  # without that permission it stays where it is
            below = self._rooms.channel(jam).history(
                after=discord.Object(board), limit=MOST_PUSHED + 1
            )
            shown.pushed = len([message async for message in below])

    async def close(self) -> None:
        """Stop; what boards show then is shown anew after the next start."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _keep(self, jam_id: str) -> None:
        try:
            while (jam := self._wanted.pop(jam_id, None)) is not None:
                await self._show_now(jam)
                await asyncio.sleep(self._interval)
        finally:
            del self._tasks[jam_id]

    async def _show_now(self, jam: Jam) -> None:
        shown = self._shown.setdefault(jam.id, _Shown(jam, jam.post(BOARD)))
        shown.jam = jam
        try:
            await self._draw(shown)
        except UNREACHABLE as exc:
            log.warning("The board of jam %s is not shown: %s", jam.id, exc)
            await self._trouble(jam, exc)
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            log_incident(f"The board of jam {jam.id} could not be drawn", exc)
        if jam.phase.ended and jam.id not in self._wanted:
            del self._shown[jam.id]

    async def _draw(self, shown: _Shown) -> None:
        jam, say = shown.jam, await self._rooms.say(shown.jam)
        text, view = board_text(jam, say), board_view(jam, say)
        buttons = str(view.to_components())
        # Players too: of somebody whose data were deleted, the picture must not show the name.
        takes = [(take.number, take.player) for take in jam.takes]
        picture = takes, jam.head, say.locale
        moved = shown.pushed > MOST_PUSHED
        known = shown.text, shown.buttons, shown.picture
        if not moved and shown.message and known == (text, buttons, picture):
            return
        options: dict[str, Any] = {}
        if not moved and picture != shown.picture and shown.message:
            options = {"attachments": await self._picture(jam, say)}
        if moved or not await self._edited(shown, text, view, options):
            await self._post(shown, text, view, await self._picture(jam, say))
        shown.text, shown.buttons, shown.picture = text, buttons, picture

    async def _edited(
        self, shown: _Shown, text: str, view: discord.ui.View, options: dict[str, Any]
    ) -> bool:
        """Edit the message there is; False: there is none."""
        if not shown.message:
            return False
        board = self._rooms.channel(shown.jam).get_partial_message(shown.message)
        none = discord.AllowedMentions.none()
        try:
            await board.edit(content=text, view=view, allowed_mentions=none, **options)
        except discord.NotFound as exc:
            if exc.code != UNKNOWN_MESSAGE:
                raise
            return False
        return True

    async def _post(
        self, shown: _Shown, text: str, view: discord.ui.View, picture: list[discord.File]
    ) -> None:
        """Take the old board away and post it anew.

        In this order, for the process may be killed between any two requests: a board that is gone
        is posted again, by the same nonce, but of a second one nobody would know.
        """
        channel, old = self._rooms.channel(shown.jam), shown.message
        if old is not None:
            with contextlib.suppress(*UNREACHABLE):  # it may be gone already
                await channel.get_partial_message(old).delete()
        files = [(file.filename, file.fp.read(), file.description) for file in picture]
        sent = await persistently(
            lambda: channel.send(
                text,
                view=view,
                files=[discord.File(io.BytesIO(data), name, description=about)
                       for name, data, about in files],
                nonce=nonce(shown.jam.id, BOARD, old),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        )  # fmt: skip
        shown.message, shown.pushed = sent.id, 0
        await self._posted(shown.jam, BOARD, sent.id)

    async def _picture(self, jam: Jam, say: Phrases) -> list[discord.File]:
        """Return the picture of the track; a board without one is still a board."""
        try:
            return [await track_file(self._rooms, self._studio, self._bench, jam, say)]
        except MusicGenError as exc:
            log.warning("Jam %s has no picture: %s", jam.id, exc)
            return []


async def track_file(
    rooms: Rooms, studio: Studio, bench: Bench, jam: Jam, say: Phrases
) -> discord.File:
    """Return a jam's track as a picture.

    Raises:
        MusicGenError: it cannot be drawn.
    """
    names = await rooms.names(jam, say)
    picture = track_picture(jam, await studio.outline(jam, BARS), names, say)
    data = await bench.do(draw_track, picture)
    about = alt_text(jam, names, say)
    return discord.File(io.BytesIO(data), "jam.png", description=about)
