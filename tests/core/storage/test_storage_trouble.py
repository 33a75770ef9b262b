"""What is in the way of the storage is told in one sentence."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from stored_things import asked, longest_gap

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Storage, database, schema


async def refusal(address: str, folder: Path) -> str:
    """Return why the storage does not open."""
    with pytest.raises(StorageUnavailable) as caught:
        async with Storage(address, folder):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_server_that_does_not_run_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = await refusal(f"postgresql://u:secret@127.0.0.1:{port}/db", tmp_path)
    assert told.startswith(f"The database postgresql://u:***@127.0.0.1:{port}/db cannot be used: ")
    assert "refused" in told or "Connect call failed" in told
    assert told.endswith(
        "; check the address, the password and its rights, and whether the server runs."
    )


async def test_a_server_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        told = await refusal(f"postgresql://u@127.0.0.1:{port}/db?ssl=disable", tmp_path)
    assert "TimeoutError; check the address" in told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"password": "wrong"}, 'password authentication failed for user "mindjam"'),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
    ],
)
async def test_a_wrong_password_or_database_is_told(
    change: dict[str, str], reason: str, tmp_path: Path
) -> None:
    if "TEST_POSTGRES_URL" not in os.environ:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server; .ci/run starts one")
    url = make_url(os.environ["TEST_POSTGRES_URL"]).set(username="mindjam", **change)
    told = await refusal(url.render_as_string(hide_password=False), tmp_path)
    assert f"cannot be used: {reason}; check the address" in told


async def test_an_sqlite_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database" * 100)
    told = await refusal(f"sqlite:///{tmp_path}/file", tmp_path / "clips")
    assert told == (
        f"The database sqlite:///{tmp_path}/file cannot be used: file is not a database; "
        "check the path, its permissions and the room on its disk."
    )
    told = await refusal(f"sqlite:///{tmp_path}/file/x.db", tmp_path / "clips")
    assert "cannot be used: " in told
    assert "check the path" in told


async def test_a_locked_database_is_told_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 100)
    async with Storage(f"sqlite:///{tmp_path}/x.db", tmp_path) as storage:
        other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="database is locked"):
            await storage.jobs.accept(asked())
        assert await storage.jobs.open() == []  # who reads does not wait for who writes
        other.rollback()
        other.close()
        assert await storage.jobs.accept(asked())


async def test_migrating_does_not_hold_up_the_event_loop(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(known: Callable[[], list[str]] = schema.revisions) -> list[str]:
        time.sleep(1)
        return known()

    monkeypatch.setattr(schema, "revisions", slow)
    storage = Storage(address, tmp_path / "clips")
    # The best of three: what else the machine does is not the migration's doing.
    assert min([await longest_gap(storage.open()) for _ in range(3)]) < 0.7
    assert await storage.jobs.accept(asked())
    await storage.close()


async def test_a_wrong_statement_is_our_mistake_and_passes(storage: Storage) -> None:
    with pytest.raises(DBAPIError):
        async with storage._database.reading() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))


async def test_a_server_that_drops_its_connections_is_asked_again(storage: Storage) -> None:
    if storage._url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no server")
    await storage.jobs.accept(asked())
    drop = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def asking_while_dropped() -> None:
        async with storage._database.writing() as connection:
            async with storage._database.reading() as other:
                await other.execute(drop)
            await connection.execute(text("SELECT 1"))

    with pytest.raises(StorageUnavailable, match=r"cannot be used: .*connection"):
        await asking_while_dropped()
    assert await storage.jobs.accept(asked())


async def test_a_server_that_was_started_anew_is_not_noticed(
    address: str, storage: Storage
) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite has no server")
    await storage.jobs.accept(asked())
    async with asyncpg.create_pool(address, min_size=1) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await storage.jobs.accept(asked())


async def test_sqlite_syncs_every_commit_and_checks_references(tmp_path: Path) -> None:
    async with (
        Storage(f"sqlite:///{tmp_path}/x.db", tmp_path) as storage,
        storage._database.reading() as connection,
    ):
        pragmas = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_many_who_write_at_once_to_a_file_come_in_their_order(tmp_path: Path) -> None:
    order: list[int] = []

    async def write(storage: Storage, number: int) -> None:
        async with storage._database.writing():
            order.append(number)

    async with Storage(f"sqlite:///{tmp_path}/mindjam.db", tmp_path / "clips") as storage:
        await asyncio.gather(*(write(storage, number) for number in range(40)))
    assert order == list(range(40))
