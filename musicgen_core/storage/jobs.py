"""Jobs: accepted once, claimed one by one, ended exactly once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, Update, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from musicgen_core.errors import InvalidRequest
from musicgen_core.jobs import JobState
from musicgen_core.storage.clips import clip_rows
from musicgen_core.storage.database import Database
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.records import ClipRecord, Delivered, JobRecord, NewClip, NewJob
from musicgen_core.storage.rows import CLIP_COLUMNS, OPEN, Clock, clip_of, job_of, utc_now
from musicgen_core.storage.tables import clips, jobs
from musicgen_core.storage.undisturbed import undisturbed

NEXT = (jobs.c.priority.desc(), jobs.c.created, jobs.c.id)
"""The order in which jobs are worked at."""


class Jobs:
    """Every accepted job comes to exactly one end: DONE, FAILED or CANCELLED.

    A status changes only from one that is named in the same statement, so of several that try
    only the first succeeds. Every method raises StorageUnavailable where the database fails.
    """

    def __init__(self, database: Database, named: NamedFiles, clock: Clock = utc_now) -> None:
        self._database, self._named, self._clock = database, named, clock

    @undisturbed
    async def accept(self, new: NewJob) -> JobRecord:
        """Store a job as QUEUED; when this returns, it outlives the process and a power cut.

        Raises:
            InvalidRequest: the clip that it continues has been deleted.
            StorageUnavailable: the database fails, or the attached audio's file is gone.
        """
        values = {
            **asdict(new),
            "id": uuid.uuid4().hex,
            "nonce": uuid.uuid4().hex[:25],
            "status": JobState.QUEUED,
            "attempts": 0,
            "created": self._clock(),
        }
        needs_files = new.audio_file is not None or new.parent_id is not None
        async with self._database.writing(files=needs_files) as connection:
            if new.audio_file is not None:
                await self._named.require([new.audio_file])
            if new.parent_id is not None:
                await _require_clip(connection, new.parent_id)
            result = await connection.execute(insert(jobs).values(values).returning(jobs))
            return job_of(result.mappings().one())

    async def get(self, job_id: str) -> JobRecord | None:
        """Return a job; None: there is none."""
        found = await self._list(select(jobs).where(jobs.c.id == job_id))
        return found[0] if found else None

    async def open(self) -> list[JobRecord]:
        """Return the jobs that have not ended, in the order in which they are worked at."""
        return await self._list(select(jobs).where(jobs.c.status.in_(OPEN)).order_by(*NEXT))

    @undisturbed
    async def asked_since(
        self, person_id: int, server_id: int | None, since: datetime
    ) -> list[tuple[datetime, int]]:
        """Return when a person has asked for how many clips on a server since then, oldest first.

        Those that failed or were cancelled do not count.
        """
        wasted = (JobState.FAILED, JobState.CANCELLED)
        query = select(jobs.c.created, jobs.c.variations).where(
            jobs.c.person_id == person_id,
            jobs.c.server_id.is_not_distinct_from(server_id),
            jobs.c.created >= since,
            jobs.c.status.not_in(wasted),
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(jobs.c.created))
            return [(created, clips) for created, clips in rows]

    @undisturbed
    async def claim(self, job_id: str) -> JobRecord | None:
        """Make this queued job RUNNING and return it; None: it does not wait any more."""
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status == JobState.QUEUED)
            .values(status=JobState.RUNNING, started=self._clock(), attempts=jobs.c.attempts + 1)
            .returning(jobs)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(change)).mappings().one_or_none()
            return job_of(row) if row is not None else None

    @undisturbed
    async def finish(self, job_id: str, made: Sequence[NewClip]) -> list[ClipRecord] | None:
        """Make a RUNNING job DONE and record its clips, both or neither.

        Returns None where the job does not run any more; its files are nobody's then.

        Raises:
            ValueError: there is no clip.
            StorageUnavailable: the database fails, or a clip's file is gone; the job still runs.
        """
        if not made:
            raise ValueError("A job that is done has a clip.")
        change = _end(job_id, JobState.DONE).where(jobs.c.status == JobState.RUNNING)
        change = change.values(ended=self._clock()).returning(jobs)
        async with self._database.writing(files=True) as connection:
            row = (await connection.execute(change)).mappings().one_or_none()
            if row is None:
                return None
            await self._named.require(clip.file.name for clip in made)
            rows = clip_rows(job_of(row), made, self._clock())
            await connection.execute(insert(clips), rows)
            stored = select(*CLIP_COLUMNS).where(clips.c.job_id == job_id).order_by(clips.c.number)
            return [clip_of(found) for found in (await connection.execute(stored)).mappings()]

    async def fail(self, job_id: str, error: str) -> bool:
        """Make an open job FAILED for a reason that people may read; False: it has ended."""
        return await self._change(_end(job_id, JobState.FAILED).values(error=error))

    async def cancel(self, job_id: str) -> bool:
        """Make an open job CANCELLED; False: it has ended."""
        return await self._change(_end(job_id, JobState.CANCELLED))

    @undisturbed
    async def requeue_running(self, most_attempts: int, error: str) -> list[JobRecord]:
        """Let what ran when the last process died wait again, and return it.

        For the start, before anything is claimed: one process at a time uses the database. What
        was claimed `most_attempts` times FAILS with `error`, or it would end every process.
        """
        running = update(jobs).where(jobs.c.status == JobState.RUNNING)
        spent = running.where(jobs.c.attempts >= most_attempts)
        async with self._database.writing() as connection:
            failed = {"status": JobState.FAILED, "ended": self._clock(), "error": error}
            await connection.execute(spent.values(failed))
            again = running.values(status=JobState.QUEUED, started=None).returning(jobs)
            return [job_of(row) for row in (await connection.execute(again)).mappings()]

    async def set_status_message(self, job_id: str, message_id: int | None) -> bool:
        """Remember the message that shows the job's status; False: there is no such job.

        None: it shows the job's end, and needs nothing any more.
        """
        change = update(jobs).where(jobs.c.id == job_id).values(status_message_id=message_id)
        return await self._run(change)

    async def set_result_message(self, job_id: str, message_id: int | None) -> bool:
        """Remember the message that is made to bring an ended job's clips, before it is.

        False: they were delivered before. None: they go elsewhere after all.
        """
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.delivered.is_(None))
        return await self._run(change.values(result_message_id=message_id))

    async def mark_delivered(
        self, job_id: str, where: Delivered, message_id: int | None = None
    ) -> bool:
        """Remember where an ended job's clips went; False: they were delivered before.

        Of one without clips only that its end was TOLD.
        """
        ended = jobs.c.status == JobState.DONE
        if where is Delivered.TOLD:
            ended = jobs.c.status.in_((JobState.FAILED, JobState.CANCELLED))
        change = update(jobs).where(jobs.c.id == job_id, ended, jobs.c.delivered.is_(None))
        return await self._run(change.values(delivered=where, result_message_id=message_id))

    async def undelivered(self) -> list[JobRecord]:
        """Return the ended jobs that are not done with, oldest first.

        Nobody has got their clips or heard of their end, or their status does not show it.
        """
        open_ends = or_(jobs.c.delivered.is_(None), jobs.c.status_message_id.is_not(None))
        ended = select(jobs).where(jobs.c.status.not_in(OPEN), open_ends)
        return await self._list(ended.order_by(jobs.c.ended, jobs.c.id))

    async def unheard(self, since: datetime, count: int) -> list[JobRecord]:
        """Return at most `count` jobs, newest first, whose clips a message brought since then.

        Only those of whose clips nothing was heard: no tempo, and no key.
        """
        there = and_(clips.c.job_id == jobs.c.id, clips.c.deleted.is_(None))
        heard = exists().where(there, or_(clips.c.tempo.is_not(None), clips.c.key.is_not(None)))
        lasting = jobs.c.delivered.in_((Delivered.CHANNEL, Delivered.DM))
        posted = jobs.c.result_message_id.is_not(None), lasting
        wanted = select(jobs).where(*posted, jobs.c.ended >= since, exists().where(there), ~heard)
        return await self._list(wanted.order_by(jobs.c.ended.desc(), jobs.c.id).limit(count))

    async def _change(self, change: Update) -> bool:
        change = change.where(jobs.c.status.in_(OPEN)).values(ended=self._clock())
        return await self._run(change)

    @undisturbed
    async def _run(self, change: Update) -> bool:
        async with self._database.writing() as connection:
            return (await connection.execute(change)).rowcount == 1

    @undisturbed
    async def _list(self, query: Select[*tuple[object, ...]]) -> list[JobRecord]:
        async with self._database.reading() as connection:
            return [job_of(row) for row in (await connection.execute(query)).mappings()]


def _end(job_id: str, state: JobState) -> Update:
    return update(jobs).where(jobs.c.id == job_id).values(status=state)


async def _require_clip(connection: AsyncConnection, clip_id: str) -> None:
    living = select(clips.c.id).where(clips.c.id == clip_id, clips.c.deleted.is_(None))
    if await connection.scalar(living) is None:
        raise InvalidRequest("The clip that you want to continue has been deleted.")
