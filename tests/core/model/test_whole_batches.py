"""An engine that makes whole batches, as an ensemble."""

import numpy as np
import pytest

from musicgen_core.errors import JobCancelled
from musicgen_core.model.protocols import Row
from musicgen_core.model.whole_batches import WholeBatches
from musicgen_core.requests import Progress, SamplingParams


class Machine:
    """Makes zeros, a frame in every step, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []
        self.steps = 0

    def generate(self, rows, on_progress):
        self.batches.append(tuple(row.frames for row in rows))
        longest = max(row.frames for row in rows)
        for done in range(1, longest + 1):
            self.steps += 1
            on_progress(Progress(done, longest))
        return [np.zeros((4, row.frames), np.int64) for row in rows]


def row(frames: int) -> Row:
    return Row(frames, 1, SamplingParams())


def ignore() -> None:
    pass


def test_what_waits_is_made_together_and_what_joins_meanwhile_afterwards() -> None:
    machine = Machine()
    batches = WholeBatches(machine.generate)
    seats = [batches.join(row(4)), batches.join(row(2))]

    def join_once() -> None:
        if len(seats) == 2:
            assert seats[0].codes(0).shape[1] == 0
            seats.append(batches.join(row(3)))

    batches.step(join_once)
    assert [seat.done for seat in seats] == [True, True, False]
    batches.step(ignore)
    batches.step(ignore)
    assert machine.batches == [(4, 2), (3,)]
    assert [seat.codes(1).shape for seat in seats] == [(4, 3), (4, 1), (4, 2)]


def test_a_batch_stops_within_a_step_when_all_have_left() -> None:
    machine = Machine()
    batches = WholeBatches(machine.generate)
    seats = [batches.join(row(9)), batches.join(row(9))]

    def leave() -> None:
        batches.leave(seats[min(machine.steps, 2) - 1])

    batches.step(leave)
    assert machine.steps == 2
    assert not any(seat.done for seat in seats)


def test_who_leaves_before_the_batch_is_not_made() -> None:
    machine = Machine()
    batches = WholeBatches(machine.generate)
    seats = [batches.join(row(9)), batches.join(row(2))]
    batches.leave(seats[0])
    batches.step(ignore)
    assert machine.batches == [(2,)]


def test_what_is_raised_meanwhile_comes_out() -> None:
    batches = WholeBatches(Machine().generate)
    batches.join(row(9))

    def stop() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        batches.step(stop)
