"""Rows of the database -> records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from musicgen_core.jobs import JobState
from musicgen_core.storage import tables
from musicgen_core.storage.records import ClipRecord, Delivered, JobRecord

Clock = Callable[[], datetime]
"""The time now, aware."""
Row = Mapping[Any, Any]

OPEN = (JobState.QUEUED, JobState.RUNNING)
"""What a job is before it has ended."""
# What is searched is derived from the rest.
CLIP_COLUMNS = [column for column in tables.clips.c if column.name != "searchable"]


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def job_of(row: Row) -> JobRecord:
    """Return a row of `jobs` as a record."""
    delivered = row["delivered"] and Delivered(row["delivered"])
    return JobRecord(**{**row, "status": JobState(row["status"]), "delivered": delivered})


def clip_of(row: Row) -> ClipRecord:
    """Return a row of `clips`, as CLIP_COLUMNS selects it, as a record."""
    return ClipRecord(**row)
