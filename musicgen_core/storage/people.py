"""Everything of one person: to hand it out, and to delete it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from musicgen_core.jams import Jam, apply
from musicgen_core.jams.events import PersonForgotten
from musicgen_core.jams.record import files_of, from_json
from musicgen_core.jobs import JobState
from musicgen_core.storage.database import Database
from musicgen_core.storage.jam_rows import load, store
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.rows import CLIP_COLUMNS, OPEN, Clock, utc_now
from musicgen_core.storage.tables import clips, jam_likes, jam_people, jams, jobs, people
from musicgen_core.storage.undisturbed import undisturbed

ORPHANED = "The clip that this continues was deleted by the person whose it was."


class People:
    """A person's right to see and to delete; methods raise StorageUnavailable."""

    def __init__(self, database: Database, named: NamedFiles, clock: Clock = utc_now) -> None:
        self._database, self._named, self._clock = database, named, clock

    @undisturbed
    async def export(self, person_id: int) -> dict[str, list[dict[str, Any]]]:
        """Return all about a person, as JSON takes it: settings, jobs, clips, jams and likes.

        Of a jam it is what the person gave to it. Times are ISO 8601 in UTC; `file`, `audio_file`
        and a turn's `clip` are names for ClipFiles.read.
        """
        queries = {
            "settings": select(people).where(people.c.id == person_id),
            "jobs": select(jobs).where(jobs.c.person_id == person_id).order_by(jobs.c.created),
            "clips": select(*CLIP_COLUMNS)
            .where(clips.c.person_id == person_id)
            .order_by(clips.c.created, clips.c.number),
            "likes": select(jam_likes.c.jam_id).where(jam_likes.c.person_id == person_id),
        }
        own = select(jams.c.state).join(jam_people).where(jam_people.c.person_id == person_id)
        async with self._database.reading() as connection:
            states = await connection.scalars(own.order_by(jams.c.created, jams.c.id))
            parts = [_parts_of(from_json(state), person_id) for state in states]
            return {"jams": parts} | {
                name: [
                    {column: _plain(value) for column, value in row.items()}
                    for row in (await connection.execute(query)).mappings()
                ]
                for name, query in queries.items()
            }

    @undisturbed
    async def delete(self, person_id: int) -> list[str]:
        """Delete every row and file of a person; return the ids of jobs that had not ended.

        What they played in jams stays there, credited to "someone who left", without their words.
        Jobs of others that wait to continue one of the clips fail. A crash in between leaves only
        files that nothing names, which the next sweep removes.
        """
        async with self._database.writing(files=True) as connection:
            files = await _files(connection, person_id)
            unfinished = select(jobs.c.id).where(
                jobs.c.person_id == person_id, jobs.c.status.in_(OPEN)
            )
            stopped = list(await connection.scalars(unfinished))
            await self._fail_continuations(connection, person_id)
            files += await self._leave_jams(connection, person_id)
            # The clips go with the jobs that made them.
            await connection.execute(delete(jobs).where(jobs.c.person_id == person_id))
            await connection.execute(delete(people).where(people.c.id == person_id))
            await connection.execute(delete(jam_likes).where(jam_likes.c.person_id == person_id))
        await self._named.remove_unnamed(files)
        return stopped

    async def _leave_jams(self, connection: AsyncConnection, person_id: int) -> list[str]:
        """Take a person out of every jam; return the files that those jams name no more."""
        own = select(jam_people.c.jam_id).where(jam_people.c.person_id == person_id)
        event = PersonForgotten(at=self._clock().timestamp(), person=person_id)
        dropped: list[str] = []
        for jam_id in list(await connection.scalars(own.order_by(jam_people.c.jam_id))):
            jam = await load(connection, jam_id)
            new, _ = apply(jam, event)
            await store(connection, jam, new)
            dropped += files_of(jam) - files_of(new)
        return dropped

    async def _fail_continuations(self, connection: AsyncConnection, person_id: int) -> None:
        own = select(clips.c.id).where(clips.c.person_id == person_id)
        await connection.execute(
            update(jobs)
            .where(
                jobs.c.parent_id.in_(own),
                jobs.c.person_id != person_id,
                jobs.c.status.in_(OPEN),
            )
            .values(status=JobState.FAILED, ended=self._clock(), error=ORPHANED)
        )


async def _files(connection: AsyncConnection, person_id: int) -> list[str]:
    made = select(clips.c.file).where(clips.c.person_id == person_id)
    attached = select(jobs.c.audio_file).where(
        jobs.c.person_id == person_id, jobs.c.audio_file.is_not(None)
    )
    return list(await connection.scalars(union(made, attached)))


def _parts_of(jam: Jam, person_id: int) -> dict[str, Any]:
    """Return a jam as far as it is about a person."""
    turn = jam.turn if jam.turn and jam.turn.player == person_id else None
    said = jam.turn.suggestions if jam.turn else ()
    return {
        "id": jam.id,
        "title": jam.title,
        "server_id": jam.server,
        "owner": jam.owner == person_id,
        "member": jam.has_member(person_id),
        "banned": person_id in jam.banned,
        "takes": [asdict(take) for take in jam.takes if take.player == person_id],
        "turn": turn and {"direction": turn.direction, "clip": turn.clip},
        "suggestions": [old.words for old in said if old.author == person_id],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
