"""What is remembered of jobs that ended is bounded in number, in time and in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from musicgen_core import ledger
from musicgen_core.jobs import JobState
from musicgen_core.ledger import Ledger


@dataclass(frozen=True)
class Told:
    job_id: str
    state: JobState
    sound_bytes: int = 0


def ended(book: Ledger[Told], sound_bytes: int, names: str) -> str:
    """End jobs of these names; return those that are still known."""
    for name in names:
        book.publish(Told(name, JobState.RUNNING))
        book.publish(Told(name, JobState.DONE, sound_bytes))
    return "".join(name for name in names if book.latest(name))


def test_the_oldest_ends_are_forgotten_once_there_are_too_many() -> None:
    assert ended(Ledger(2, 900.0, clock=lambda: 0.0), 1, "abcd") == "cd"


def test_ends_with_much_sound_are_forgotten_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_SOUND", 100)
    assert ended(Ledger(8, 900.0, clock=lambda: 0.0), 40, "abcd") == "cd"
    assert ended(Ledger(8, 900.0, clock=lambda: 0.0), 400, "abc") == "c"


def test_what_has_not_ended_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_SOUND", 100)
    book: Ledger[Told] = Ledger(1, 900.0, clock=lambda: 0.0)
    book.publish(Told("long", JobState.RUNNING, 1000))
    assert ended(book, 40, "abc") == "c"
    assert book.latest("long") is not None


async def test_it_is_quiet_once_all_jobs_have_ended_and_nobody_waits_longer_than_they_like() -> (
    None
):
    book: Ledger[Told] = Ledger(2, 900.0)
    await book.quiet(60.0)
    for name in "ab":
        book.publish(Told(name, JobState.QUEUED))
    await book.quiet(0.01)
    waiting = asyncio.create_task(book.quiet(60.0))
    book.publish(Told("a", JobState.DONE))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    book.publish(Told("b", JobState.CANCELLED))
    await asyncio.wait_for(waiting, 10.0)
    book.publish(Told("b", JobState.RUNNING))  # what has ended stays so
    book.publish(Told("c", JobState.FAILED))  # and what begins with its end is none that waits
    await asyncio.wait_for(book.quiet(60.0), 10.0)
