"""A jam as rows: read whole, written whole, in somebody's transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from musicgen_core.errors import JamRefusal, StorageUnavailable
from musicgen_core.jams import Jam, due
from musicgen_core.jams.arrivals import people_of
from musicgen_core.jams.effects import UpdateBoard
from musicgen_core.jams.record import files_of, from_json, to_json
from musicgen_core.storage.tables import jam_files, jam_people, jams


async def load(connection: AsyncConnection, jam_id: str) -> Jam:
    """Return a jam that nobody else changes before the transaction ends.

    Raises:
        JamRefusal: `unknown`.
    """
    # SQLite has no such lock and needs none: only one transaction writes.
    query = select(jams.c.state).where(jams.c.id == jam_id).with_for_update()
    state = await connection.scalar(query)
    if state is None:
        raise JamRefusal("unknown")
    return from_json(state)


async def add(connection: AsyncConnection, jam: Jam) -> None:
    """Store a new jam."""
    created = datetime.fromtimestamp(jam.created, UTC)
    await connection.execute(insert(jams).values(id=jam.id, created=created, **_columns(jam)))
    await _replace(connection, jam_files, jam.id, "file", frozenset(), files_of(jam))
    await _replace(connection, jam_people, jam.id, "person_id", frozenset(), people_of(jam))


async def store(connection: AsyncConnection, old: Jam, new: Jam) -> None:
    """Store a jam that was loaded in the same transaction.

    Raises:
        StorageUnavailable: it has been changed meanwhile; the transaction must not be committed.
    """
    same = update(jams).where(jams.c.id == old.id, jams.c.version == old.moves)
    if (await connection.execute(same.values(**_columns(new)))).rowcount != 1:
        raise StorageUnavailable(f"The jam {old.id} was changed by another process meanwhile.")
    await _replace(connection, jam_files, new.id, "file", files_of(old), files_of(new))
    await _replace(connection, jam_people, new.id, "person_id", people_of(old), people_of(new))


def _columns(jam: Jam) -> dict[str, object]:
    """Return what is searched for, and the jam itself."""
    # A finished jam whose mix nobody has seen yet still has to be looked after.
    waits = any(not isinstance(effect, UpdateBoard) for effect in due(jam))
    return {
        "server_id": jam.server,
        "place_id": jam.place,
        "phase": jam.phase,
        "open": waits or not jam.phase.ended,
        "version": jam.moves,
        "due": datetime.fromtimestamp(jam.timer.due, UTC) if jam.timer else None,
        "state": to_json(jam),
    }


async def _replace(
    connection: AsyncConnection,
    table: Table,
    jam_id: str,
    column: str,
    old: frozenset[str] | frozenset[int],
    new: frozenset[str] | frozenset[int],
) -> None:
    gone = table.c.jam_id == jam_id, table.c[column].in_(old - new)
    if old - new:
        await connection.execute(delete(table).where(*gone))
    if new - old:
        rows = [{"jam_id": jam_id, column: value} for value in new - old]
        await connection.execute(insert(table), rows)
