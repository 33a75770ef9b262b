"""What an engine supplies, as MusicGen sees it; arrays are numpy, batches are plain rows.

The engine knows nothing of guidance, delay patterns or sampling: guidance is two rows, a delayed
column is just ids, and every row has a position of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.requests import Codes, Progress, Samples, SamplingParams

Floats: TypeAlias = npt.NDArray[np.float32]
Column: TypeAlias = npt.NDArray[np.int64]
"""One delayed column of ids [R, K]."""
OnProgress: TypeAlias = Callable[[Progress], None]
"""Called after every step; raising JobCancelled from it stops the batch within that step."""


class TextEncoder(Protocol):
    """T5's encoder (Raffel et al. 2020)."""

    def encode(self, ids: Sequence[int]) -> Floats:
        """Token ids of one prompt, end token included -> states [S, text_hidden]."""
        ...


class Decoder(Protocol):
    """A running batch of R rows with its caches."""

    def prefill(self, row: int, columns: npt.NDArray[np.int64]) -> None:
        """Feed `columns` [K, P] to one row that is at position 0; no logits are returned."""
        ...

    def step(self, column: Column) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [R, K, V]."""
        ...


class LanguageModel(Protocol):
    """MusicGen's decoder over delayed codebooks (Copet et al. 2023)."""

    @property
    def codebooks(self) -> int:
        """K, the number of parallel streams (8 in a stereo checkpoint)."""
        ...

    @property
    def start_token(self) -> int:
        """The id that stands for start and padding (2048 in the published checkpoints)."""
        ...

    def begin(self, states: Sequence[Floats | None], positions: int) -> Decoder:
        """Start a batch of R = len(states) rows of at most `positions` columns each.

        Each row's cross-attention states [S, text_hidden] come from its TextEncoder; None is the
        unconditional row (zeroed states, as the reference's guidance has them).
        """
        ...


class Codec(Protocol):
    """EnCodec (Défossez et al. 2022), always mono: a stereo clip is two calls."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def hop(self) -> int:
        """Samples per frame."""
        ...

    def encode(self, samples: Samples) -> Codes:
        """Samples [N], N a multiple of hop -> codes [K, N / hop]."""
        ...

    def decode(self, codes: Codes) -> Samples:
        """Codes [K, F] -> samples [F * hop]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One request, ready for an engine: ids and codes instead of text and audio."""

    frames: int
    """New frames to be made."""
    seed: int
    sampling: SamplingParams
    """Every field resolved, none None."""
    text_ids: tuple[int, ...] | None = None
    """None: unconditional."""
    prompt: Codes | None = None
    """Codes [K, P] to be continued, or None."""


class Engine(Protocol):
    """Makes code streams and turns them into sound, on one device with one precision."""

    @property
    def name(self) -> str:
        """The engine's name as `--engine` takes it."""
        ...

    @property
    def precision(self) -> str:
        """fp32, fp16 or int8."""
        ...

    @property
    def codec(self) -> Codec:
        """The mono codec."""
        ...

    def generate(self, rows: Sequence[Row], on_progress: OnProgress) -> list[Codes]:
        """Rows -> each row's new codes [K, frames], audio prompt excluded.

        Raises:
            JobCancelled: `on_progress` raised it.
        """
        ...
