"""Everything of one person as zip files, each of which Discord takes."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
import zipfile
from collections.abc import AsyncIterator
from io import BufferedRandom
from typing import Any

from bot.clip_names import clip_name
from musicgen_core.errors import InvalidRequest, StorageUnavailable
from musicgen_core.requests import Clip
from musicgen_core.storage import Storage

log = logging.getLogger(__name__)

Rows = dict[str, list[dict[str, Any]]]
"""What People.export returns."""
ROWS_NAME = "mindjam.json"
ENTRY_BYTES = 512
"""More than a zip file needs for the names of one entry."""


class Archive:
    """A zip file in a temporary file, which goes when it is closed."""

    def __init__(self, limit: int) -> None:
        self._limit, self._entries = limit, 0
        # Not a context manager here: the sender reads it after it has been made.
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        self._zip = zipfile.ZipFile(self.file, "w")

    @property
    def room(self) -> int:
        """Bytes that one more entry may have."""
        return self._limit - self.file.tell() - ENTRY_BYTES * (self._entries + 2)

    def add(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """Add an entry; audio is hardly smaller when packed."""
        method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        self._zip.writestr(name, data, compress_type=method)
        self._entries += 1

    def finish(self) -> BufferedRandom:
        """Return the whole file, at its beginning."""
        self._zip.close()
        self.file.seek(0)
        return self.file

    def close(self) -> None:
        """Let the file go."""
        self.file.close()


class Export:
    """All rows as JSON, all clips as WAV; a clip that is too large as what is smaller.

    Args:
        storage: where it is read.
        rows: what People.export returned.
        limit: bytes that one file may have.
    """

    def __init__(self, storage: Storage, rows: Rows, limit: int) -> None:
        self._storage, self._rows, self._limit = storage, rows, limit
        self.smaller: set[str] = set()
        """Formats that clips were sent in because the WAV was too large."""
        self.missing = 0
        """Clips that could not be read, or are too large in every format."""
        self.sent = 0

    async def files(self) -> AsyncIterator[BufferedRandom]:
        """Yield one zip file after the other; each is gone when the next is asked for."""
        archive = await asyncio.to_thread(Archive, self._limit)
        try:
            rows = await asyncio.to_thread(_json, self._rows)
            await asyncio.to_thread(archive.add, ROWS_NAME, rows, packed=True)
            for row in self._rows["clips"]:
                if row["deleted"] is not None or (entry := await self._entry(row)) is None:
                    continue
                if len(entry[1]) > archive.room:
                    yield await asyncio.to_thread(archive.finish)
                    archive.close()
                    archive = await asyncio.to_thread(Archive, self._limit)
                await asyncio.to_thread(archive.add, *entry)
                self.sent += 1
            yield await asyncio.to_thread(archive.finish)
        finally:
            archive.close()

    async def _entry(self, row: dict[str, Any]) -> tuple[str, bytes] | None:
        """Return a clip's name and bytes in the best format that fits into a file; or count it."""
        most = self._limit - 3 * ENTRY_BYTES
        try:
            wav = await self._storage.files.read(row["file"], row["sha256"])
            if found := await asyncio.to_thread(_within, most, wav):
                file_format, data = found
                self.smaller |= {file_format} - {"WAV"}
                return f"clips/{clip_name(row['title'], row['id'], file_format)}", data
        except (InvalidRequest, StorageUnavailable) as exc:
            log.warning("Clip %s is missing from an export: %s", row["id"], exc)
        self.missing += 1
        return None


def _within(limit: int, wav: bytes) -> tuple[str, bytes] | None:
    """Return a clip's file as it is stored, else in the best format that fits."""
    return ("WAV", wav) if len(wav) <= limit else Clip.read(wav).encode_within(limit, "FLAC")


def _json(rows: Rows) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
