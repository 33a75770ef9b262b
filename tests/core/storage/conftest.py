"""Every storage test runs on SQLite and, where there is one, on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from migrated import lay_out
from stored_things import FakeClock, postgresql_database

from musicgen_core.storage import Storage


@pytest.fixture(params=["sqlite", "postgresql"])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/data/mindjam.db"
        return
    server = os.environ.get("TEST_POSTGRES_URL")
    if server is None:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server; .ci/run starts one")
    async with postgresql_database(server) as url:
        yield url


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def storage(address: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Storage]:
    await lay_out(address)
    async with Storage(address, tmp_path / "clips", clock) as opened:
        yield opened
