"""What people write as the database's address -> what SQLAlchemy is given."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from musicgen_core.errors import StorageUnavailable

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
DRIVERS = {
    "sqlite": SQLITE,
    SQLITE: SQLITE,
    "postgres": POSTGRESQL,
    "postgresql": POSTGRESQL,
    POSTGRESQL: POSTGRESQL,
}
EXAMPLES = "sqlite:///data/mindjam.db or postgresql://name:password@host/database"
# What libpq calls sslmode is ssl for asyncpg.
OPTIONS = {"host": "host", "ssl": "ssl", "sslmode": "ssl"}


def parse_address(text: str) -> URL:
    """Return the address with the driver that is used; passwords never get into an error's text.

    Raises:
        StorageUnavailable: it is no address of an SQLite file or a PostgreSQL database.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as exc:
        raise _wrong("it cannot be read as an address") from exc
    if url.drivername not in DRIVERS:
        raise _wrong(f"there is no support for {url.drivername}")
    url = url.set(drivername=DRIVERS[url.drivername])
    return _sqlite(url) if url.drivername == SQLITE else _postgresql(url)


def describe(url: URL) -> str:
    """Return the address as people may see it, without a password."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def _sqlite(url: URL) -> URL:
    if url.host:
        raise _wrong("a relative path follows three slashes and an absolute one four")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise _wrong("it names no file, and what is kept in memory would be lost")
    if url.query:
        raise _wrong(f"SQLite takes no option {next(iter(url.query))}")
    return url


def _postgresql(url: URL) -> URL:
    if not url.database:
        raise _wrong("it names no database")
    for option in url.query:
        if option not in OPTIONS:
            raise _wrong(f"there is no option {option}")
    return url.set(query={OPTIONS[name]: value for name, value in url.query.items()})


def _wrong(reason: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"The database's address cannot be used: {reason}; write it like {EXAMPLES}."
    )
