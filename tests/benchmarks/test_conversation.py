"""A conversation of few people for seconds, and the bounds that it is held against."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.conversation import jain
from benchmarks.conversation_bounds import Found, missed

KEPT = Found(lost=0, twice=0, fairness=0.96, soon=0, stall=0.1, memory=[50, 100, 90, 109])


def test_what_keeps_to_every_bound_misses_none() -> None:
    assert list(missed(KEPT)) == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"lost": 1}, "lost"),
        ({"twice": 2}, "posted twice"),
        ({"fairness": 0.95}, "Jain's index"),
        ({"fairness": float("nan")}, "Jain's index"),
        ({"stall": 0.101}, "stood still"),
        ({"soon": 1}, "less than a second"),
        ({"memory": [50, 100, 90, 111]}, "Memory grew"),
    ],
)
def test_each_bound_that_is_missed_is_named(broken: dict[str, object], told: str) -> None:
    (sentence,) = missed(replace(KEPT, **broken))
    assert told in sentence


def test_the_index_is_one_for_equals_and_less_for_a_favorite() -> None:
    assert jain([0.5, 0.5, 0.5]) == pytest.approx(1.0)
    assert jain([1.0, 0.0, 0.0]) == pytest.approx(1 / 3)


async def test_a_short_conversation_loses_nothing_and_its_exit_status_says_what_was_missed() -> (
    None
):
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.conversation",
        "--people", "3", "--minutes", "0.5", "--haste", "10",
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told = (await asyncio.wait_for(run.communicate(), 120))[0].decode()
    assert "lost 0, twice 0\n" in told
    assert "promised 0," not in told
    # How long a loaded host holds a loop up is not judged here, but that it is told.
    assert run.returncode == ("missed: " in told), told
