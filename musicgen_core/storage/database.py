"""The database: one pool of connections, and transactions that read or write."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiofiles.os
from sqlalchemy import URL, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage.address import SQLITE, describe

BUSY_MS = 30_000
"""How long SQLite waits for another writer."""
CONNECT_SECONDS, COMMAND_SECONDS = 10.0, 60.0
WRITES = "mindjam_writes"
# Any fixed number: it names the lock that writers of clips and sweepers share.
FILES_LOCK = 0x6D6A
SQLITE_TROUBLE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
# Classes of states: connection, standby, login, database, rights, resources, operator, system.
POSTGRESQL_TROUBLE = ("08", "25006", "28", "3D", "42501", "53", "57", "58")


class Database:
    """Connections to one database; every transaction is whole or did not happen.

    A transaction that writes takes SQLite's only write lock at its beginning, since one that reads
    first and writes later can be refused at any time.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.engine = make_engine(url)
        # SQLite lets writers poll for that lock: of many at once some would get it too late.
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads.

        Raises:
            StorageUnavailable: the database cannot be reached or read.
        """
        with explained(self.url):
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self, *, files: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes; with `files` no other such transaction runs beside it.

        Raises:
            StorageUnavailable: the database cannot be reached or written.
        """
        with explained(self.url):
            async with self._in_turn(), self.engine.connect() as connection:
                await connection.execution_options(**{WRITES: True})
                async with connection.begin():
                    if files and not is_sqlite(self.url):
                        lock = text("SELECT pg_advisory_xact_lock(:key)")
                        await connection.execute(lock, {"key": FILES_LOCK})
                    yield connection

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Wait for those who want to write to the same file, in order, as long as SQLite would."""
        if not is_sqlite(self.url):
            yield
            return
        try:
            async with asyncio.timeout(BUSY_MS / 1000):
                await self._turn.acquire()
        except TimeoutError as exc:
            raise OSError("database is locked") from exc
        try:
            yield
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def is_sqlite(url: URL) -> bool:
    """Tell which of the two databases an address names."""
    return url.drivername == SQLITE


def make_engine(url: URL, *, foreign_keys: bool = True) -> AsyncEngine:
    """Return an engine; nothing is connected yet.

    Args:
        url: from parse_address.
        foreign_keys: whether SQLite checks them; a migration that rebuilds a table must not.
    """
    if not is_sqlite(url):
        waits = {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS}
        return create_async_engine(url, pool_pre_ping=True, connect_args=waits)
    engine = create_async_engine(url)

    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver shall begin nothing by itself
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.run_async(_write_ahead)
        # What was accepted survives a power cut too, not only the end of the process.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


async def _write_ahead(driver: Any) -> None:
    """Switch a file to write-ahead logging.

    SQLite does not wait its busy timeout for that: where two processes open a new file at once,
    one of them is refused on the spot.
    """
    last = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            await driver.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            busy = exc.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > last:
                raise
            await asyncio.sleep(0.02)
        else:
            return


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn what drivers raise into one sentence; what is our own mistake passes."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as exc:
        if isinstance(exc, DBAPIError) and not _is_trouble(exc):
            raise
        cause = exc.orig if isinstance(exc, DBAPIError) else exc
        reason = " ".join(str(cause).split()) or type(cause).__name__
        if "another operation" in reason:
            # What asyncpg says of a statement whose connection went away under it.
            reason = f"the connection was lost ({reason})"
        raise StorageUnavailable(
            f"The database {describe(url)} cannot be used: {reason.removesuffix('.')}; "
            f"{_remedy(url)}."
        ) from exc


def _is_trouble(exc: DBAPIError) -> bool:
    """Tell a database in trouble from a wrong statement."""
    code = getattr(exc.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_TROUBLE
    state = getattr(exc.orig, "sqlstate", None) or ""
    # Without a state it never got to the server, or lost it.
    return not state or state.startswith(POSTGRESQL_TROUBLE) or exc.connection_invalidated


def _remedy(url: URL) -> str:
    if is_sqlite(url):
        return "check the path, its permissions and the room on its disk"
    return "check the address, the password and its rights, and whether the server runs"


async def make_folder(url: URL) -> None:
    """Create the folder of an SQLite file.

    Raises:
        StorageUnavailable: it cannot be created.
    """
    if is_sqlite(url) and url.database:
        with explained(url):
            await aiofiles.os.makedirs(Path(url.database).parent, exist_ok=True)
