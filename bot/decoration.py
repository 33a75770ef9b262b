"""The card: added to a message once it is drawn, so that nobody waits for it to hear their clip."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol

import discord

from bot.locales import Phrases
from bot.order import Order
from bot.posting import Receipt
from bot.press import Presentation
from bot.retrying import UNREACHABLE
from bot.ui.spoken_key import spoken_key
from musicgen_core.errors import BackendError
from musicgen_core.hearing import Heard
from musicgen_core.requests import Clip
from musicgen_core.storage import ClipRecord, Storage

log = logging.getLogger(__name__)

CARD = "card-"
"""What the names of cards' files begin with."""
PATIENCE = 10.0
"""Seconds that a card waits at most for the music that others wait for."""


class Presenter(Protocol):
    """What draws and listens; Press is one."""

    async def present(self, clip: Clip, *, say: str, title: str | None = None) -> Presentation:
        """Return a clip's card and what was heard."""
        ...


class Decoration:
    """Adds cards, and what was heard, to messages and to the library.

    `quiet` is what waits, for so many seconds at most, until no music is being made: who waits for
    a clip would wait half as long again beside a card.
    """

    def __init__(
        self,
        presenter: Presenter,
        storage: Storage,
        quiet: Callable[[float], Awaitable[None]],
    ) -> None:
        self._presenter, self._storage, self._quiet = presenter, storage, quiet
        self._turn = asyncio.Lock()

    async def add(self, order: Order, receipt: Receipt, records: Sequence[ClipRecord]) -> None:
        """Look at clips that were delivered; what fails is only logged: people have their clip."""
        try:
            presented = [await self._present(order, clip) for clip in receipt.clips]
            for record, each in zip(records, presented, strict=False):
                heard = each.heard
                await self._storage.clips.note_heard(record.id, heard.tempo, heard.key)
            if receipt.message is not None:
                await self._edit(receipt.message, presented, order.say)
        except (*UNREACHABLE, BackendError) as exc:
            log.warning("Job %s has no card: %s", order.job.id, exc)

    async def _present(self, order: Order, clip: Clip) -> Presentation:
        title, until = order.job.title or order.say("result.unconditional"), monotonic() + PATIENCE
        async with self._turn:  # while one is drawn somebody may ask for music
            await self._quiet(max(0.0, until - monotonic()))
            return await self._presenter.present(clip, say=order.say.locale, title=title)

    async def _edit(
        self, message: discord.Message, presented: Sequence[Presentation], say: Phrases
    ) -> None:
        cards = [
            discord.File(io.BytesIO(each.card), f"{CARD}{n}.png", description=each.alt_text)
            for n, each in enumerate(presented, 1)
            if each.card is not None
        ]
        lines = heard_lines([each.heard for each in presented], say)
        content = "\n".join([message.content, *(f"-# {line}" for line in lines)])
        await message.edit(content=content, attachments=[*message.attachments, *cards])


def heard_lines(heard: Sequence[Heard], say: Phrases) -> list[str]:
    """Return a line for each take of which something was heard; several name their takes."""
    found = [(take, heard_line(each, say)) for take, each in enumerate(heard, 1)]
    if len(found) == 1:
        return [line for _, line in found if line]
    return [say("result.of_take", number=take, line=line) for take, line in found if line]


def has_card(message: discord.Message) -> bool:
    """Tell whether a message was decorated already."""
    return any(attachment.filename.startswith(CARD) for attachment in message.attachments)


def heard_line(heard: Heard, say: Phrases) -> str:
    """Return what was heard of a clip, on one line; empty: nothing certain."""
    parts = [
        say("choice.tempo", value=f"{heard.tempo:.0f}") if heard.tempo else "",
        say("choice.key", value=spoken_key(heard.key, say)) if heard.key else "",
    ]
    found = " · ".join(part for part in parts if part)
    return say("result.heard", what=found) if found else ""
