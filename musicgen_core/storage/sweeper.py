"""What is too old goes, and so do files that nothing names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, not_, or_, select, update

from musicgen_core.storage.clip_files import ClipFiles
from musicgen_core.storage.database import Database
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.rows import OPEN, Clock, utc_now
from musicgen_core.storage.tables import clips, jobs, servers
from musicgen_core.storage.undisturbed import undisturbed

GRACE_SECONDS = 3600.0
"""How long a new file may stay without a row; writing one and naming it takes far less."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed: clips that were too old, and files that nothing named."""

    expired: int
    orphans: int


class Sweeper:
    """Never removes what the database still names: a clip is first marked, then its file goes.

    Every method raises StorageUnavailable where the database or the folder fails.
    """

    def __init__(
        self, database: Database, files: ClipFiles, named: NamedFiles, clock: Clock = utc_now
    ) -> None:
        self._database, self._files, self._named = database, files, named
        self._clock = clock

    async def sweep(self, default_days: int | None) -> Swept:
        """Sweep for retention, then for orphans."""
        expired = await self.sweep_retention(default_days)
        return Swept(len(expired), len(await self.sweep_orphans()))

    @undisturbed
    async def sweep_retention(self, default_days: int | None) -> list[str]:
        """Delete clips older than their server's retention; return their ids.

        Clips that are kept, or that a waiting job continues, stay.

        Args:
            default_days: for servers that have set nothing, and for direct messages; None: forever.
        """
        own = select(servers.c.id, servers.c.retention_days).where(
            servers.c.retention_days.is_not(None)
        )
        ids, names = [], []
        async with self._database.writing(files=True) as connection:
            days = {row.id: row.retention_days for row in await connection.execute(own)}
            rules = [(clips.c.server_id == server, limit) for server, limit in days.items()]
            if default_days is not None:
                others = or_(clips.c.server_id.is_(None), clips.c.server_id.not_in(list(days)))
                rules.append((others, default_days))
            for where, limit in rules:
                change = update(clips).where(where, *self._expired(limit))
                change = change.values(deleted=self._clock())
                for row in await connection.execute(change.returning(clips.c.id, clips.c.file)):
                    ids.append(row.id)
                    names.append(row.file)
        await self._named.remove_unnamed(names)
        return ids

    async def sweep_orphans(self, older_than: float = GRACE_SECONDS) -> list[str]:
        """Remove files, whole or not, that nothing names; return their names.

        Args:
            older_than: seconds since the file was written.
        """
        return await self._named.remove_unnamed(await self._files.older_than(older_than))

    def _expired(self, days: int) -> list[ColumnElement[bool]]:
        continued = exists().where(jobs.c.parent_id == clips.c.id, jobs.c.status.in_(OPEN))
        return [
            clips.c.deleted.is_(None),
            not_(clips.c.kept),
            clips.c.created < self._clock() - timedelta(days=days),
            not_(continued),
        ]
