"""A look at the database and the clips' folder that changes neither."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from musicgen_core.storage.address import describe, parse_address
from musicgen_core.storage.database import is_sqlite
from musicgen_core.storage.inventory import free_bytes
from musicgen_core.storage.schema import current_revision, revisions


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What a database is like."""

    address: str
    """Without a password."""
    exists: bool
    schema: str | None
    """None: nothing is in it yet."""
    newest: str
    """The newest schema that this program knows."""

    @property
    def too_new(self) -> bool:
        """Whether a newer mindjam made it."""
        return self.schema is not None and self.schema not in revisions()


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a clips' folder is like."""

    exists: bool
    writable: bool
    """Of one that is yet to be created: whether it can be."""
    free_bytes: int


async def database_state(address: str) -> DatabaseState:
    """Look at a database; an SQLite file that is missing is not created.

    Raises:
        StorageUnavailable: the address is wrong, or the database cannot be reached.
    """
    url = parse_address(address)
    there = not is_sqlite(url) or await asyncio.to_thread(Path(url.database or "").exists)
    schema = await current_revision(url) if there else None
    return DatabaseState(describe(url), there, schema, revisions()[-1])


def folder_state(folder: Path) -> FolderState:
    """Look at a clips' folder; one that is missing is not created."""
    nearest = folder.absolute()
    while not nearest.exists():
        nearest = nearest.parent
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return FolderState(folder.exists(), writable, free_bytes(folder))
