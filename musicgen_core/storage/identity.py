"""Which clips' folder belongs to which database: both know the same id."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, insert, select

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage.address import describe
from musicgen_core.storage.clip_files import ClipFiles
from musicgen_core.storage.database import Database
from musicgen_core.storage.tables import identity, jobs
from musicgen_core.storage.undisturbed import undisturbed


class Identity:
    """Ties a folder to its database by a file in the folder, which holds the database's id.

    A new database beside an old folder names none of its files: untied, a sweep would remove all.
    """

    def __init__(self, database: Database, files: ClipFiles) -> None:
        self._database, self._files = database, files

    async def tie(self) -> None:
        """Make sure that the two belong together; what is new is tied, so is an empty mark.

        Raises:
            StorageUnavailable: they do not; the text says how to say that they do.
        """
        known, used = await self._known()
        mark = await self._files.mark()
        if mark == known:
            return
        if mark:
            raise self._strange("belongs to another database than")
        # Before there were marks, a folder with files had a database with jobs.
        if mark is None and not used and await self._files.any():
            raise self._strange("holds clips that are unknown to the new database")
        await self._files.set_mark(known)

    @undisturbed
    async def _known(self) -> tuple[str, bool]:
        """Return the database's id, made up at its first use, and whether it ever had a job."""
        # Two that start at once must not make up an id each.
        async with self._database.writing(files=True) as connection:
            known = await connection.scalar(select(identity.c.id).order_by(identity.c.id).limit(1))
            if known is None:
                known = uuid.uuid4().hex
                await connection.execute(insert(identity).values(id=known))
            return known, bool(await connection.scalar(select(exists(select(jobs.c.id)))))

    def _strange(self, what: str) -> StorageUnavailable:
        return StorageUnavailable(
            f"The clips' folder {self._files.folder} {what} {describe(self._database.url)}, so I "
            "touch neither; set `database` and `clips` to two that belong together, or, if these "
            f"do, make {self._files.marker} an empty file."
        )
