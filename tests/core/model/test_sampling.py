import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_core.model.sampling import (
    Choice,
    RowSampler,
    blended,
    candidates,
    choose,
    draw,
    guidance,
    keep_top_p,
)
from musicgen_core.requests import GenerationDefaults, SamplingParams


def choice(**changes: object) -> Choice:
    return Choice.of(SamplingParams(**changes).over(GenerationDefaults(top_k=0)))


def frequencies(logits: np.ndarray, how: Choice, draws: int = 20_000) -> np.ndarray:
    uniform = np.random.default_rng(0).random(draws)
    ids = draw(np.repeat(logits[None], draws, axis=0), how, uniform)
    return np.bincount(ids, minlength=len(logits)) / draws


def test_guidance_moves_away_from_the_unconditional_logits() -> None:
    logits = np.array([[[2.0, 1.0]], [[1.0, 1.5]]], np.float32)
    assert blended(logits, guidance([3.0])).tolist() == [[[4.0, 0.0]]]


def test_every_request_is_guided_by_its_own_scale_and_rows() -> None:
    logits = np.random.default_rng(0).standard_normal((5, 4, 7)).astype(np.float32)
    made = blended(logits, guidance([2.0, None, 3.5]))
    guided = [u + scale * (c - u) for c, u, scale in ((*logits[:2], 2.0), (*logits[3:], 3.5))]
    assert np.allclose(made, [guided[0], logits[2], guided[1]], atol=1e-5)
    assert np.array_equal(made[1], logits[2])
    assert blended(logits, None) is logits


def test_greedy_takes_the_largest_logit() -> None:
    logits = np.array([[0.0, 3.0, 1.0], [5.0, 3.0, 1.0]], np.float32)
    assert draw(logits, choice(do_sample=False), np.array([0.99, 0.99])).tolist() == [1, 0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5])
def test_draws_follow_the_softmax_at_a_temperature(temperature: float) -> None:
    logits = np.array([0.0, 1.0, 2.0, -1.0], np.float32)
    expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    seen = frequencies(logits, choice(temperature=temperature))
    assert np.abs(seen - expected).max() < 0.015


def test_top_k_keeps_the_k_largest_in_their_proportions() -> None:
    seen = frequencies(np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32)), choice(top_k=2))
    assert seen[[0, 2]].tolist() == [0.0, 0.0]
    assert abs(seen[1] - 4 / 7) < 0.015


def test_top_p_keeps_the_smallest_set_that_reaches_p() -> None:
    seen = frequencies(np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32)), choice(top_p=0.6))
    assert seen[[0, 2]].tolist() == [0.0, 0.0]
    assert abs(seen[1] - 4 / 7) < 0.015


def test_top_p_keeps_at_least_one() -> None:
    assert keep_top_p(np.array([[0.2, 0.7, 0.1]]), 0.01).tolist() == [[0.0, 0.7, 0.0]]


def test_top_k_of_more_than_there_are_keeps_all() -> None:
    scores = np.array([[1.0, 2.0]])
    assert candidates(scores, 250) == (scores, None)


@given(
    st.lists(st.floats(-50, 50, width=32, allow_subnormal=False), min_size=2, max_size=30),
    # MindSpore, where it ran before in this process, flushes subnormal numbers to zero.
    st.floats(0, 1, exclude_max=True, allow_subnormal=False),
    st.integers(0, 40),
    st.floats(0.01, 1.0),
)
def test_what_was_filtered_out_is_never_drawn(
    values: list[float], uniform: float, k: int, p: float
) -> None:
    logits = np.array([values], np.float32)
    (picked,) = draw(logits, choice(top_k=k, top_p=p), np.array([uniform]))
    rank = int((logits[0] > logits[0, picked]).sum())
    assert k == 0 or rank < k
    weights = np.exp(logits[0].astype(np.float64) - logits.max())
    before = weights[weights > weights[picked]].sum()
    assert before <= p * weights.sum() * (1 + 1e-9)


def test_the_largest_number_below_one_draws_a_token_that_exists() -> None:
    weights = np.log(np.array([[0.3, 0.3, 0.4]], np.float32))
    assert draw(weights, choice(), np.array([np.nextafter(1.0, 0.0)])).tolist() == [2]
    assert draw(weights, choice(top_k=1), np.array([np.nextafter(1.0, 0.0)])).tolist() == [2]


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    logits = np.random.default_rng(1).standard_normal((3, 4, 1000)).astype(np.float32)
    drawn = [[sampler(step).tolist() for step in logits]
             for sampler in (RowSampler(choice(), 7), RowSampler(choice(), 7),
                             RowSampler(choice(), 8))]  # fmt: skip
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0][0] != drawn[0][1]


def test_unresolved_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="temperature"):
        Choice.of(SamplingParams(do_sample=True, guidance_scale=3.0, top_k=0, top_p=1.0))


@given(st.integers(0, 999), st.sampled_from([1, 3, 10, 31, 32, 0]), st.booleans())
def test_what_is_drawn_is_what_the_definition_says(seed: int, k: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.standard_normal((4, 32)).astype(np.float32)
    if ties:
        logits = np.rint(logits)
    uniform = rng.random(4)
    drawn = draw(logits, choice(top_k=k, temperature=0.7), uniform)
    for row, number, chosen in zip(logits.astype(np.float64), uniform, drawn, strict=True):
        least = np.sort(row)[-k] if k else -np.inf
        weights = np.where(row >= least, np.exp((row - row.max()) / 0.7), 0.0)
        mass = np.cumsum(weights)
        assert weights[chosen] > 0
        assert mass[chosen] > number * mass[-1] * (1 - 1e-12)
        assert chosen == 0 or mass[chosen - 1] <= number * mass[-1] * (1 + 1e-12)


@given(st.integers(0, 999), st.sampled_from([1, 10, 16, 17, 250]), st.sampled_from([0, 1, 30]))
def test_candidates_among_many_are_the_largest(seed: int, k: int, levels: int) -> None:
    logits = np.random.default_rng(seed).standard_normal((4, 1024)).astype(np.float32)
    if levels:
        logits = np.rint(logits * levels)  # 1: very many equals; 30: a few
    kept, found = candidates(logits, k)
    ids = np.tile(np.arange(1024), (4, 1)) if found is None else found
    for row, numbers, values in zip(logits, ids, kept, strict=True):
        wanted = np.flatnonzero(row >= np.sort(row)[-k])
        assert numbers[np.isfinite(values)].tolist() == wanted.tolist()
        assert values[np.isfinite(values)].tolist() == row[wanted].tolist()


def test_rows_chosen_together_get_what_each_gets_alone() -> None:
    logits = np.random.default_rng(3).standard_normal((6, 4, 1024)).astype(np.float32)
    logits[1] = np.rint(logits[1])  # equals, which change how many candidates there are
    ways = [choice(top_k=10), choice(top_k=10, top_p=0.9), choice(do_sample=False)]
    together = [RowSampler(ways[n % 3], n) for n in range(6)]
    alone = [RowSampler(ways[n % 3], n) for n in range(6)]
    for _ in range(20):
        chosen = choose(together, logits)
        for row, sampler, ids in zip(logits, alone, chosen, strict=True):
            assert sampler(row).tolist() == ids.tolist()
