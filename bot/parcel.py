"""A parcel: a job's clips as files that Discord takes, in one format for all of them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.clip_names import clip_name
from musicgen_core.requests import Clip

FORMATS = ("WAV", "FLAC", "OGG", "MP3")
"""From the largest to the smallest."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files with their names."""

    file_format: str
    files: tuple[tuple[str, bytes], ...]

    @property
    def largest(self) -> int:
        """Bytes of the largest file."""
        return max(len(data) for _, data in self.files)

    def attachments(self) -> list[discord.File]:
        """Return fresh files: one is used up by a try to send it."""
        return [discord.File(io.BytesIO(data), filename=name) for name, data in self.files]


async def pack(clips: Sequence[Clip], preferred: str, limit: int) -> Parcel | None:
    """Encode clips outside the event loop, each to at most `limit` bytes; None: one is too large.

    All are in the format of the clip that is hardest to make small enough.
    """
    found = [await asyncio.to_thread(clip.encode_within, limit, preferred) for clip in clips]
    fitting = [each for each in found if each is not None]
    if len(fitting) < len(found):
        return None
    formats = {file_format for file_format, _ in fitting}
    if len(formats) > 1:
        return await pack(clips, max(formats, key=FORMATS.index), limit)
    (file_format,) = formats
    several = len(clips) > 1
    names = [
        clip_name(c.provenance.prompt, c.provenance.seed, file_format, take if several else None)
        for take, c in enumerate(clips, 1)
    ]
    return Parcel(file_format, tuple(zip(names, (data for _, data in fitting), strict=True)))
