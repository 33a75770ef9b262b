"""What a job's message shows: edited at most once a second, whatever happens to it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from types import TracebackType
from typing import Any, Self

import discord

from bot.retrying import UNREACHABLE
from bot.ui.edit_pace import EditPace
from bot.ui.job_message import Gone, JobMessage

log = logging.getLogger(__name__)


class StatusMessage:
    """Shows the latest text, skipping those in between; goes quiet when the message is deleted.

    As a context manager it edits in the background; `finish` writes the last text.
    """

    def __init__(self, pace: EditPace, interval: float = 1.0) -> None:
        self._pace, self._interval = pace, interval
        self._message: JobMessage | None = None
        self._shown = self._wanted = ""
        self._preview: bytes | None = None
        """What the next edit attaches."""
        self._previewed = False
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        """The latest edit. It is never given up halfway, or it might come after the next one."""
        self._next_edit = 0.0

    @property
    def message(self) -> JobMessage | None:
        """The message, as long as it is known to exist."""
        return self._message

    def attach(self, message: JobMessage, shown: str) -> None:
        """Take over a message that was just posted with the text `shown`."""
        self._message, self._shown, self._wanted = message, shown, shown
        self._next_edit = asyncio.get_running_loop().time() + self._interval

    def show(self, text: str) -> None:
        """Have `text` shown at the next edit."""
        self._wanted = text
        self._changed.set()

    @property
    def previewed(self) -> bool:
        """Whether a preview was given."""
        return self._previewed

    def attach_preview(self, file: bytes) -> None:
        """Have an OGG file shown with the next edit, until the last one."""
        self._preview, self._previewed = file, True
        self._changed.set()

    async def finish(self, text: str) -> None:
        """Show `text` for good, without buttons."""
        await self._stop()
        self._wanted = text
        await self._edit(last=True)

    async def pause(self, text: str) -> None:
        """Show `text` until another process goes on; the buttons stay."""
        await self._stop()
        self._wanted = text
        await self._edit()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow(), name="status")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._writing is not None:
            await self._writing

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            await self._pause()
            self._changed.clear()
            await self._edit()

    async def _pause(self) -> None:
        await asyncio.sleep(self._next_edit - asyncio.get_running_loop().time())

    async def _edit(self, *, last: bool = False) -> None:
        """Edit what is shown, unless it is shown already."""
        same = self._wanted == self._shown and self._preview is None
        if self._message is None or not self._message.is_status or (same and not last):
            return
        await self._pause()
        async with self._pace.turn(self._message.place, urgent=last):
            self._writing = asyncio.create_task(self._write(self._message, last=last))
            await asyncio.shield(self._writing)

    async def _write(self, message: JobMessage, *, last: bool) -> None:
        text = self._wanted
        try:
            if last:
                gone: dict[str, Any] = {"attachments": []} if self._previewed else {}
                await message.edit(content=text, view=None, **gone)
            else:
                await message.edit(content=text, **self._taken_preview())
            self._shown = text
        except (discord.NotFound, Gone):
            self._message = None
        except UNREACHABLE as exc:
            log.warning("The status %s could not be edited: %r", message.id, exc)
        finally:
            self._next_edit = asyncio.get_running_loop().time() + self._interval

    def _taken_preview(self) -> dict[str, Any]:
        """Return what an edit says to attach the preview, which is tried once."""
        file, self._preview = self._preview, None
        if file is None:
            return {}
        return {"attachments": [discord.File(io.BytesIO(file), "preview.ogg")]}
