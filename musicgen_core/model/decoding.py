"""The step loop over any engine's networks: an ensemble whose rows join and leave as they like."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from musicgen_core.model.delay import UNKNOWN, delay_of, prompted_columns, undo_delay
from musicgen_core.model.protocols import (
    Codec,
    Column,
    Decoder,
    Floats,
    LanguageModel,
    Row,
    Seat,
    TextEncoder,
)
from musicgen_core.model.sampling import Candidates, Choice, RowSampler, choose, guidance
from musicgen_core.requests import Codes

_KEPT_TEXTS = 64


class NativeSeat:
    """A row at work: its columns, known and chosen, and how many of them there are."""

    def __init__(self, row: Row, delay: Codes, start_token: int) -> None:
        prompt = row.prompt if row.prompt is not None else np.zeros((len(delay), 0), np.int64)
        self._layout = prompted_columns(prompt, row.frames, delay, start_token)
        self._delay, self._prompt, self._row = delay, prompt.shape[1], row
        self._at = self._prompt
        """The column that is fed next."""
        self.sampler = RowSampler(Choice.of(row.sampling), row.seed)
        self.guided = row.text_ids is not None and self.sampler.choice.guidance_scale != 1.0
        """Whether an unconditional row stands behind its own."""

    @property
    def text_ids(self) -> tuple[int, ...] | None:
        """The text's ids, None without one."""
        return self._row.text_ids

    @property
    def positions(self) -> int:
        """Columns that are fed in all, the prompt's included."""
        return self._layout.shape[1] - 1

    @property
    def prompt(self) -> Codes:
        """The columns [K, P] that are read before the first step."""
        return self._layout[:, : self._prompt]

    @property
    def column(self) -> Column:
        """The column [K] that is fed next; one that is done repeats its last."""
        return self._layout[:, min(self._at, self.positions - 1)]

    @property
    def frames(self) -> int:
        """Frames made so far, complete in all codebooks."""
        return max(0, self._at - self._prompt - int(self._delay.max()))

    @property
    def done(self) -> bool:
        """Whether all frames that the row asks for are made."""
        return self._at >= self.positions

    def codes(self, start: int) -> Codes:
        """Frames made from `start` on, [K, frames - start]."""
        if self.frames <= start:
            return np.zeros((len(self._delay), 0), dtype=np.int64)
        first = 1 + self._prompt + start
        return undo_delay(self._layout[:, first : self._at + 1], self._delay)

    def take(self, chosen: Column) -> None:
        """Go on by a column of chosen ids [K]; what is known already stays."""
        if self.done:
            return
        self._at += 1
        column = self._layout[:, self._at]
        np.copyto(column, chosen, where=column == UNKNOWN)


class NativeEnsemble:
    """Rows on a language model's decoder.

    Every seat has one row of the decoder, and an unconditional one behind it where it is guided: a
    request without guidance costs one row. Where rows cannot join a running batch, they wait until
    it is over.
    """

    def __init__(
        self,
        lm: LanguageModel,
        delay: Codes,
        states: Callable[[tuple[int, ...]], Floats],
        pick: Candidates | None = None,
    ) -> None:
        self._lm, self._delay, self._states, self._pick = lm, delay, states, pick
        self._decoder: Decoder | None = None
        self._seats: list[NativeSeat] = []
        """Those that the decoder has rows for."""
        self._waiting: list[NativeSeat] = []
        self._left: set[NativeSeat] = set()
        self._blend: Floats | None = None
        """How the decoder's rows make the seats' logits, [seats, R]; None: each seat has one."""

    def join(self, row: Row) -> NativeSeat:
        """Take a row in; it takes part from the next step on, or when there is room."""
        seat = NativeSeat(row, self._delay, self._lm.start_token)
        self._waiting.append(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        """Make no more of a row; one that is done leaves by itself."""
        self._waiting = [other for other in self._waiting if other is not seat]
        self._left |= {other for other in self._seats if other is seat}

    def step(self, meanwhile: Callable[[], None]) -> None:
        """Advance the rows by one column; see Ensemble.step."""
        del meanwhile
        decoder = self._seated()
        if decoder is None:
            return
        counts = [1 + seat.guided for seat in self._seats]
        column = np.repeat(np.stack([seat.column for seat in self._seats]), counts, axis=0)
        logits = decoder.step(column, self._blend)
        chosen = choose([seat.sampler for seat in self._seats], logits, self._pick)
        for seat, ids in zip(self._seats, chosen, strict=True):
            seat.take(ids)

    def _seated(self) -> Decoder | None:
        """Let rows leave and join, and return the decoder; None: nobody is there."""
        staying = [s for s in self._seats if not s.done and s not in self._left]
        if not staying:
            self._begin()
        elif self._lm.joinable and (self._waiting or len(staying) < len(self._seats)):
            self._rearrange(staying)
        return self._decoder

    def _begin(self) -> None:
        """Start a batch of those who wait."""
        self._seat(self._waiting)
        self._decoder = None
        if self._seats:
            longest = max(seat.positions for seat in self._seats)
            self._decoder = self._lm.begin(self._texts(self._seats), longest)
            self._read_prompts(0)

    def _rearrange(self, staying: Sequence[NativeSeat]) -> None:
        if self._decoder is None:
            raise RuntimeError("There is no batch to join.")
        rows = iter(range(sum(1 + seat.guided for seat in self._seats)))
        own = {seat: [next(rows) for _ in range(1 + seat.guided)] for seat in self._seats}
        keep = [row for seat in staying for row in own[seat]]
        self._decoder.rearrange(keep, self._texts(self._waiting))
        self._seat([*staying, *self._waiting])
        self._read_prompts(len(staying))

    def _seat(self, seats: list[NativeSeat]) -> None:
        """Go on with these, among them all who waited."""
        self._seats, self._waiting, self._left = seats, [], set()
        scales = [s.sampler.choice.guidance_scale if s.guided else None for s in seats]
        self._blend = guidance(scales) if any(seat.guided for seat in seats) else None

    def _read_prompts(self, first: int) -> None:
        """Feed the prompts of all seats from the number `first` on."""
        row = 0
        for number, seat in enumerate(self._seats):
            for _ in range(1 + seat.guided):
                if self._decoder is not None and number >= first and seat.prompt.shape[1]:
                    self._decoder.prefill(row, seat.prompt)
                row += 1

    def _texts(self, seats: Sequence[NativeSeat]) -> list[Floats | None]:
        """Every row's cross-attention states, None for an unconditional one."""
        found: list[Floats | None] = []
        for seat in seats:
            found.append(None if seat.text_ids is None else self._states(seat.text_ids))
            found += [None] * seat.guided
        return found


class NativeEngine:
    """Text encoder, language model and codec of one runtime, driven by the loop above."""

    def __init__(
        self,
        name: str,
        precision: str,
        text_encoder: TextEncoder,
        language_model: LanguageModel,
        codec: Codec,
        channels: int = 1,
        cache_bytes_per_frame: int = 0,
        pick: Candidates | None = None,
    ) -> None:
        """Take the networks, and what finds the largest logits faster than numpy, if anything."""
        self.name, self.precision, self.codec = name, precision, codec
        self.cache_bytes_per_frame = cache_bytes_per_frame
        self._text_encoder, self._lm, self._pick = text_encoder, language_model, pick
        self._delay = delay_of(language_model.codebooks, channels)
        self._texts: OrderedDict[tuple[int, ...], Floats] = OrderedDict()

    def ensemble(self) -> NativeEnsemble:
        """Return a new ensemble without rows; one is used at a time."""
        return NativeEnsemble(self._lm, self._delay, self._states, self._pick)

    def _states(self, ids: tuple[int, ...]) -> Floats:
        if ids not in self._texts:
            self._texts[ids] = self._text_encoder.encode(ids)
            if len(self._texts) > _KEPT_TEXTS:
                self._texts.popitem(last=False)
        self._texts.move_to_end(ids)
        return self._texts[ids]
