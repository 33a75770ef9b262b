"""How much is kept, and how much room is left for more."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from musicgen_core.storage.clip_files import ClipFiles
from musicgen_core.storage.database import Database
from musicgen_core.storage.tables import clips
from musicgen_core.storage.undisturbed import undisturbed


@dataclass(frozen=True, slots=True)
class Holdings:
    """The clips that are there, their bytes, and the bytes that are free on their disk."""

    clips: int
    bytes: int
    free_bytes: int


class Inventory:
    """Counts the library."""

    def __init__(self, database: Database, files: ClipFiles) -> None:
        self._database, self._files = database, files

    @undisturbed
    async def take(self) -> Holdings:
        """Return what there is.

        Raises:
            StorageUnavailable: the database fails.
        """
        query = select(func.count(), func.coalesce(func.sum(clips.c.bytes), 0))
        async with self._database.reading() as connection:
            row = (await connection.execute(query.where(clips.c.deleted.is_(None)))).one()
        free = await asyncio.to_thread(free_bytes, self._files.folder)
        return Holdings(row[0], int(row[1]), free)


def free_bytes(folder: Path) -> int:
    """Return the room on a folder's disk, also of a folder that is yet to be created."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
