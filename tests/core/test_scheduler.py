"""The queue: who is next, with whom, and that nobody is lost."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_core.errors import QueueFull
from musicgen_core.jobs import Job
from musicgen_core.requests import AudioPrompt, GenerationRequest
from musicgen_core.scheduler import LONGEST_TO_SHORTEST, Scheduler

OWNERS = st.sampled_from(["ada", "bo", "cy"])
SECONDS = st.sampled_from([1.0, 2.0, 5.0, 8.0, 30.0])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), OWNERS, SECONDS),
        st.tuples(st.just("take"), st.none(), st.none()),
        st.tuples(st.just("remove"), st.integers(0, 40), st.none()),
    ),
    max_size=40,
)


def scheduler(max_queue=100, max_batch=3, max_batch_seconds=40.0) -> Scheduler:
    return Scheduler(max_queue=max_queue, max_batch=max_batch, max_batch_seconds=max_batch_seconds)


def job(name: str, owner: str = "ada", seconds: float = 5.0) -> Job:
    return Job(name, GenerationRequest(seconds=seconds), owner)


def fill(queue: Scheduler, *jobs: Job) -> None:
    for one in jobs:
        queue.add(one, retry_after=1)


def names(jobs) -> list[str]:
    return [one.id for one in jobs]


@given(STEPS)
def test_every_accepted_job_leaves_once_in_its_owners_order(steps) -> None:
    queue, accepted, left, removed = scheduler(max_queue=12), [], [], []
    for number, (action, what, seconds) in enumerate(steps):
        if action == "add":
            one = job(str(number), what, seconds)
            if len(queue) == 12:
                with pytest.raises(QueueFull):
                    queue.add(one, retry_after=1)
            else:
                fill(queue, one)
                accepted.append(one)
        elif action == "take":
            planned = queue.plan()
            batch = queue.take()
            assert planned[:1] == ([batch] if batch else [])
            left += batch
        elif what < len(accepted) and queue.remove(accepted[what]):
            removed.append(accepted[what])
    while batch := queue.take():
        left += batch
    assert len(queue) == 0
    assert sorted(names(left + removed)) == sorted(names(accepted))
    assert len(set(names(left + removed))) == len(accepted)
    by_owner = defaultdict(list)
    for one in left:
        by_owner[one.owner].append(int(one.id))
    assert all(numbers == sorted(numbers) for numbers in by_owner.values())


@given(st.lists(st.tuples(OWNERS, SECONDS), max_size=30))
def test_batches_stay_within_their_bounds(wishes) -> None:
    queue = scheduler()
    fill(queue, *(job(str(n), owner, seconds) for n, (owner, seconds) in enumerate(wishes)))
    while batch := queue.take():
        lengths = [one.request.seconds for one in batch]
        assert len(batch) <= 3
        assert len(batch) == 1 or sum(lengths) <= 40
        assert max(lengths) <= LONGEST_TO_SHORTEST * min(lengths)


@given(st.lists(OWNERS, max_size=30))
def test_between_two_turns_of_one_owner_every_other_who_waits_has_one(owners) -> None:
    queue = scheduler(max_batch=1)
    fill(queue, *(job(str(n), owner) for n, owner in enumerate(owners)))
    served = []
    while batch := queue.take():
        served.append(batch[0].owner)
    for owner in set(owners):
        turns = [n for n, other in enumerate(served) if other == owner]
        for start, stop in pairwise(turns):
            between = served[start + 1 : stop]
            waiting = {other for other in served[stop:] if other != owner}
            assert waiting <= set(between)


def test_owners_take_turns_and_keep_their_own_order() -> None:
    queue = scheduler(max_batch=1)
    fill(queue, job("a1"), job("a2"), job("a3"), job("b1", "bo"), job("c1", "cy"))
    assert [names(batch) for batch in queue.plan()] == [["a1"], ["b1"], ["c1"], ["a2"], ["a3"]]


def test_alike_requests_share_a_batch_and_a_long_one_does_not_hold_up_short_ones() -> None:
    queue = scheduler()
    fill(queue, job("short"), job("long", "bo", 30), job("also short", "cy", 6))
    assert [names(batch) for batch in queue.plan()] == [["short", "also short"], ["long"]]


def test_a_job_does_not_overtake_its_owners_earlier_one() -> None:
    queue = scheduler()
    fill(queue, job("a1", "ada"), job("b long", "bo", 30), job("b short", "bo"))
    assert [names(batch) for batch in queue.plan()] == [["a1"], ["b long"], ["b short"]]


def test_audio_prompts_count_toward_a_batchs_seconds() -> None:
    queue = scheduler(max_batch_seconds=10)
    hum = AudioPrompt(np.ones((1, 6 * 8000), np.float32), 8000)
    continued = Job("continued", GenerationRequest(seconds=2, audio=hum), "ada")
    fill(queue, continued, job("b", "bo", 2), job("c", "cy", 2))
    assert [names(batch) for batch in queue.plan()] == [["continued", "b"], ["c"]]


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    queue = scheduler(max_queue=1)
    fill(queue, job("first"))
    with pytest.raises(QueueFull) as caught:
        queue.add(job("second"), retry_after=12.0)
    assert caught.value.retry_after == 12.0
    assert queue.take()
    fill(queue, job("second"))


def test_removing_what_is_not_there_changes_nothing() -> None:
    queue = scheduler()
    fill(queue, job("a"))
    assert not queue.remove(job("b"))
    assert not queue.remove(job("a", "bo"))
    assert queue.remove(job("a"))
    assert len(queue) == 0
