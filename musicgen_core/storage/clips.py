"""Clips: a person's, found and paged; a clip's parents and children."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import Select, Update, func, literal, select, update

from musicgen_core.storage.database import Database
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.records import ClipPage, ClipRecord, JobRecord, NewClip
from musicgen_core.storage.rows import CLIP_COLUMNS, Clock, clip_of, utc_now
from musicgen_core.storage.tables import clips, jobs
from musicgen_core.storage.undisturbed import undisturbed

NEWEST = (clips.c.created.desc(), clips.c.job_id, clips.c.number)
LONGEST_SEARCH = 200
"""Characters that are looked at; SQLite refuses very long patterns."""
LONGEST_LINE = 1000
"""Parents that are followed; each continuation adds one."""


class Clips:
    """The clips that are there; every method raises StorageUnavailable where the database fails.

    People change only clips of their own.
    """

    def __init__(self, database: Database, named: NamedFiles, clock: Clock = utc_now) -> None:
        self._database, self._named, self._clock = database, named, clock

    async def get(self, clip_id: str) -> ClipRecord | None:
        """Return a clip, also a deleted one; None: there never was one, or its person left."""
        found = await self._list(select(*CLIP_COLUMNS).where(clips.c.id == clip_id))
        return found[0] if found else None

    async def of_job(self, job_id: str) -> list[ClipRecord]:
        """Return the clips that a job made, by number, also deleted ones."""
        query = select(*CLIP_COLUMNS).where(clips.c.job_id == job_id)
        return await self._list(query.order_by(clips.c.number))

    @undisturbed
    async def page(
        self, person_id: int, search: str = "", *, start: int = 0, count: int = 10
    ) -> ClipPage:
        """Return `count` of a person's clips from the `start`th, newest first.

        Args:
            person_id: whose.
            search: words that must all be in the title or the prompt, in any case and order.
            start: clips to skip.
            count: the most that are returned.
        """
        wanted = [clips.c.person_id == person_id, clips.c.deleted.is_(None)]
        wanted += [clips.c.searchable.contains(w, autoescape=True) for w in _words(search)]
        some = select(*CLIP_COLUMNS).where(*wanted).order_by(*NEWEST).offset(start).limit(count)
        async with self._database.reading() as connection:
            total = await connection.scalar(select(func.count()).select_from(clips).where(*wanted))
            found = (await connection.execute(some)).mappings()
            return ClipPage(tuple(clip_of(row) for row in found), total or 0)

    async def parents(self, clip_id: str) -> list[ClipRecord]:
        """Return what a clip continues, what that continues, and so on; also deleted clips."""
        first = select(clips.c.parent_id, literal(1).label("depth")).where(clips.c.id == clip_id)
        line = first.cte("line", recursive=True)
        older = select(clips.c.parent_id, line.c.depth + 1).where(
            clips.c.id == line.c.parent_id, line.c.depth < LONGEST_LINE
        )
        line = line.union_all(older)
        query = select(*CLIP_COLUMNS).join(line, line.c.parent_id == clips.c.id)
        return await self._list(query.order_by(line.c.depth))

    async def children(self, clip_id: str) -> list[ClipRecord]:
        """Return the clips that continue this one directly, oldest first, without deleted ones."""
        query = select(*CLIP_COLUMNS).where(clips.c.parent_id == clip_id, clips.c.deleted.is_(None))
        return await self._list(query.order_by(clips.c.created, clips.c.job_id, clips.c.number))

    @undisturbed
    async def rename(self, clip_id: str, person_id: int, title: str) -> bool:
        """Give a clip another title; False: the person has no such clip."""
        prompt = select(jobs.c.prompt).where(jobs.c.id == clips.c.job_id, clips.c.id == clip_id)
        async with self._database.writing() as connection:
            searchable = searchable_text(title, await connection.scalar(prompt))
            change = _own(clip_id, person_id).values(title=title, searchable=searchable)
            return (await connection.execute(change)).rowcount == 1

    @undisturbed
    async def note_heard(self, clip_id: str, tempo: float | None, key: str | None) -> None:
        """Remember what was heard of a clip."""
        change = update(clips).where(clips.c.id == clip_id).values(tempo=tempo, key=key)
        async with self._database.writing() as connection:
            await connection.execute(change)

    @undisturbed
    async def keep(self, clip_id: str, person_id: int, *, kept: bool) -> bool:
        """Let retention pass a clip over, or not any more; False: the person has no such clip."""
        async with self._database.writing() as connection:
            change = _own(clip_id, person_id).values(kept=kept)
            return (await connection.execute(change)).rowcount == 1

    @undisturbed
    async def delete(self, clip_id: str, person_id: int) -> bool:
        """Delete a clip; False: the person has no such clip.

        Its file goes at once, or with the next sweep while a waiting job continues it.
        """
        change = _own(clip_id, person_id).values(deleted=self._clock()).returning(clips.c.file)
        async with self._database.writing(files=True) as connection:
            name = await connection.scalar(change)
        if name is None:
            return False
        await self._named.remove_unnamed([name])
        return True

    @undisturbed
    async def _list(self, query: Select[*tuple[Any, ...]]) -> list[ClipRecord]:
        async with self._database.reading() as connection:
            return [clip_of(row) for row in (await connection.execute(query)).mappings()]


def clip_rows(job: JobRecord, made: Sequence[NewClip], created: datetime) -> list[dict[str, Any]]:
    """Return the rows for the clips that a job made, numbered from 1."""
    return [
        {
            "id": PurePath(clip.file.name).stem,
            "file": clip.file.name,
            "job_id": job.id,
            "number": number,
            "person_id": job.person_id,
            "server_id": job.server_id,
            "parent_id": job.parent_id,
            "from_second": job.from_second,
            "sha256": clip.file.sha256,
            "bytes": clip.file.bytes,
            "seconds": clip.seconds,
            "sample_rate": clip.sample_rate,
            "channels": clip.channels,
            "tempo": clip.tempo,
            "key": clip.key,
            "title": clip.title,
            "searchable": searchable_text(clip.title, job.prompt),
            "created": created,
            "kept": False,
            "deleted": None,
        }
        for number, clip in enumerate(made, start=1)
    ]


def searchable_text(title: str, prompt: str | None) -> str:
    """Return what a clip is found by."""
    return fold(f"{title}\n{prompt or ''}")


def fold(text: str) -> str:
    """Make equal what people take for the same letter; the databases differ in that."""
    return unicodedata.normalize("NFKC", text).casefold()


def _words(search: str) -> list[str]:
    return fold(search[:LONGEST_SEARCH]).split()


def _own(clip_id: str, person_id: int) -> Update:
    return update(clips).where(
        clips.c.id == clip_id, clips.c.person_id == person_id, clips.c.deleted.is_(None)
    )
