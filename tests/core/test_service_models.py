"""Several models behind one queue: each plays its own, one at a time, and shares count for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from directed_service import Deaf, Director, ask, end_of
from fake_core import FakeCore

from musicgen_core.errors import InvalidRequest
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.executors.lineup import Lineup
from musicgen_core.jams import Model
from musicgen_core.jobs import JobState
from musicgen_core.requests import ModelInfo
from musicgen_core.service import MusicService
from musicgen_core.storage import NewJob, Storage
from musicgen_core.studio import Studio
from musicgen_core.workshop import Workshop

SMALL = FakeCore(name="small")
WIDE = FakeCore(name="wide", rate=16_000, channels=2, max_seconds=5.0)
RAIN = NewJob(person_id=1, prompt="rain", seconds=1, seed=5)


class Reserve(Director):
    """A directed executor of another model, which may be slow to load."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self) -> ModelInfo:
        await self.gate.wait()
        return WIDE.info


@asynccontextmanager
async def pair(**limits: int) -> AsyncIterator[tuple[MusicService, Director, Reserve]]:
    first, second = Director(), Reserve()
    lineup = Lineup({"small": lambda: first, "wide": lambda: second})
    async with MusicService(lineup, Deaf(), **limits) as service:
        yield service, first, second


def inline(*cores: FakeCore) -> Lineup:
    # InlineExecutor calls its factory once.
    return Lineup({core.name: partial(InlineExecutor, partial(replace, core)) for core in cores})


async def test_every_model_answers_with_its_own_rate_and_channels() -> None:
    async with MusicService(inline(SMALL, WIDE), Deaf()) as service:
        assert service.models == ("small", "wide")
        assert service.info_of("wide") is None
        plain, stereo, default = [
            (await end_of(service, await service.submit(ask(), "ada", model=model))).clip
            for model in ("small", "wide", None)
        ]
    assert (plain.provenance.model, plain.sample_rate, plain.samples.shape[0]) == (
        "small",
        32000,
        1,
    )
    assert (stereo.provenance.model, stereo.sample_rate) == ("wide", 16000)
    assert stereo.samples.shape == (2, 5 * 320)
    assert default.provenance.model == "small"


async def test_one_model_plays_at_a_time_and_its_own_jobs_join_it() -> None:
    async with pair() as (service, first, second):
        for prompt, model in (("a", "small"), ("b", "wide"), ("c", "wide"), ("d", "small")):
            await service.submit(ask(prompt), prompt, model=model)
        await first.until("a")
        assert second.begun == []
        first.cue("a")
        await second.until("b", "c")
        assert first.begun == ["a"]
        second.cue("b")
        second.cue("c")
        await first.until("d")


async def test_shares_count_for_all_models_together() -> None:
    async with pair(max_batch=1) as (service, first, second):
        await service.submit(ask("now"), "cy")
        for prompt in "12":
            await service.submit(ask(f"ada {prompt}"), "ada", model="small")
        for prompt in "12":
            await service.submit(ask(f"ada wide {prompt}"), "ada", model="wide")
        await service.submit(ask("bo"), "bo", model="wide")
        first.cue("now")
        await first.until("ada 1")
        first.cue("ada 1")
        await second.until("bo")  # before the second of ada's, though it is of the other model


async def test_who_waits_is_told_when_the_other_model_has_done_its_part() -> None:
    async with pair(max_batch=2) as (service, first, _):
        service._bench.paces["small"].learn(0.1, None)
        service._bench.paces["wide"].learn(0.5, None)
        for prompt in "ab":
            await service.submit(ask(prompt, seconds=1), prompt, model="small")
        await first.until("a", "b")
        wide = [await service.submit(ask(p, seconds=1), p, model="wide") for p in "cde"]
        last = await service.submit(ask("f", seconds=1), "f", model="small")
        left = [(await anext(service.watch(job.id))).seconds_left for job in (*wide, last)]
    # Two places: the small one's both take 5 s, then the wide one's 25 s each.
    assert left == pytest.approx([30, 30, 55, 60], abs=1)


async def test_nobody_is_told_a_time_behind_a_model_whose_speed_is_not_known() -> None:
    async with pair(max_batch=1) as (service, first, _):
        service._bench.paces["small"].learn(0.1, None)
        await service.submit(ask("a", seconds=1), "ada", model="small")
        await first.until("a")
        known = await service.submit(ask("b", seconds=1), "bo", model="small")
        unknown = await service.submit(ask("c", seconds=1), "cy", model="wide")
        behind = await service.submit(ask("d", seconds=1), "dy", model="small")
        jobs = (known, unknown, behind)
        left = [(await anext(service.watch(job.id))).seconds_left for job in jobs]
    assert left == [pytest.approx(10, abs=1), None, None]


async def test_what_a_model_cannot_make_is_refused_at_once_or_as_soon_as_it_is_known() -> None:
    async with MusicService(inline(SMALL, WIDE), Deaf()) as service:
        job = await service.submit(ask(seconds=6), "ada", model="wide")
        end = await end_of(service, job)
        assert end.state is JobState.FAILED
        assert str(end.error) == "I make at most 5 s; please ask for less."
        with pytest.raises(InvalidRequest, match="at most 5 s"):
            await service.submit(ask(seconds=6), "ada", model="wide")
        await service.submit(ask(seconds=6), "ada", model="small")


async def test_until_a_model_is_known_it_makes_one_clip_and_then_as_many_as_fit() -> None:
    async with pair() as (service, _, second):
        second.gate.clear()
        jobs = [await service.submit(ask(p), p, model="wide") for p in "ab"]
        await asyncio.sleep(0)
        running = [(await anext(service.watch(job.id))).state for job in jobs]
        assert running == [JobState.RUNNING, JobState.QUEUED]
        second.gate.set()
        await second.until("a", "b")


async def test_a_job_that_is_cancelled_while_its_model_loads_is_never_begun() -> None:
    async with pair() as (service, first, second):
        second.gate.clear()
        job = await service.submit(ask("a"), "ada", model="wide")
        await asyncio.sleep(0)
        assert await service.cancel(job.id)
        assert (await end_of(service, job)).state is JobState.CANCELLED
        await service.submit(ask("b"), "bo")
        await first.until("b")
        assert second.begun == []


async def test_a_jam_keeps_its_model_until_that_has_left() -> None:
    async with pair() as (service, _, second):
        studio = Studio(service, SimpleNamespace(files=None), None)
        assert studio.model("wide") == Model("wide", 0, 300.0), "nothing is known yet"
        jam = SimpleNamespace(model=Model("org/wide", 16_000, 5.0))
        assert studio.model_of(jam) is jam.model, "as an earlier process knew it"
        job = await service.submit(ask("a"), "ada", model="wide")
        second.cue("a")
        await end_of(service, job)
        assert studio.model_of(jam) == studio.model("wide") == Model("wide", 16_000, 5.0)
        gone = SimpleNamespace(model=Model("gone", 8_000, 5.0))
        assert studio.model_of(gone) == studio.model(None) == Model("fake", 32_000, 30.0)


@asynccontextmanager
async def process(folder: Path, *cores: FakeCore) -> AsyncIterator[Workshop]:
    """A start of the bot."""
    service = MusicService(inline(*cores), Deaf())
    async with Storage(f"sqlite:///{folder}/mindjam.db", folder / "clips") as storage, service:
        workshop = Workshop(service, storage)
        try:
            yield workshop
        finally:
            await workshop.close()


async def made(workshop: Workshop, job_id: str) -> object:
    return [stands async for stands in workshop.watch(job_id)][-1].made[0]


async def test_a_restart_goes_on_with_each_job_on_its_own_model(tmp_path: Path) -> None:
    slow = replace(SMALL, frames_per_second=50), replace(WIDE, frames_per_second=50)
    async with process(tmp_path, *slow) as workshop:
        jobs = [await workshop.accept(replace(RAIN, model=m)) for m in ("small", "wide")]
    async with process(tmp_path, SMALL, WIDE) as workshop:
        assert len(await workshop.resume()) == 2
        clips = [await made(workshop, job.id) for job in jobs]
    assert [clip.provenance.model for clip in clips] == ["small", "wide"]
    assert [clip.sample_rate for clip in clips] == [32000, 16000]


async def test_where_its_model_has_left_the_default_plays_what_was_promised(tmp_path: Path) -> None:
    async with process(tmp_path, SMALL, replace(WIDE, frames_per_second=50)) as workshop:
        job = await workshop.accept(replace(RAIN, model="wide"))
    async with process(tmp_path, SMALL) as workshop:
        await workshop.resume()
        assert (await made(workshop, job.id)).provenance.model == "small"
        assert (await workshop.storage.jobs.get(job.id)).model == "wide", "what was asked for"


async def test_a_clip_is_continued_by_a_model_of_another_rate_and_channels(tmp_path: Path) -> None:
    async with process(tmp_path, SMALL, WIDE) as workshop:
        first = await workshop.accept(replace(RAIN, model="small"))
        (clip,) = [stands async for stands in workshop.watch(first.id)][-1].clips
        more = replace(RAIN, model="wide", parent_id=clip.id)
        stands = [s async for s in workshop.watch((await workshop.accept(more)).id)][-1]
    (continued,) = stands.made
    assert (continued.sample_rate, continued.samples.shape) == (16000, (2, 32000))
    assert continued.new_from == 16000
    (record,) = stands.clips
    assert (record.sample_rate, record.channels, record.parent_id) == (16000, 2, clip.id)
