"""A person's departure: what is on its way is stopped, what is stored is deleted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Self

from bot.export import Rows
from musicgen_core.workshop import Workshop

END_SECONDS = 10.0
"""For what is being made to stop; the rows go in any case, and a sweep takes what comes later."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is stored of somebody."""

    jobs: int
    clips: int
    bytes: int
    jams: tuple[str, ...] = ()
    """Ids of jams that remember them."""

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """Count what People.export returned."""
        there = [clip for clip in rows["clips"] if clip["deleted"] is None]
        size = sum(clip["bytes"] for clip in there)
        jams = tuple(jam["id"] for jam in rows["jams"])
        return cls(len(rows["jobs"]), len(there), size, jams)


async def forget(workshop: Workshop, person_id: int) -> Holdings:
    """Stop and delete everything of a person; return how much it was.

    Raises:
        StorageUnavailable: the database or the disk fails; a second try goes on.
    """
    people = workshop.storage.people
    await _stop(workshop, person_id)
    held = Holdings.of(await people.export(person_id))
    for job_id in await people.delete(person_id):  # accepted meanwhile
        await workshop.cancel(job_id)
    return held


async def _stop(workshop: Workshop, person_id: int) -> None:
    """Cancel a person's jobs and wait for their end: until then their files are written."""
    jobs = [stands.job for stands in workshop.on_its_way()]
    own = [job.id for job in jobs if job.person_id == person_id]
    ends = [asyncio.create_task(_end(workshop, job_id)) for job_id in own]
    for job_id in own:
        await workshop.cancel(job_id)
    if ends:
        _, late = await asyncio.wait(ends, timeout=END_SECONDS)
        for task in late:
            task.cancel()


async def _end(workshop: Workshop, job_id: str) -> None:
    async for _ in workshop.watch(job_id):
        pass
