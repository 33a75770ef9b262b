"""The storage as a whole: opened once, closed at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from musicgen_core.storage.address import parse_address
from musicgen_core.storage.clip_files import ClipFiles
from musicgen_core.storage.clips import Clips
from musicgen_core.storage.database import Database, make_folder
from musicgen_core.storage.identity import Identity
from musicgen_core.storage.inventory import Inventory
from musicgen_core.storage.jams import Jams
from musicgen_core.storage.jobs import Jobs
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.people import People
from musicgen_core.storage.preferences import Preferences
from musicgen_core.storage.rows import Clock, utc_now
from musicgen_core.storage.schema import migrate
from musicgen_core.storage.sweeper import Sweeper


class Storage:
    """Jobs, clips, jams, settings and files, for the length of an `async with`.

    Args:
        address: `sqlite:///data/mindjam.db` or `postgresql://name:password@host/database`.
        folder: where clips are files.
        clock: the time now, aware.

    Raises:
        StorageUnavailable: the address is wrong.
    """

    def __init__(self, address: str, folder: Path, clock: Clock = utc_now) -> None:
        self._url = parse_address(address)
        self._database = Database(self._url)
        self.files = ClipFiles(folder)
        named = NamedFiles(self._database, self.files)
        self.jobs = Jobs(self._database, named, clock)
        self.clips = Clips(self._database, named, clock)
        self.jams = Jams(self._database, named, clock)
        self.preferences = Preferences(self._database)
        self.people = People(self._database, named, clock)
        self.sweeper = Sweeper(self._database, self.files, named, clock)
        self.inventory = Inventory(self._database, self.files)
        self._identity = Identity(self._database, self.files)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Create what is missing and bring the database to this version's schema.

        Raises:
            StorageUnavailable: the folder or the database cannot be used, the database is of a
                newer mindjam, or the two do not belong together.
        """
        await self.files.open()
        await make_folder(self._url)
        await migrate(self._url)
        await self._identity.tie()

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()
