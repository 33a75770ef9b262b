"""The queue: who is next, and that nobody is lost."""

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
from musicgen_core.scheduler import Scheduler

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


def job(name: str, owner: str = "ada", seconds: float = 5.0, group: str = "") -> Job:
    return Job(name, GenerationRequest(seconds=seconds), owner, group)


def fill(queue: Scheduler, *jobs: Job) -> None:
    for one in jobs:
        queue.require(1, retry_after=1)
        queue.add(one)


def names(jobs) -> list[str]:
    return [one.id for one in jobs]


def taken(queue: Scheduler) -> list[Job]:
    """All that wait, one after the other."""
    found = []
    while (one := queue.take([])) is not None:
        found.append(one)
    return found


@given(STEPS)
def test_every_accepted_job_leaves_once_in_its_owners_order(steps) -> None:
    queue, accepted, left, removed = scheduler(max_queue=12), [], [], []
    for number, (action, what, seconds) in enumerate(steps):
        if action == "add":
            one = job(str(number), what, seconds)
            if len(queue) == 12:
                with pytest.raises(QueueFull):
                    queue.require(1, retry_after=1)
            else:
                fill(queue, one)
                accepted.append(one)
        elif action == "take":
            planned = queue.plan()
            one = queue.take([])
            assert planned[:1] == ([one] if one else [])
            left += [one] if one else []
        elif what < len(accepted) and queue.remove(accepted[what]):
            removed.append(accepted[what])
    left += taken(queue)
    assert len(queue) == 0
    assert sorted(names(left + removed)) == sorted(names(accepted))
    assert len(set(names(left + removed))) == len(accepted)
    by_owner = defaultdict(list)
    for one in left:
        by_owner[one.owner].append(int(one.id))
    assert all(numbers == sorted(numbers) for numbers in by_owner.values())


@given(st.lists(st.tuples(OWNERS, SECONDS), max_size=30))
def test_what_is_made_at_once_stays_within_its_bounds(wishes) -> None:
    queue, running = scheduler(), []
    fill(queue, *(job(str(n), owner, seconds) for n, (owner, seconds) in enumerate(wishes)))
    for _ in range(60):
        while (one := queue.take(running)) is not None:
            running.append(one)
            assert len(running) <= 3
            assert len(running) == 1 or sum(r.request.seconds for r in running) <= 40
        running = running[1:]
    assert len(queue) == 0


@given(st.lists(st.tuples(OWNERS, SECONDS), max_size=40))
def test_nobody_who_waits_falls_behind_by_more_than_the_longest_clips(wishes) -> None:
    queue, served = scheduler(), defaultdict(float)
    fill(queue, *(job(str(n), owner, seconds) for n, (owner, seconds) in enumerate(wishes)))
    waiting = {owner for owner, _ in wishes}
    while waiting:
        one = queue.take([])
        served[one.owner] += one.request.seconds
        waiting = {w.owner for w in queue.plan()}
        shares = [served[owner] for owner in waiting]
        assert max(shares, default=0) - min(shares, default=0) <= 2 * 30


@given(st.lists(OWNERS, max_size=30))
def test_between_two_turns_of_one_owner_every_other_who_waits_has_one(owners) -> None:
    queue = scheduler()
    fill(queue, *(job(str(n), owner) for n, owner in enumerate(owners)))
    served = [one.owner for one in taken(queue)]
    for owner in set(owners):
        turns = [n for n, other in enumerate(served) if other == owner]
        for start, stop in pairwise(turns):
            between = served[start + 1 : stop]
            waiting = {other for other in served[stop:] if other != owner}
            assert waiting <= set(between)


def test_owners_take_turns_and_keep_their_own_order() -> None:
    queue = scheduler()
    fill(queue, job("a1"), job("a2"), job("a3"), job("b1", "bo"), job("c1", "cy"))
    assert names(queue.plan()) == ["a1", "b1", "c1", "a2", "a3"]


def test_of_those_with_an_equal_claim_the_shortest_comes_first() -> None:
    queue = scheduler()
    fill(queue, job("long", "ada", 30), job("short", "bo", 5), job("medium", "cy", 10))
    assert names(queue.plan()) == ["short", "medium", "long"]


def test_short_clips_do_not_starve_a_long_one() -> None:
    queue = scheduler()
    fill(queue, job("long", "ada", 30), *(job(f"b{n}", "bo", 5) for n in range(20)))
    assert names(queue.plan()).index("long") == 1


def test_whoever_asks_for_long_clips_waits_longer_for_the_next() -> None:
    queue = scheduler()
    fill(queue, job("a1", "ada", 30), job("a2", "ada", 30), *(job(f"b{n}", "bo") for n in range(9)))
    order = names(queue.plan())
    # Seven clips of 5 s begin before 30 s are made for bo, or just then, and are shorter.
    assert order[:9] == ["b0", "a1", *(f"b{n}" for n in range(1, 7)), "a2"]


def test_a_share_that_was_not_used_is_not_saved_up() -> None:
    queue = scheduler()
    fill(queue, *(job(f"a{n}") for n in range(10)))
    for _ in range(6):
        queue.take([])
    fill(queue, *(job(f"b{n}", "bo") for n in range(4)))
    order = names(queue.plan())
    assert order.index("a6") <= 2


def test_audio_prompts_count_toward_the_seconds_that_are_made_at_once() -> None:
    queue = scheduler(max_batch_seconds=10)
    hum = AudioPrompt(np.ones((1, 6 * 8000), np.float32), 8000)
    continued = Job("continued", GenerationRequest(seconds=2, audio=hum), "ada")
    fill(queue, job("b", "bo", 2), job("c", "cy", 2))
    assert queue.take([continued]).id == "b"
    assert queue.take([continued, job("b", "bo", 2)]) is None


def test_a_single_job_may_pass_the_seconds() -> None:
    queue = scheduler(max_batch_seconds=10)
    fill(queue, job("long", seconds=30))
    assert queue.take([job("b", "bo", 2)]) is None
    assert queue.take([]).id == "long"


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    queue = scheduler(max_queue=1)
    fill(queue, job("first"))
    with pytest.raises(QueueFull) as caught:
        queue.require(1, retry_after=12.0)
    assert caught.value.retry_after == 12.0
    assert queue.take([])
    fill(queue, job("second"))


def test_removing_what_is_not_there_changes_nothing() -> None:
    queue = scheduler()
    fill(queue, job("a"))
    assert not queue.remove(job("b"))
    assert not queue.remove(job("a", "bo"))
    assert queue.remove(job("a"))
    assert len(queue) == 0


def test_a_server_with_many_people_gets_no_more_than_one_with_few() -> None:
    queue = scheduler()
    crowd = [job(f"c{n}", f"person {n}", group="crowd") for n in range(9)]
    fill(queue, *crowd, job("q1", "q", group="quiet"), job("q2", "q", group="quiet"))
    assert names(queue.plan())[:4] == ["c0", "q1", "c1", "q2"]


def test_within_a_server_its_people_still_take_turns() -> None:
    queue = scheduler()
    loud = [job(f"l{n}", "loud", group="one") for n in range(4)]
    fill(queue, *loud, job("s", "shy", group="one"), job("o", "ann", group="two"))
    assert names(queue.plan())[:4] == ["l0", "o", "s", "l1"]


@given(st.lists(st.tuples(st.sampled_from("xy"), OWNERS, SECONDS), max_size=40))
def test_no_server_that_waits_falls_behind_by_more_than_the_longest_clips(wishes) -> None:
    queue, served = scheduler(), defaultdict(float)
    for number, (group, owner, seconds) in enumerate(wishes):
        fill(queue, job(str(number), owner, seconds, group))
    while len({w.group for w in queue.plan()}) == 2:
        one = queue.take([])
        served[one.group] += one.request.seconds
        assert abs(served["x"] - served["y"]) <= 2 * 30


def test_a_queue_with_room_for_one_refuses_four_at_once() -> None:
    queue = scheduler(max_queue=4)
    queue.require(4, retry_after=1)
    fill(queue, job("first"))
    with pytest.raises(QueueFull):
        queue.require(4, retry_after=1)
