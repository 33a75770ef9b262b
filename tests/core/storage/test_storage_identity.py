"""A folder of clips and a database that do not belong together are left alone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import text
from stored_things import made, names_in

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Storage
from musicgen_core.storage.address import parse_address
from musicgen_core.storage.clip_files import MARKER
from musicgen_core.storage.schema import migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clips"


def fresh(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fresh.db"


async def test_a_folder_and_its_database_know_the_same_id(address: str, folder: Path) -> None:
    async with Storage(address, folder) as storage:
        async with storage._database.reading() as connection:
            known = await connection.scalar(text("SELECT id FROM identity"))
        await made(storage)
    assert (folder / MARKER).read_text().strip() == known
    async with Storage(address, folder) as storage:
        assert await storage.sweeper.sweep_orphans(older_than=0) == []


async def test_a_new_database_beside_a_marked_folder_is_refused(
    address: str, folder: Path, tmp_path: Path
) -> None:
    async with Storage(address, folder) as storage:
        clip = await made(storage)
    with pytest.raises(StorageUnavailable, match="belongs to another database than sqlite:") as no:
        await Storage(fresh(tmp_path), folder).open()
    assert f"make {folder / MARKER} an empty file" in str(no.value)
    assert names_in(folder) == {clip.file}
    async with Storage(address, folder):
        pass


async def test_a_new_database_beside_old_clips_without_a_mark_is_refused(
    address: str, folder: Path, tmp_path: Path
) -> None:
    async with Storage(address, folder) as storage:
        clip = await made(storage)
    (folder / MARKER).unlink()
    os.utime(folder / clip.file, (0, 0))
    for _ in range(2):
        with pytest.raises(StorageUnavailable, match="holds clips that are unknown"):
            await Storage(fresh(tmp_path), folder).open()
    assert names_in(folder) == {clip.file}


@pytest.mark.parametrize("mark", ["", "\n", "0" * 32])
async def test_an_empty_mark_says_that_they_belong_together(
    address: str, folder: Path, tmp_path: Path, mark: str
) -> None:
    async with Storage(address, folder) as storage:
        await made(storage)
    (folder / MARKER).write_text(mark)
    storage = Storage(fresh(tmp_path), folder)
    if mark.strip():
        with pytest.raises(StorageUnavailable):
            await storage.open()
        return
    async with storage:
        assert len((folder / MARKER).read_text().strip()) == 32


async def test_what_is_older_than_marks_is_tied_at_the_next_start(
    address: str, folder: Path
) -> None:
    async with Storage(address, folder) as storage:
        clip = await made(storage)
    (folder / MARKER).unlink()
    await migrate(parse_address(address), "0002")
    async with Storage(address, folder) as storage:
        assert await storage.sweeper.sweep_orphans(older_than=0) == []
        assert await storage.files.read(clip.file)
    assert (folder / MARKER).exists()


async def test_a_start_that_was_killed_before_the_mark_is_gone_on_with(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Storage(address, folder)

    async def die(_: str) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(first.files, "set_mark", die)
    with pytest.raises(RuntimeError, match="killed"):
        await first.open()
    await first.close()
    (folder / f"{'0' * 32}.id.part").touch()
    async with Storage(address, folder) as storage:
        assert await storage.files.mark()


async def test_two_that_start_at_once_agree(address: str, folder: Path) -> None:
    storages = [Storage(address, folder) for _ in range(3)]
    await asyncio.gather(*(storage.open() for storage in storages))
    assert names_in(folder) == set()
    for storage in storages:
        await storage.open()
        await storage.close()
