"""The bot's door: every job comes to one end, and whoever watches is told."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from directed_service import SLOW, Deaf, Director, ask, directed, end_of, follow
from fake_core import FakeCore, sine

from musicgen_core.errors import (
    BackendError,
    InvalidRequest,
    JobCancelled,
    ModelUnavailable,
    QueueFull,
)
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.requests import Progress
from musicgen_core.service import JobState, MusicService


async def test_a_job_is_queued_runs_and_ends_with_its_clip() -> None:
    async with MusicService(InlineExecutor(SLOW), Deaf()) as service:
        assert service.info.name == "fake"
        job = await service.submit(ask(seconds=4), "ada")
        updates = await follow(service, job)
    states = [update.state for update in updates]
    assert states[0] is JobState.QUEUED
    assert updates[0].position == 1
    assert states[-1] is JobState.DONE
    assert set(states[1:-1]) == {JobState.RUNNING}
    assert np.array_equal(updates[-1].clip.samples, sine(job.request))
    done = [update.progress.done for update in updates if update.progress]
    assert done == sorted(done)
    assert len(done) > 3
    assert all(update.position == 0 for update in updates[1:])
    assert any(update.seconds_left is not None for update in updates)


async def test_everybody_who_watches_sees_the_end_even_late() -> None:
    async with MusicService(InlineExecutor(FakeCore), Deaf()) as service:
        job = await service.submit(ask(), "ada")
        early = [asyncio.create_task(end_of(service, job)) for _ in range(3)]
        ends = [await watcher for watcher in early]
        ends.append(await end_of(service, job))
    assert all(end is ends[0] for end in ends)
    assert ends[0].state is JobState.DONE


async def test_a_slow_watcher_sees_the_latest_state_and_never_misses_the_end() -> None:
    async with directed() as (service, director):
        job = await service.submit(ask(), "ada")
        watcher = service.watch(job.id)
        assert (await anext(watcher)).state is JobState.QUEUED
        await director.until("rain")
        for done in range(1, 1000):
            director.running["rain"](Progress(done, 1000))
        assert (await anext(watcher)).progress == Progress(999, 1000)
        director.cue("rain")
        await end_of(service, job)
        rest = [update async for update in watcher]
        assert [update.state for update in rest] == [JobState.DONE]


async def test_places_in_the_queue_move_up() -> None:
    async with directed(max_batch=1) as (service, director):
        first, second, third = [await service.submit(ask(name), name) for name in "abc"]
        await director.until("a")
        watcher = service.watch(third.id)
        assert (await anext(watcher)).position == 2
        director.cue("a")
        assert (await anext(watcher)).position == 1
        await service.cancel(second.id)
        director.cue("c")
        assert (await end_of(service, third)).state is JobState.DONE
        assert (await end_of(service, first)).state is JobState.DONE


async def test_those_who_wait_are_told_how_long_from_measured_speed() -> None:
    async with MusicService(InlineExecutor(SLOW), Deaf(), max_batch=1) as service:
        await end_of(service, await service.submit(ask(seconds=0.4), "ada"))
        jobs = [await service.submit(ask(seconds=2), name) for name in "abc"]
        left = [(await anext(service.watch(job.id))).seconds_left for job in jobs]
        # 100 frames each at 200 frames/s or, on a busy machine, somewhat fewer
        assert 0.4 < left[0] < 5
        assert left[1] == pytest.approx(2 * left[0], rel=0.01)
        assert left[2] == pytest.approx(3 * left[0], rel=0.01)


async def test_a_request_joins_what_is_made_and_is_not_held_up_by_it() -> None:
    async with directed() as (service, director):
        long = await service.submit(ask("long", seconds=30), "ada")
        await director.until("long")
        short = await service.submit(ask("short"), "bo")
        await director.until("long", "short")
        director.cue("short")
        assert (await end_of(service, short)).clip.provenance.prompt == "short"
        assert sorted(director.running) == ["long"]
        director.cue("long")
        assert (await end_of(service, long)).state is JobState.DONE


async def test_no_more_are_made_at_once_than_may_be() -> None:
    async with directed(max_batch=2) as (service, director):
        for name in "abc":
            await service.submit(ask(name), name)
        await director.until("a", "b")
        director.cue("b")
        await director.until("a", "c")


async def test_with_several_places_waiting_times_are_those_of_the_next_free_one() -> None:
    async with MusicService(InlineExecutor(SLOW), Deaf(), max_batch=2) as service:
        await end_of(service, await service.submit(ask(seconds=0.4), "ada"))
        jobs = [await service.submit(ask(seconds=2), name) for name in "abcd"]
        await asyncio.sleep(0)
        left = [(await anext(service.watch(job.id))).seconds_left for job in jobs]
        assert left[2] == left[3] == pytest.approx(2 * left[0], rel=0.01)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (ask(seconds=30.5), r"^I make at most 30 s"),
        (ask("la " * 400), r"^The description has 1199 characters; I read at most 1000"),
    ],
)
async def test_what_the_model_cannot_make_is_refused_at_once(request_, sentence) -> None:
    async with directed() as (service, director):
        with pytest.raises(InvalidRequest, match=sentence):
            await service.submit(request_, "ada")
        assert director.begun == []


async def test_a_full_queue_refuses_until_there_is_room() -> None:
    async with directed(max_queue=1, max_batch=1) as (service, director):
        await service.submit(ask(), "ada")
        await director.until("rain")
        waiting = await service.submit(ask(), "bo")
        with pytest.raises(QueueFull) as caught:
            await service.submit(ask(), "cy")
        assert caught.value.retry_after >= 1
        await service.cancel(waiting.id)
        await service.submit(ask(), "cy")


async def test_a_waiting_job_can_be_cancelled() -> None:
    async with directed(max_batch=1) as (service, director):
        await service.submit(ask("first"), "ada")
        await director.until("first")
        job = await service.submit(ask("second"), "bo")
        assert await service.cancel(job.id)
        end = await end_of(service, job)
        assert end.state is JobState.CANCELLED
        assert str(end.error) == "The job was cancelled."
        assert not await service.cancel(job.id)
        director.cue("first")
        await director.until()
        assert director.begun == ["first"]


async def test_cancelling_a_running_job_stops_its_clip_and_no_other() -> None:
    async with directed() as (service, director):
        job = await service.submit(ask("a"), "ada")
        other = await service.submit(ask("b"), "bo")
        await director.until("a", "b")
        assert await service.cancel(job.id)
        assert (await end_of(service, job)).state is JobState.CANCELLED
        await director.until("b")
        assert director.cancelled == ["a"]
        director.cue("b")
        assert (await end_of(service, other)).state is JobState.DONE


async def test_closing_cancels_what_waits_and_runs_and_refuses_new_work() -> None:
    director, deaf = Director(), Deaf()
    service = MusicService(director, deaf, max_batch=2)
    await service.start()
    jobs = [await service.submit(ask(name), name) for name in ("a", "b", "c")]
    await director.until("a", "b")
    director.cue("a", BackendError("both"))
    director.cue("b", BackendError("both"))
    await director.until("a")  # a runs alone, b waits for it, c is queued
    assert director.begun == ["a", "b", "a"]
    async with asyncio.timeout(2):
        await service.close()
    ends = [await end_of(service, job) for job in jobs]
    assert {end.state for end in ends} == {JobState.CANCELLED}
    assert all(isinstance(end.error, JobCancelled) for end in ends)
    assert deaf.closed
    with pytest.raises(BackendError, match="shutting down"):
        await service.submit(ask(), "ada")


async def test_only_the_last_jobs_that_ended_are_kept() -> None:
    async with MusicService(InlineExecutor(FakeCore), Deaf(), keep=2) as service:
        jobs = [await service.submit(ask(str(n)), "ada") for n in range(4)]
        for job in jobs[2:]:
            await end_of(service, job)
        with pytest.raises(InvalidRequest, match="no longer know"):
            service.watch(jobs[0].id)
        assert (await end_of(service, jobs[3])).clip is not None
        assert not await service.cancel(jobs[0].id)


async def test_jobs_that_ended_long_ago_are_forgotten() -> None:
    async with MusicService(InlineExecutor(FakeCore), Deaf(), keep_seconds=0.0) as service:
        first = await service.submit(ask(), "ada")
        watcher = service.watch(first.id)
        await end_of(service, first)
        await end_of(service, await service.submit(ask(), "ada"))
        with pytest.raises(InvalidRequest):
            service.watch(first.id)
        assert [update.state async for update in watcher][-1] is JobState.DONE


async def test_a_model_that_cannot_be_loaded_closes_what_was_opened() -> None:
    def no_model() -> FakeCore:
        raise ModelUnavailable("No such folder.")

    deaf = Deaf()
    with pytest.raises(ModelUnavailable, match=r"^No such folder\.$"):
        async with MusicService(InlineExecutor(no_model), deaf):
            pass
    assert deaf.closed


async def test_attachments_are_read_within_the_services_limit() -> None:
    deaf = Deaf()
    async with MusicService(InlineExecutor(FakeCore), deaf, max_audio_seconds=7.0) as service:
        prompt = await service.read_audio(b"RIFF", until=2.0)
    assert prompt.sample_rate == 8000
    assert deaf.asked == [(b"RIFF", 7.0, 2.0)]


async def test_the_speed_is_known_once_a_clip_was_made() -> None:
    async with directed() as (service, _):
        assert service.speed_of("default") is None
        service._bench.paces["default"].learn(step=0.04, rest=0.01)
        assert service.speed_of("default") == pytest.approx(0.4)
