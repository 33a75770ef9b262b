"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A point in time, aware and in UTC; SQLite, which knows no zones, holds it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Make what SQLite returns aware."""
        if value is None:
            return None
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from people: what a database cannot hold (NUL, half a character) is left out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Leave out NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot say."""
        return None if value is None else clean(value)


class Items(TypeDecorator[tuple[Any, ...]]):
    """A short list of numbers or words, as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """Turn a tuple into a list of clean items."""
        if value is None:
            return None
        return [clean(item) if isinstance(item, str) else item for item in value]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[Any, ...] | None:
        """Return a tuple, which a frozen record can hold."""
        return None if value is None else tuple(value)


def clean(text: str) -> str:
    """Return the text without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
