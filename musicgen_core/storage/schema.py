"""Which shape the database has, and bringing it to the one that this version knows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, text
from sqlalchemy.engine import Connection

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage.database import WRITES, explained, is_sqlite, make_engine

# Any fixed number: two processes that start at once migrate one after the other.
MIGRATION_LOCK = 0x6D6B


def revisions() -> list[str]:
    """Return the schema's versions that this program knows, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in reversed([*script.walk_revisions()])]


async def current_revision(url: URL) -> str | None:
    """Return the version that a database has, None for an empty one; nothing is changed.

    Raises:
        StorageUnavailable: it cannot be reached.
    """

    def ask(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    engine = make_engine(url)
    try:
        with explained(url):
            async with engine.connect() as connection:
                return await connection.run_sync(ask)
    finally:
        await engine.dispose()


async def migrate(url: URL, target: str = "head") -> None:
    """Bring the database to a version, up or down, in one transaction.

    Raises:
        StorageUnavailable: it cannot be reached, or was made by a newer mindjam.
    """
    # Alembic reads its files and runs them synchronously: in a thread with a loop of its own.
    await asyncio.to_thread(lambda: asyncio.run(_migrate(url, target)))


async def _migrate(url: URL, target: str) -> None:
    # Rebuilding a table, as SQLite must, would delete what refers to it.
    engine = make_engine(url, foreign_keys=False)
    try:
        with explained(url):
            async with engine.connect() as connection:
                await connection.execution_options(**{WRITES: True})
                async with connection.begin():
                    if not is_sqlite(url):
                        lock = text("SELECT pg_advisory_xact_lock(:key)")
                        await connection.execute(lock, {"key": MIGRATION_LOCK})
                    await connection.run_sync(_run, target)
    finally:
        await engine.dispose()


def _run(connection: Connection, target: str) -> None:
    known = revisions()
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise StorageUnavailable(
            f"The database has schema {current} of a newer mindjam, and this one knows up to "
            f"{known[-1]}; update mindjam, or use the database as it was before."
        )
    place = known.index(current) if current else -1
    goal = {"head": len(known) - 1, "base": -1}.get(target)
    goal = known.index(target) if goal is None else goal
    config = _config(connection=connection)
    if goal > place:
        command.upgrade(config, target)
    elif goal < place:
        command.downgrade(config, target)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StorageUnavailable(f"The migration to {target} would lose a row's reference.")


def _config(**attributes: Any) -> Config:
    config = Config(attributes=attributes)
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config
