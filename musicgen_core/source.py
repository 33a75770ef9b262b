"""What a job continues: a file that somebody attached, or a clip that was made before."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

from musicgen_core.errors import InvalidRequest
from musicgen_core.requests import AudioPrompt, Clip
from musicgen_core.service import MusicService
from musicgen_core.storage import ClipRecord, NewJob, Storage


class Source:
    """Fetches and decodes it."""

    def __init__(self, service: MusicService, storage: Storage) -> None:
        self._service, self._storage = service, storage

    async def of(self, job: NewJob, audio: bytes | None) -> AudioPrompt | None:
        """Return what is continued; None: nothing.

        Raises:
            InvalidRequest: the file is no audio, or the parent has been deleted.
            StorageUnavailable: the parent cannot be read.
        """
        if audio is not None:
            return await self._service.read_audio(audio, job.from_second)
        if job.parent_id is None:
            return None
        parent = await self._storage.clips.get(job.parent_id)
        if parent is None:
            raise InvalidRequest("This clip has been deleted.")
        data = await self.wav(parent)
        # Our own file: the sandbox, with its limits for people's files, is not needed.
        heard = await asyncio.to_thread(lambda: AudioPrompt.read(io.BytesIO(data)))
        return replace(heard, clip=parent.id)

    async def clip(self, record: ClipRecord) -> Clip:
        """Return a clip as it was made, in 16 bits.

        Raises:
            InvalidRequest: it has been deleted.
            StorageUnavailable: it cannot be read.
        """
        data = await self.wav(record)
        return await asyncio.to_thread(lambda: Clip.read(data))

    async def wav(self, clip: ClipRecord) -> bytes:
        """Return a clip's file.

        Raises:
            InvalidRequest: it has been deleted.
            StorageUnavailable: it cannot be read.
        """
        if clip.deleted is not None:
            raise InvalidRequest("This clip has been deleted.")
        return await self._storage.files.read(clip.file, clip.sha256)
