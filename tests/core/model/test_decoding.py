from dataclasses import replace

import numpy as np
import pytest
from made_codes import made_codes
from weightless import VOCAB, engine

from musicgen_core.errors import JobCancelled
from musicgen_core.model.protocols import Row
from musicgen_core.requests import GenerationDefaults, Progress, SamplingParams


def row(**changes: object) -> Row:
    sampling = SamplingParams(
        **{k: changes.pop(k) for k in ("do_sample", "guidance_scale") if k in changes}
    )
    made = Row(frames=6, seed=5, sampling=sampling.over(GenerationDefaults()), text_ids=(3, 1))
    return replace(made, **changes)


def prompt(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, VOCAB, (4, frames))


VARIED = [
    row(),
    row(seed=6, frames=9, text_ids=(4, 4, 1)),
    row(text_ids=None, frames=3),
    row(prompt=prompt(5), guidance_scale=1.0),
    row(prompt=prompt(2, 1), frames=4, do_sample=False),
]


@pytest.mark.parametrize("joinable", [True, False])
@pytest.mark.parametrize("index", range(len(VARIED)))
def test_a_row_in_a_batch_equals_the_row_alone(index: int, joinable: bool) -> None:
    together = made_codes(engine(joinable=joinable), VARIED)
    alone = made_codes(engine(), [VARIED[index]])
    assert np.array_equal(together[index], alone[0])


@pytest.mark.parametrize(("codebooks", "channels"), [(1, 1), (4, 1), (8, 2)])
@pytest.mark.parametrize("frames", [1, 2, 7])
def test_exactly_the_frames_asked_for_are_made(codebooks: int, channels: int, frames: int) -> None:
    (codes,) = made_codes(engine(codebooks, channels), [row(frames=frames)])
    assert codes.shape == (codebooks, frames)
    assert codes.min() >= 0
    assert codes.max() < VOCAB


def test_the_same_seed_gives_the_same_codes_and_another_gives_others() -> None:
    first, again, other = (made_codes(engine(), [row(seed=seed)])[0] for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_model_is_fed_the_prompt_delayed_then_its_own_tokens() -> None:
    machine = engine()
    (codes,) = made_codes(machine, [row(prompt=prompt(3), frames=2, guidance_scale=1.0)])
    fed = np.array(machine._lm.decoders[0].rows[0][1:]).T
    stream = np.concatenate([prompt(3), codes], axis=1)
    assert fed.shape == (4, 1 + 3 + 2 + 3 - 1)
    for book in range(4):
        start = 1 + book
        seen = fed[book, start : start + 5]
        assert np.array_equal(seen, stream[book, : len(seen)])
        assert (fed[book, :start] == VOCAB).all()


def test_only_text_with_guidance_costs_a_second_row() -> None:
    machine = engine()
    made_codes(machine, [row(), row(guidance_scale=1.0), row(text_ids=None)])
    contexts = [fed[0] for fed in machine._lm.decoders[0].rows]
    assert [context is None for context in contexts] == [False, True, False, True]


def test_a_text_is_encoded_once() -> None:
    machine = engine()
    made_codes(machine, [row(), row(seed=9)])
    made_codes(machine, [row()])
    assert machine._text_encoder.encoded == [(3, 1)]


def test_progress_counts_frames_up_to_the_longest_row() -> None:
    seen: list[Progress] = []
    made_codes(engine(), [row(frames=2), row(frames=5)], seen.append)
    assert [p.done for p in seen] == [0, 0, 0, 1, 2, 3, 4, 5]
    assert {p.total for p in seen} == {5}


def test_cancelling_takes_effect_within_one_step() -> None:
    machine = engine()

    def stop(progress: Progress) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        made_codes(machine, [row(frames=50, guidance_scale=1.0)], stop)
    assert len(machine._lm.decoders[0].rows[0]) == 1 + 1


@pytest.mark.parametrize("joinable", [True, False])
def test_rows_that_join_and_leave_equal_the_rows_alone(joinable: bool) -> None:
    ensemble = engine(joinable=joinable).ensemble()
    seats = []
    for number, each in enumerate(VARIED):
        seats.append(ensemble.join(each))
        if number == 2:
            ensemble.leave(seats[1])
        ensemble.step(lambda: None)
        ensemble.step(lambda: None)
    for _ in range(40):
        ensemble.step(lambda: None)
    for number, (each, seat) in enumerate(zip(VARIED, seats, strict=True)):
        (alone,) = made_codes(engine(), [each])
        if number == 1:
            assert seat.frames < 9
            assert np.array_equal(seat.codes(0), alone[:, : seat.frames])
        else:
            assert np.array_equal(seat.codes(0), alone)


def test_a_row_takes_part_from_the_next_step_on_where_rows_can_join() -> None:
    for joinable, moved in ((True, 3), (False, 0)):
        ensemble = engine(joinable=joinable).ensemble()
        ensemble.join(row(frames=50))
        ensemble.step(lambda: None)
        late = ensemble.join(row(frames=50))
        for _ in range(6):
            ensemble.step(lambda: None)
        assert late.frames == moved


def test_rows_that_are_done_make_room() -> None:
    machine = engine()
    ensemble = machine.ensemble()
    ensemble.join(row(frames=1))
    ensemble.join(row(frames=20))
    for _ in range(8):
        ensemble.step(lambda: None)
    assert len(machine._lm.decoders[0].rows) == 2


def test_codes_can_be_had_while_they_are_made() -> None:
    ensemble = engine().ensemble()
    seat = ensemble.join(row(frames=8))
    pieces, known = [], 0
    while not seat.done:
        ensemble.step(lambda: None)
        pieces.append(seat.codes(known))
        known += pieces[-1].shape[1]
        assert known == seat.frames
    assert np.array_equal(np.concatenate(pieces, axis=1), seat.codes(0))
