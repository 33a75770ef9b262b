"""Clips as files: a name in the folder is a whole file, at any moment."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiofiles
import aiofiles.os

from musicgen_core.errors import InvalidRequest, StorageUnavailable
from musicgen_core.storage.records import StoredFile

# Only such names are ever written, read or removed: the rest of the folder is somebody else's.
OURS = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}(\.part)?")
PART = ".part"
MARKER = "mindjam.id"


class ClipFiles:
    """A folder of clips and attached audio.

    A file is written under a temporary name, synced, and renamed; then the folder is synced.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marker = folder / MARKER
        """The file whose words tell whose folder it is."""

    async def open(self) -> None:
        """Create the folder.

        Raises:
            StorageUnavailable: it cannot be created or written.
        """
        with self._explained():
            await aiofiles.os.makedirs(self.folder, exist_ok=True)
            if not await asyncio.to_thread(os.access, self.folder, os.W_OK | os.X_OK):
                raise PermissionError("it is not writable")

    async def write(self, data: bytes, suffix: str) -> StoredFile:
        """Store the bytes under a new name that ends in `.suffix`; synced when this returns.

        Raises:
            StorageUnavailable: the disk does not take it; nothing is left of it.
        """
        name = f"{uuid.uuid4().hex}.{suffix.lower()}"
        if not OURS.fullmatch(name) or name.endswith(PART):
            raise ValueError(f"{suffix!r} is no file's suffix")
        await self._put(name, data, name + PART)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        return StoredFile(name, digest, len(data))

    async def mark(self) -> str | None:
        """Return what the folder is marked with; None: it has no mark.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        with self._explained():
            try:
                async with aiofiles.open(self.marker, encoding="utf-8", errors="replace") as file:
                    return (await file.read()).strip()
            except FileNotFoundError:
                return None

    async def set_mark(self, text: str) -> None:
        """Mark the folder; synced when this returns.

        Raises:
            StorageUnavailable: the disk does not take it.
        """
        # Two that start at once write it twice; what one of them leaves when killed is an orphan.
        await self._put(MARKER, f"{text}\n".encode(), f"{uuid.uuid4().hex}.id{PART}")

    async def _put(self, name: str, data: bytes, part_name: str) -> None:
        """Write a whole file or nothing, and sync it."""
        path, part = self.folder / name, self.folder / part_name
        with self._explained():
            try:
                async with aiofiles.open(part, "xb") as file:
                    await file.write(data)
                    await file.flush()
                    await asyncio.to_thread(os.fsync, file.fileno())
                await aiofiles.os.rename(part, path)
                await asyncio.to_thread(_sync_folder, self.folder)
            except BaseException:
                # Cancelled or full: without this the part would stay until the next sweep.
                with suppress(OSError):
                    await asyncio.to_thread(part.unlink, missing_ok=True)
                raise

    async def read(self, name: str, sha256: str | None = None) -> bytes:
        """Return a file's bytes, compared with their checksum where one is given.

        Raises:
            InvalidRequest: the file has been deleted.
            StorageUnavailable: it cannot be read, or is not what was written.
        """
        _check(name)
        with self._explained():
            try:
                async with aiofiles.open(self.folder / name, "rb") as file:
                    data = await file.read()
            except FileNotFoundError as exc:
                raise InvalidRequest("This clip has been deleted.") from exc
        if sha256 is not None:
            digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
            if digest != sha256:
                raise StorageUnavailable(f"The clip's file {name} is damaged; restore a backup.")
        return data

    async def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        _check(name)
        return await aiofiles.os.path.isfile(self.folder / name)

    async def remove(self, name: str) -> bool:
        """Remove a file; False: it was gone already.

        Raises:
            StorageUnavailable: it cannot be removed.
        """
        _check(name)
        with self._explained():
            try:
                await aiofiles.os.unlink(self.folder / name)
            except FileNotFoundError:
                return False
        return True

    async def any(self) -> bool:
        """Tell whether there is a whole file of ours, whosever.

        Raises:
            StorageUnavailable: the folder cannot be read.
        """
        return any(not name.endswith(PART) for name in await self.older_than(0))

    async def older_than(self, seconds: float) -> list[str]:
        """Return the names of our files, whole or not, last written that long ago.

        Raises:
            StorageUnavailable: the folder cannot be read.
        """
        with self._explained():
            return await asyncio.to_thread(_older, self.folder, time.time() - seconds)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise StorageUnavailable(
                f"The clips' folder {self.folder} cannot be used: {exc.strerror or exc}; "
                "check its permissions and the room on its disk."
            ) from exc


def _check(name: str) -> None:
    if not OURS.fullmatch(name):
        raise ValueError(f"{name!r} is no clip's file")


def _sync_folder(folder: Path) -> None:
    """Make a new name last: a rename is an entry in the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _older(folder: Path, moment: float) -> list[str]:
    names = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):  # renamed meanwhile
            if OURS.fullmatch(entry.name) and entry.stat().st_mtime <= moment:
                names.append(entry.name)
    return sorted(names)
