"""What may join what is being made: as long as it is worth it, and as memory has room."""

from __future__ import annotations

import pytest
from directed_service import Deaf, Director, ask
from fake_core import FakeCore

from musicgen_core.crowd import Bearable
from musicgen_core.jobs import Job
from musicgen_core.making import Workbench
from musicgen_core.requests import Progress
from musicgen_core.scheduler import Scheduler
from musicgen_core.service import MusicService


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def bench_of(count: int, *, most: int = 8) -> tuple[Workbench, Clock, list]:
    bench, clock = Workbench(most, Bearable()), Clock()
    bench.paces[""].clock = clock
    bench.paces[""].crowd._clock = clock
    makings = [bench.begin(Job(str(n), ask(), "ada"), 1000, 1, alone=False) for n in range(count)]
    return bench, clock, makings


def advance(bench: Workbench, clock: Clock, makings: list, frames: int, step: float) -> None:
    """Every clip gets on by so many frames, each of which takes so long."""
    for _ in range(2):
        for making in makings:
            done = making.progress.done if making.progress else 0
            bench.advance(making, Progress(done + frames, 1000))
        clock.now += frames * step


def test_a_clip_joins_until_one_more_makes_no_more_music() -> None:
    bench, clock, makings = bench_of(1)
    advance(bench, clock, makings, 100, 0.01)
    assert bench.worth_one_more
    makings.append(bench.begin(Job("second", ask(), "ada"), 1000, 1, alone=False))
    advance(bench, clock, makings, 100, 0.03)
    advance(bench, clock, makings, 100, 0.03)
    bench.clear(makings[1])
    assert not bench.worth_one_more
    assert len(bench.free_times()) == 1


def test_progress_from_before_others_joined_is_not_taken_for_theirs() -> None:
    bench, clock, makings = bench_of(1)
    bench.advance(makings[0], Progress(1, 1000))
    clock.now += 100
    bench.begin(Job("second", ask(), "ada"), 1000, 1, alone=False)
    bench.advance(makings[0], Progress(2, 1000))
    assert bench.paces[""].crowd.step(1) is bench.paces[""].crowd.step(2) is None


def test_nobody_joins_where_it_is_not_worth_it_but_somebody_is_made_alone() -> None:
    scheduler = Scheduler(max_queue=9, max_batch=8, max_batch_seconds=99)
    one, other = Job("one", ask(), "ada"), Job("other", ask(), "lin")
    scheduler.add(one)
    scheduler.add(other)
    assert scheduler.take([], more=False) is one
    assert scheduler.take([one], more=False) is None
    assert scheduler.take([one]) is other


def test_short_ones_take_the_memory_of_the_longest_beside_them() -> None:
    scheduler = Scheduler(max_queue=9, max_batch=8, max_batch_seconds=99)
    scheduler.limit_seconds("", 60.0)
    long, short, third = (
        Job(name, ask(seconds=seconds), name) for name, seconds in (("a", 25), ("b", 2), ("c", 2))
    )
    scheduler.add(short)
    assert scheduler.take([long]) is short
    scheduler.add(third)
    assert scheduler.take([long, short]) is None
    assert scheduler.take([short]) is third


@pytest.mark.parametrize(("room", "together"), [(None, 3), (1 << 30, 3), (3_000_000, 2), (0, 1)])
async def test_memory_has_room_for_what_the_engine_remembers(room, together, monkeypatch) -> None:
    director = Director()
    info = FakeCore().info

    async def start():
        return type(info)(**{f: getattr(info, f) for f in info.__slots__}
                          | {"cache_bytes_per_second": 1_000_000})  # fmt: skip

    monkeypatch.setattr(director, "start", start)
    async with MusicService(director, Deaf(), available=lambda: room) as service:
        for prompt in "abc":
            await service.submit(ask(prompt, seconds=1), prompt)
        await director.until(*"abc"[:together])
