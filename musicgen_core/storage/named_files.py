"""Which files the database names, and the only way in which files are removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage.clip_files import ClipFiles
from musicgen_core.storage.database import Database
from musicgen_core.storage.rows import OPEN
from musicgen_core.storage.tables import clips, jam_files, jobs
from musicgen_core.storage.undisturbed import undisturbed

AT_ONCE = 100
"""Files removed in one transaction: others wait for it to write."""


class NamedFiles:
    """Keeps the files and the rows that name them together.

    Rows that name files are written, and files removed, only in transactions that exclude each
    other (`Database.writing(files=True)`), so no file is removed while somebody begins to name it.
    """

    def __init__(self, database: Database, files: ClipFiles) -> None:
        self._database, self._files = database, files

    async def require(self, names: Iterable[str]) -> None:
        """Make sure, inside such a transaction, that the files about to be named are there.

        Raises:
            StorageUnavailable: one is not; the transaction must not be committed.
        """
        for name in names:
            if not await self._files.exists(name):
                raise StorageUnavailable(f"The clip's file {name} is gone; make the clip again.")

    async def remove_unnamed(self, names: Sequence[str]) -> list[str]:
        """Remove those files that the database does not name, and return their names.

        Raises:
            StorageUnavailable: the database or the folder cannot be used.
        """
        removed: list[str] = []
        for start in range(0, len(names), AT_ONCE):
            removed += await self._remove(names[start : start + AT_ONCE])
        return removed

    @undisturbed
    async def _remove(self, names: Sequence[str]) -> list[str]:
        async with self._database.writing(files=True) as connection:
            named = await _named(connection, names)
            unnamed = [name for name in names if name not in named]
            return [name for name in unnamed if await self._files.remove(name)]


async def _named(connection: AsyncConnection, names: Sequence[str]) -> set[str]:
    """Return those names that a living clip, a job that has not ended, or a jam still needs."""
    continued = exists().where(jobs.c.parent_id == clips.c.id, jobs.c.status.in_(OPEN))
    of_clips = select(clips.c.file).where(
        clips.c.file.in_(names), or_(clips.c.deleted.is_(None), continued)
    )
    of_jobs = select(jobs.c.audio_file).where(jobs.c.audio_file.in_(names), jobs.c.status.in_(OPEN))
    of_jams = select(jam_files.c.file).where(jam_files.c.file.in_(names))
    return set(await connection.scalars(union(of_clips, of_jobs, of_jams)))
