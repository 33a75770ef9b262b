"""What everybody asks for, and what several measurements come to."""

from musicgen_core.benchmark.step_times import contexts_of, median_gap
from musicgen_core.benchmark.workload import Spread, Workload, figure


def test_no_text_and_no_seed_comes_twice() -> None:
    work = Workload(batch=3, seconds=2.0)
    asked = [request for take in range(4) for request in work.requests(take)]
    assert len({request.prompt for request in asked}) == len({r.seed for r in asked}) == 12
    assert {request.seconds for request in asked} == {2.0}
    assert work.requests(0, 0.08)[0].seconds == 0.08


def test_one_measurement_is_a_number_and_several_are_a_spread() -> None:
    assert figure([1.23456], 2) == 1.23
    assert figure([3.0, 1.0, 2.04], 1) == Spread(median=2.0, min=1.0, max=3.0)


def test_a_clip_is_measured_at_the_contexts_that_it_reaches() -> None:
    assert contexts_of(1500) == (50, 500, 1500)
    assert contexts_of(250) == (50,)
    assert contexts_of(10) == (10,)


def test_ticks_give_the_median_gap_at_the_middle_step() -> None:
    assert median_gap([0.0, 1.0, 3.0, 4.0, 5.0]) == {2: 1000.0}
