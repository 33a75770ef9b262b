"""Migrations: up and down, from every older version, with rows that survive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, String, Table, inspect, text

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import ClipRecord, JobRecord, PersonSettings, ServerSettings, Storage
from musicgen_core.storage.address import parse_address
from musicgen_core.storage.database import make_engine, make_folder
from musicgen_core.storage.schema import migrate, revisions
from musicgen_core.storage.tables import metadata

T = TypeVar("T")
Rows = dict[str, list[dict[str, Any]]]
ID, OTHER_ID = "0" * 32, "1" * 32
# A value for every type that a column may have, as reflection names it.
SAMPLES: dict[type, Any] = {
    int: 2**31 - 1,
    float: 1.5,
    bool: True,
    datetime: datetime(2026, 3, 1, tzinfo=UTC),
    object: ["雨"],  # JSON
}


async def on(address: str, work: Callable[[Connection], T]) -> T:
    """Run synchronous work in a transaction; foreign keys are checked."""
    url = parse_address(address)
    await make_folder(url)
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    found.remove(found.tables["alembic_version"])
    return found


def fill(connection: Connection) -> None:
    """Put a row into every table as it is in this version; references point at each other."""
    found = reflected(connection)
    later = []
    # What others must refer to comes first.
    for table in sorted(found.tables.values(), key=obligations):
        row = {column.name: sample(column) for column in table.columns}
        references = {key.parent.name for key in table.foreign_keys}
        nullable = {name for name in references if table.c[name].nullable}
        connection.execute(table.insert().values({**row, **dict.fromkeys(nullable)}))
        later += [(table, name) for name in nullable]
    for table, name in later:
        connection.execute(table.update().values({name: ID}))


def obligations(table: Table) -> int:
    return sum(not key.parent.nullable for key in table.foreign_keys)


def sample(column: Any) -> Any:
    if column.foreign_keys or column.name == "id":
        return ID if column.type.python_type is str else 1
    if column.type.python_type is str:
        return "雨"
    return SAMPLES[column.type.python_type]


def rows(connection: Connection) -> Rows:
    found = reflected(connection).tables
    return {
        name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for name, table in found.items()
    }


def test_versions_are_numbered_and_named_by_their_files() -> None:
    folder = Path(__file__).parents[3] / "musicgen_core/storage/migrations/versions"
    names = sorted(path.name for path in folder.glob("r*.py"))
    assert [re.match(r"r(\d{4})_\w+\.py$", name)[1] for name in names] == revisions()
    assert revisions() == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert len(names) > 1


async def test_up_makes_what_the_program_expects_and_down_leaves_nothing(address: str) -> None:
    await make_folder(parse_address(address))
    await migrate(parse_address(address))
    assert await on(address, version) == revisions()[-1]
    assert await on(address, tables) == set(metadata.tables)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "render_as_batch": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert await on(address, differences) == []
    await migrate(parse_address(address), "base")
    assert await on(address, tables) == set()
    await migrate(parse_address(address))
    assert await on(address, tables) == set(metadata.tables)


@pytest.mark.parametrize("old", revisions())
async def test_rows_of_every_version_survive_the_way_up_and_down_again(
    address: str, old: str
) -> None:
    url = parse_address(address)
    await make_folder(url)
    await migrate(url, old)
    assert await on(address, version) == old
    await on(address, fill)
    before = await on(address, rows)
    assert before["jobs"][0]["parent_id"] == before["clips"][0]["id"] == ID
    await migrate(url)
    after = await on(address, rows)
    for table, found in before.items():
        assert [{name: row[name] for name in found[0]} for row in after[table]] == found
    await migrate(url, old)
    assert await on(address, rows) == before
    await migrate(url, "base")
    assert await on(address, tables) == set()


@pytest.mark.parametrize("old", revisions())
async def test_the_program_reads_rows_of_every_version(
    address: str, old: str, tmp_path: Path
) -> None:
    await make_folder(parse_address(address))
    await migrate(parse_address(address), old)
    await on(address, fill)
    await on(
        address, lambda c: c.execute(text("UPDATE jobs SET status = 'done', delivered = 'dm'"))
    )
    async with Storage(address, tmp_path / "clips") as storage:
        job, clip = await storage.jobs.get(ID), await storage.clips.get(ID)
        server, person = await storage.preferences.server(1), await storage.preferences.person(1)
    assert isinstance(job, JobRecord)
    assert (job.prompt, job.parent_id, job.created.year) == ("雨", ID, 2026)
    assert isinstance(clip, ClipRecord)
    assert (clip.title, clip.job_id, clip.kept) == ("雨", ID, True)
    settings_exist = old >= "0002"
    jam_seconds = 1.5 if old >= "0006" else None
    assert server == (
        ServerSettings(
            1,
            "雨",
            ("雨",),
            ("雨",),
            1.5,
            2**31 - 1,
            ("雨",),
            ("雨",),
            "雨",
            2**31 - 1,
            jam_seconds,
        )
        if settings_exist
        else ServerSettings(1)
    )
    assert person == (PersonSettings(1, "雨", "雨") if settings_exist else PersonSettings(1))


async def test_a_database_of_a_newer_mindjam_is_refused_and_left_alone(
    address: str, tmp_path: Path
) -> None:
    async with Storage(address, tmp_path / "clips"):
        pass
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await on(address, lambda connection: connection.execute(newer))
    with pytest.raises(StorageUnavailable) as caught:
        await Storage(address, tmp_path / "clips").open()
    assert str(caught.value) == (
        f"The database has schema 9999 of a newer mindjam, and this one knows up to "
        f"{revisions()[-1]}; update mindjam, or use the database as it was before."
    )
    assert await on(address, version) == "9999"
    assert await on(address, tables) == set(metadata.tables)


def before_creating(
    monkeypatch: pytest.MonkeyPatch, table: str, work: Callable[[Operations], object]
) -> None:
    """Let the migration that creates a table do something else first."""
    create = Operations.create_table

    def create_later(self: Operations, name: str, *columns: Any, **options: Any) -> Any:
        if name == table:
            work(self)
        return create(self, name, *columns, **options)

    monkeypatch.setattr(Operations, "create_table", create_later)


async def test_a_migration_that_fails_changes_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: Operations) -> None:
        raise RuntimeError("killed")

    await make_folder(parse_address(address))
    before_creating(monkeypatch, "people", die)
    with pytest.raises(RuntimeError, match="killed"):
        await migrate(parse_address(address))
    assert await on(address, lambda c: inspect(c).get_table_names()) == []


async def test_a_step_that_rebuilds_a_table_keeps_what_refers_to_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebuild(op: Operations) -> None:
        with op.batch_alter_table("jobs") as batch:  # SQLite can change no type in place
            batch.alter_column("locale", type_=String(32))

    url = parse_address(address)
    await make_folder(url)
    await migrate(url, "0001")
    await on(address, fill)
    before = await on(address, rows)
    before_creating(monkeypatch, "servers", rebuild)
    await migrate(url)
    after = await on(address, rows)
    for table, found in before.items():
        assert [{name: row[name] for name in found[0]} for row in after[table]] == found


async def test_a_step_that_would_lose_a_reference_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's alone: PostgreSQL checks references all the time."""
    address = f"sqlite:///{tmp_path}/x.db"
    url = parse_address(address)
    await migrate(url, "0001")
    await on(address, fill)
    before = await on(address, rows)
    before_creating(monkeypatch, "servers", lambda op: op.execute("DELETE FROM jobs"))
    with pytest.raises(StorageUnavailable, match="would lose a row's reference"):
        await migrate(url)
    assert (await on(address, version), await on(address, rows)) == ("0001", before)


async def test_two_that_start_at_once_migrate_one_after_the_other(address: str) -> None:
    url = parse_address(address)
    await make_folder(url)
    await asyncio.gather(*(migrate(url) for _ in range(3)))
    assert await on(address, tables) == set(metadata.tables)
