"""What servers and people have set."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TypeVar

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from musicgen_core.storage.database import Database, is_sqlite
from musicgen_core.storage.records import PersonSettings, ServerSettings
from musicgen_core.storage.tables import people, servers
from musicgen_core.storage.undisturbed import undisturbed

Record = TypeVar("Record", ServerSettings, PersonSettings)


class Preferences:
    """Settings, read and changed; whoever has set nothing has a record of None.

    Every method raises StorageUnavailable where the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @undisturbed
    async def server(self, server_id: int) -> ServerSettings:
        """Return a server's settings."""
        async with self._database.reading() as connection:
            return await _read(connection, servers, ServerSettings(server_id))

    @undisturbed
    async def person(self, person_id: int) -> PersonSettings:
        """Return a person's settings."""
        async with self._database.reading() as connection:
            return await _read(connection, people, PersonSettings(person_id))

    @undisturbed
    async def languages(self) -> dict[int, str]:
        """Return the language of every person who has chosen one, by their id."""
        query = select(people.c.id, people.c.language).where(people.c.language.is_not(None))
        async with self._database.reading() as connection:
            return {row.id: row.language for row in await connection.execute(query)}

    async def change_server(self, server_id: int, **changes: object) -> ServerSettings:
        """Change some of a server's settings and return all; None takes one back.

        Raises:
            TypeError: there is no such setting.
        """
        return await self._change(servers, ServerSettings(server_id), changes)

    async def change_person(self, person_id: int, **changes: object) -> PersonSettings:
        """Change some of a person's settings and return all; None takes one back.

        Raises:
            TypeError: there is no such setting.
        """
        return await self._change(people, PersonSettings(person_id), changes)

    @undisturbed
    async def _change(self, table: Table, unset: Record, changes: dict[str, object]) -> Record:
        replace(unset, **changes)  # type: ignore[arg-type] # refuses unknown names
        # Only what is changed is written: two who change different things both succeed.
        insert = sqlite.insert if is_sqlite(self._database.url) else postgresql.insert
        row = insert(table).values(id=unset.id, **changes)
        async with self._database.writing() as connection:
            if changes:
                await connection.execute(
                    row.on_conflict_do_update(index_elements=["id"], set_=changes)
                )
            return await _read(connection, table, unset)


async def _read(connection: AsyncConnection, table: Table, unset: Record) -> Record:
    rows = await connection.execute(select(table).where(table.c.id == unset.id))
    row = rows.mappings().one_or_none()
    return replace(unset, **(asdict(unset) if row is None else row))
