"""From logits to tokens: guidance, temperature, top-k, top-p, one random stream per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.model.protocols import Column, Floats
from musicgen_core.requests import SamplingParams

Candidates: TypeAlias = Callable[[Floats, int], tuple[Floats, Column | None]]
"""What finds the largest logits, as `candidates` does."""
_BLOCK = 32
"""Logits of a group whose largest is looked at first where few are wanted."""


@dataclass(frozen=True, slots=True)
class Choice:
    """SamplingParams with every field resolved."""

    do_sample: bool
    guidance_scale: float
    temperature: float
    top_k: int
    top_p: float

    @classmethod
    def of(cls, params: SamplingParams) -> Choice:
        """Return `params`, which must leave nothing to the defaults."""
        values = {name: getattr(params, name) for name in cls.__slots__}
        missing = [name for name, value in values.items() if value is None]
        if missing:
            raise ValueError(f"unresolved sampling parameters: {', '.join(missing)}")
        return cls(**values)


class RowSampler:
    """How one row's tokens are chosen, and the random numbers that it draws for them.

    A row draws from its own stream, K numbers a step, so what it gets depends on its seed and its
    logits only, never on its neighbors.
    """

    def __init__(self, choice: Choice, seed: int) -> None:
        self.choice = choice
        self._stream = np.random.Generator(np.random.Philox(seed))

    def numbers(self, books: int) -> npt.NDArray[np.float64]:
        """Draw the next step's numbers [K] in [0, 1)."""
        return self._stream.random(books)

    def __call__(self, logits: Floats) -> Column:
        """Logits [K, V] -> ids [K]; a greedy row takes the largest logit, the first of equals."""
        return draw(logits, self.choice, self.numbers(len(logits)))


def choose(
    samplers: Sequence[RowSampler], logits: Floats, pick: Candidates | None = None
) -> Column:
    """Choose a column for every row: logits [N, K, V] -> ids [N, K], as each row would alone.

    `pick` is what finds the candidates, `candidates` by default.
    """
    count, books, size = logits.shape
    alike: dict[Choice, list[int]] = {}
    for row, sampler in enumerate(samplers):
        alike.setdefault(sampler.choice, []).append(row)
    if len(alike) == 1:
        numbers = np.concatenate([sampler.numbers(books) for sampler in samplers])
        return draw(logits.reshape(-1, size), samplers[0].choice, numbers, pick).reshape(
            count, books
        )
    chosen = np.empty((count, books), dtype=np.int64)
    for rows in alike.values():
        chosen[rows] = choose([samplers[row] for row in rows], logits[rows], pick)
    return chosen


def guidance(scales: Sequence[float | None]) -> Floats:
    """Return the weights [N, R] of classifier-free guidance (Ho and Salimans 2022).

    A request has one row, which is taken as it is (None), or an unconditional one behind its own:
    `uncond + scale * (cond - uncond)`.
    """
    rows = sum(1 if scale is None else 2 for scale in scales)
    weights, at = np.zeros((len(scales), rows), dtype=np.float32), 0
    for request, scale in enumerate(scales):
        own = [1.0] if scale is None else [scale, 1.0 - scale]
        weights[request, at : at + len(own)] = own
        at += len(own)
    return weights


def blended(logits: Floats, blend: Floats | None) -> Floats:
    """Sum rows' logits [R, K, V] by weights [N, R] -> [N, K, V]; see Decoder.step."""
    return logits if blend is None else np.tensordot(blend, logits, 1)


def draw(
    logits: Floats,
    choice: Choice,
    uniform: npt.NDArray[np.float64],
    pick: Candidates | None = None,
) -> Column:
    """Choose one id per codebook: logits [K, V], uniform numbers [K] in [0, 1) -> ids [K]."""
    if not choice.do_sample:
        greedy: Column = logits.argmax(axis=-1)
        return greedy
    kept, ids = (pick or candidates)(logits, choice.top_k)
    # float64 because a cumulative sum over 2048 float32 values loses the smallest of them.
    scores = kept.astype(np.float64) / choice.temperature
    weights = keep_top_p(np.exp(scores - scores.max(axis=-1, keepdims=True)), choice.top_p)
    mass = weights.cumsum(axis=-1)
    # Just under 1 times the whole mass may round up to the whole, which no index passes.
    drawn = np.minimum(uniform * mass[:, -1], np.nextafter(mass[:, -1], 0.0))
    # The first index whose cumulative mass passes the number drawn has a weight above zero.
    place = (mass <= drawn[:, None]).sum(axis=-1)
    chosen: Column = place if ids is None else ids[np.arange(len(ids)), place]
    return chosen


def candidates(logits: Floats, k: int) -> tuple[Floats, Column | None]:
    """The k largest of each row [K, V] in their order, and their ids, both [K, k]; 0 takes all.

    Equals of the last are candidates too; where rows then differ in number, or all are taken, no
    ids are returned: then it is [K, V], and what is no candidate is -inf.
    """
    books, size = logits.shape
    if k <= 0 or k >= size:
        return logits, None
    among = logits >= _threshold(logits, k)
    places = among.ravel().nonzero()[0]
    if len(places) != books * k:
        return np.where(among, logits, np.float32(-np.inf)), None
    return logits.ravel()[places].reshape(books, k), (places % size).reshape(books, k)


def _threshold(logits: Floats, k: int) -> Floats:
    """The k-th largest of each row [K, V], [K, 1]."""
    books, size = logits.shape
    blocks = size // _BLOCK
    if size % _BLOCK or blocks < 2 * k:
        return np.partition(logits, size - k, axis=-1)[:, size - k, None]
    # The k largest lie in the k groups with the largest maxima, equals aside, which are as large.
    # Every `blocks`-th is a group: so the maxima are taken over contiguous memory at once.
    parted = logits.reshape(books, _BLOCK, blocks)
    best = np.argpartition(parted.max(axis=1), blocks - k, axis=-1)[:, blocks - k :]
    few = parted[np.arange(books)[:, None], :, best].reshape(books, k * _BLOCK)
    return np.partition(few, (_BLOCK - 1) * k, axis=-1)[:, (_BLOCK - 1) * k, None]


def keep_top_p(weights: npt.NDArray[np.float64], p: float) -> npt.NDArray[np.float64]:
    """Zero what lies outside the smallest set whose share of the mass reaches p (nucleus)."""
    if p >= 1.0:
        return weights
    order = np.argsort(-weights, axis=-1, kind="stable")
    ranked = np.take_along_axis(weights, order, axis=-1)
    # A token stays when the mass before it has not reached p: the first one always does.
    mass = ranked.cumsum(axis=-1)
    ranked = np.where(mass - ranked < p * mass[:, -1:], ranked, 0.0)
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, order, ranked, axis=-1)
    return kept
