"""What is kept, and a look at both places that changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from stored_things import ANNA, made, names_in

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Storage, database_state, folder_state
from musicgen_core.storage.address import parse_address
from musicgen_core.storage.schema import migrate, revisions


async def test_the_library_is_counted_without_what_was_deleted(storage: Storage) -> None:
    assert (await storage.inventory.take()).clips == 0
    kept, gone = await made(storage), await made(storage)
    await storage.clips.delete(gone.id, ANNA)
    holdings = await storage.inventory.take()
    assert (holdings.clips, holdings.bytes) == (1, kept.bytes)
    assert holdings.free_bytes > 0


async def test_looking_at_what_is_not_there_creates_nothing(tmp_path: Path) -> None:
    state = await database_state(f"sqlite:///{tmp_path}/data/mindjam.db")
    assert (state.exists, state.schema, state.newest) == (False, None, revisions()[-1])
    folder = folder_state(tmp_path / "data/clips")
    assert (folder.exists, folder.writable) == (False, True)
    assert folder.free_bytes > 0
    assert names_in(tmp_path) == set()


async def test_looking_at_a_database_tells_its_schema_and_leaves_it(
    address: str, storage: Storage
) -> None:
    await migrate(parse_address(address), "0001")
    state = await database_state(address)
    assert (state.exists, state.schema, state.too_new) == (True, "0001", False)
    assert folder_state(storage.files.folder).exists


async def test_looking_at_a_database_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is no database, and never was one" * 100)
    with pytest.raises(StorageUnavailable, match="not a database"):
        await database_state(f"sqlite:///{tmp_path}/x.db")


def test_a_folder_that_is_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "clips").touch()
    assert not folder_state(tmp_path / "clips").writable
