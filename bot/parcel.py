"""A parcel: a job's clips as files that Discord takes, in one format for all of them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import discord

from bot.clip_names import clip_name
from musicgen_core.requests import Clip

FORMATS = ("WAV", "FLAC", "OGG", "MP3")
"""From the best to the smallest."""


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


def formats_from(preferred: str) -> Iterator[str]:
    """Iterate over the formats to try: the preferred one, then what is smaller."""
    yield preferred
    yield from FORMATS[FORMATS.index(preferred) + 1 :]


async def pack(clips: Sequence[Clip], file_format: str) -> Parcel:
    """Encode clips, outside the event loop."""
    files = [
        (
            clip_name(clip.provenance.prompt, clip.provenance.seed, file_format),
            await asyncio.to_thread(clip.encode, file_format),
        )
        for clip in clips
    ]
    return Parcel(file_format, tuple(files))
