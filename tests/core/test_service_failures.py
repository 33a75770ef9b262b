"""Dead workers, failed batches and closing: every job still comes to exactly one end."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np
import pytest
from directed_service import ask, directed, end_of, follow
from fake_core import FakeCore, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_core.errors import (
    BackendError,
    InvalidRequest,
    ModelUnavailable,
    WorkerLost,
)
from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.executors.sandbox import AudioSandbox
from musicgen_core.requests import Progress
from musicgen_core.service import JobState, MusicService


async def test_a_job_whose_worker_died_starts_over_once() -> None:
    async with directed() as (service, director):
        job = await service.submit(ask(), "ada")
        await director.until("rain")
        director.running["rain"](Progress(3, 5))
        director.cue("rain", WorkerLost("killed"))
        await director.until_begun(2)
        again = await anext(service.watch(job.id))
        assert (again.state, again.attempt, again.progress) == (JobState.RUNNING, 2, None)
        director.cue("rain")
        end = await end_of(service, job)
        assert (end.state, end.attempt) == (JobState.DONE, 2)
        assert len(director.begun) == 2


async def test_after_two_dead_workers_there_is_an_apology() -> None:
    async with directed() as (service, director):
        job = await service.submit(ask(), "ada")
        director.cue("rain", WorkerLost("killed"))
        director.cue("rain", WorkerLost("killed"))
        end = await end_of(service, job)
        assert end.state is JobState.FAILED
        assert type(end.error) is WorkerLost
        assert str(end.error).startswith("Sorry, ")
        assert len(director.begun) == 2


@pytest.mark.parametrize("error", [BackendError("out of memory"), WorkerLost("killed")])
async def test_what_fails_together_is_tried_again_one_by_one(error) -> None:
    async with directed() as (service, director):
        jobs = [await service.submit(ask(name), name) for name in ("a", "b", "c")]
        await director.until("a", "b", "c")
        for name, outcome in (("a", None), ("b", InvalidRequest("this one")), ("c", None)):
            director.cue(name, error)
            director.cue(name, outcome)
        ends = [await end_of(service, job) for job in jobs]
        assert director.begun == ["a", "b", "c", "a", "b", "c"]
        assert [end.state for end in ends] == [JobState.DONE, JobState.FAILED, JobState.DONE]
        assert str(ends[1].error) == "this one"
        assert {end.attempt for end in ends} == {2 if isinstance(error, WorkerLost) else 1}


async def test_a_refusal_is_nobody_elses_business() -> None:
    async with directed() as (service, director):
        jobs = [await service.submit(ask(name), name) for name in ("a", "b")]
        await director.until("a", "b")
        director.cue("a", InvalidRequest("too odd"))
        end = await end_of(service, jobs[0])
        assert (end.state, str(end.error)) == (JobState.FAILED, "too odd")
        director.cue("b")
        assert (await end_of(service, jobs[1])).state is JobState.DONE
        assert director.begun == ["a", "b"]


async def test_those_who_start_over_do_it_alone_and_in_turn_unless_cancelled() -> None:
    async with directed() as (service, director):
        jobs = [await service.submit(ask(name), name) for name in ("a", "b", "c")]
        await director.until("a", "b", "c")
        for name in "abc":
            director.cue(name, WorkerLost("killed"))
        await director.until("a")
        new = await service.submit(ask("new"), "dee")
        waiting = await anext(service.watch(jobs[2].id))
        assert (waiting.state, waiting.attempt) == (JobState.RUNNING, 2)
        await service.cancel(jobs[1].id)
        director.cue("a")
        await director.until("c")
        director.cue("c")
        director.cue("new")
        for job in (jobs[2], new):
            assert (await end_of(service, job)).state is JobState.DONE
        assert director.begun == ["a", "b", "c", "a", "c", "new"]


@pytest.mark.parametrize(
    ("cue", "error", "text"),
    [
        (InvalidRequest("Too odd."), InvalidRequest, "Too odd."),
        (ModelUnavailable("File gone."), ModelUnavailable, "File gone."),
        (ZeroDivisionError("secret"), BackendError, "Making the clip failed (ZeroDivisionError)."),
    ],
)
async def test_a_failure_is_told_and_the_next_job_is_made(cue, error, text) -> None:
    async with directed() as (service, director):
        job = await service.submit(ask(), "ada")
        director.cue("rain", cue)
        end = await end_of(service, job)
        assert end.state is JobState.FAILED
        assert type(end.error) is error
        assert str(end.error) == text
        director.cue("rain")
        assert (await end_of(service, await service.submit(ask(), "ada"))).state is JobState.DONE


OUTCOMES = st.lists(
    st.sampled_from(
        [None, None, None, InvalidRequest("no"), BackendError("no"), WorkerLost("no"), OSError()]
    ),
    max_size=30,
)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from("abc")),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.integers(1, 5)),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(OUTCOMES, ACTIONS, st.integers(1, 4), st.booleans())
def test_every_accepted_job_comes_to_exactly_one_end(outcomes, actions, max_batch, close) -> None:
    async def play() -> None:
        async with directed(max_batch=max_batch, keep=100) as (service, director):
            for outcome in outcomes:
                director.cue("rain", outcome)
            jobs, watchers = [], []
            for action, what in actions:
                if action == "submit":
                    jobs.append(await service.submit(ask(seconds=0.02), what))
                    watchers.append(asyncio.create_task(follow(service, jobs[-1])))
                elif action == "cancel" and what < len(jobs):
                    await service.cancel(jobs[what].id)
                elif action == "wait":
                    for _ in range(what):
                        await asyncio.sleep(0)
            if close:
                await service.close()
            for _ in range(200):
                director.cue("rain")
            for job, watcher in zip(jobs, watchers, strict=True):
                updates = await watcher
                ended = [update for update in updates if update.state.ended]
                assert ended == [updates[-1]]
                assert ended[0].job == job
                assert (ended[0].clip is not None) == (ended[0].state is JobState.DONE)
                assert (ended[0].error is not None) == (ended[0].state is not JobState.DONE)

    asyncio.run(play())


async def test_a_real_worker_killed_in_mid_clip_costs_nobody_their_clip(tmp_path) -> None:
    executor = ProcessExecutor(partial(FakeCore, scratch=tmp_path))
    async with MusicService(executor, AudioSandbox(), max_batch=2) as service:
        jobs = [
            await service.submit(ask(prompt, seconds=1), "ada")
            for prompt in ("once kill this", "bystander", "next")
        ]
        ends = [await end_of(service, job) for job in jobs]
    assert [end.state for end in ends] == [JobState.DONE] * 3
    assert [end.attempt for end in ends] == [2, 2, 1]
    for job, end in zip(jobs, ends, strict=True):
        assert np.array_equal(end.clip.samples, sine(job.request))
