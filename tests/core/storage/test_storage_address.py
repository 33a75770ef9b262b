"""Addresses of databases: what is understood, and what is said of the rest."""

from __future__ import annotations

import pytest

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage.address import EXAMPLES, describe, parse_address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "it cannot be read as an address"),
        ("mindjam.db", "it cannot be read as an address"),
        ("postgresql://u:secret@host:port/db", "it cannot be read as an address"),
        ("mysql://u:secret@host/db", "there is no support for mysql"),
        ("postgresql+psycopg2://u:secret@host/db", "there is no support for postgresql+psycopg2"),
        ("sqlite://data/x.db", "a relative path follows three slashes and an absolute one four"),
        ("sqlite://", "it names no file, and what is kept in memory would be lost"),
        ("sqlite:///:memory:", "it names no file, and what is kept in memory would be lost"),
        ("sqlite:///file:x?uri=true", "it names no file, and what is kept in memory would be lost"),
        ("sqlite:///x.db?mode=ro", "SQLite takes no option mode"),
        ("postgresql://u:secret@host", "it names no database"),
        ("postgresql://u:secret@host/db?secret=1", "there is no option secret"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(address: str, reason: str) -> None:
    with pytest.raises(StorageUnavailable) as caught:
        parse_address(address)
    assert str(caught.value) == (
        f"The database's address cannot be used: {reason}; write it like {EXAMPLES}."
    )
    assert "u:secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "understood"),
    [
        ("sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db"),
        (" sqlite+aiosqlite:////var/x.db\n", "sqlite+aiosqlite:////var/x.db"),
        ("postgres://u:p%40@h:5433/db", "postgresql+asyncpg://u:p%40@h:5433/db"),
        ("postgresql://h/db?sslmode=require", "postgresql+asyncpg://h/db?ssl=require"),
        ("postgresql+asyncpg:///db?host=/run", "postgresql+asyncpg:///db?host=%2Frun"),
    ],
)
def test_an_address_is_given_the_driver_that_is_used(address: str, understood: str) -> None:
    url = parse_address(address)
    assert url.render_as_string(hide_password=False) == understood
    assert "p%40" not in describe(url)
    assert "+" not in describe(url)
