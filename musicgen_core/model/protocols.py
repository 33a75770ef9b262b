"""What an engine supplies, as MusicGen sees it; arrays are numpy, batches are plain rows.

The engine knows nothing of guidance, delay patterns or sampling: guidance is a weighted sum of two
rows, a delayed column is just ids, and every row has a position of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.requests import Codes, Samples, SamplingParams

Floats: TypeAlias = npt.NDArray[np.float32]
Column: TypeAlias = npt.NDArray[np.int64]
"""One delayed column of ids [R, K]."""


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

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        """Go on with the rows `keep`, in that order, and behind them new ones at position 0.

        `joining` are the new rows' cross-attention states, as in LanguageModel.begin. Only where
        LanguageModel.joinable says so.
        """
        ...

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        """Feed one column [R, K] at each row's own position -> logits [N, K, V].

        Each of the N is the sum of the rows' logits by its weights in `blend` [N, R]; without
        weights every row has its own. Logits are linear in a row's last state, so an engine may
        sum those instead, and has N rows to multiply by its heads.
        """
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

    @property
    def joinable(self) -> bool:
        """Whether rows may join and leave a running batch."""
        ...

    def begin(self, states: Sequence[Floats | None], positions: int) -> Decoder:
        """Start a batch of R = len(states) rows of at most `positions` columns each.

        Each row's cross-attention states [S, text_hidden] come from its TextEncoder; None is the
        unconditional row (zeroed states, as the reference's guidance has them).
        """
        ...


class CodecStream(Protocol):
    """Decodes one channel's codes as they arrive; all pieces together equal `Codec.decode`.

    What is skipped is heard by the codec all the same: the rest sounds as it would behind it.
    """

    def feed(self, codes: Codes) -> Samples:
        """Codes [K, f] of the next frames -> the samples that are certain now, possibly none."""
        ...

    def finish(self) -> Samples:
        """Return the rest; nothing may be fed after."""
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

    def stream(self, skip: int = 0) -> CodecStream:
        """Begin to decode codes that arrive bit by bit; the first `skip` frames give no sound."""
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


class Seat(Protocol):
    """A row's place in an ensemble."""

    @property
    def frames(self) -> int:
        """Frames made so far, complete in all codebooks."""
        ...

    @property
    def done(self) -> bool:
        """Whether all frames that the row asks for are made."""
        ...

    def codes(self, start: int) -> Codes:
        """Frames made from `start` on [K, n], as far as they can be had already."""
        ...


class Ensemble(Protocol):
    """Rows that are made together, each joining and leaving when it likes."""

    def join(self, row: Row) -> Seat:
        """Take a row in; it takes part from the next step on, or when there is room."""
        ...

    def leave(self, seat: Seat) -> None:
        """Make no more of a row; one that is done leaves by itself."""
        ...

    def step(self, meanwhile: Callable[[], None]) -> None:
        """Advance the rows by one column.

        Where an engine can only make whole clips, it makes them, calling `meanwhile` after every
        step; rows may leave in it.
        """
        ...


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

    @property
    def cache_bytes_per_frame(self) -> int:
        """What is remembered of each frame of a clip that is made; 0: not known."""
        ...

    def ensemble(self) -> Ensemble:
        """Return a new ensemble without rows; one is used at a time."""
        ...
