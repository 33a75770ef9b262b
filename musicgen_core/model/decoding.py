"""The step loop over any engine's networks; stop reading it to cancel."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from musicgen_core.model.delay import UNKNOWN, delay_of, prompted_columns, undo_delay
from musicgen_core.model.protocols import (
    Codec,
    Column,
    Decoder,
    Floats,
    LanguageModel,
    OnProgress,
    Row,
    TextEncoder,
)
from musicgen_core.model.sampling import Choice, Sampler, guide
from musicgen_core.requests import Codes, Progress

_KEPT_TEXTS = 64


def decode(
    decoder: Decoder, layouts: Sequence[Codes], prompts: Sequence[int], choose: GuidedSampler
) -> Iterator[Column]:
    """Yield one delayed column [B, K] per step; stop reading to cancel.

    `layouts` are each row's `prompted_columns`, `prompts` each row's number of prompt frames. Rows
    are aligned where their new part begins, each at its own position, so none needs padding.
    """
    for row in choose.model_rows:
        length = prompts[row.request]
        if length:
            decoder.prefill(row.index, layouts[row.request][:, :length])
    starts = list(zip(layouts, prompts, strict=True))
    column = np.stack([layout[:, p] for layout, p in starts])
    longest = max(layout.shape[1] - p for layout, p in starts)
    for step in range(1, longest):
        known = np.stack(
            # A row that is done repeats its last column; nobody reads what comes of it.
            [layout[:, min(p + step, layout.shape[1] - 1)] for layout, p in starts]
        )
        chosen = choose(decoder.step(choose.spread(column)))
        column = np.where(known == UNKNOWN, chosen, known)
        yield column


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A row of the language model's batch and the request it serves."""

    index: int
    request: int
    unconditional: bool


class GuidedSampler:
    """Knows which of the model's rows belong to which request, and joins them by guidance.

    Rows 0 to B - 1 are the requests; behind them stands one unconditional row for each request
    with text and a guidance scale other than 1, so that a request without guidance costs one row.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        scales = [Choice.of(row.sampling).guidance_scale for row in rows]
        self._guided = [
            i for i, row in enumerate(rows) if row.text_ids is not None and scales[i] != 1.0
        ]
        self._scales = np.array([scales[i] for i in self._guided], dtype=np.float32)
        self._sources = np.array([*range(len(rows)), *self._guided])
        self._sampler = Sampler([row.sampling for row in rows], [row.seed for row in rows])
        self.model_rows = [
            ModelRow(index, int(request), index >= len(rows) or rows[request].text_ids is None)
            for index, request in enumerate(self._sources)
        ]

    def spread(self, column: Column) -> Column:
        """Requests' column [B, K] -> the model's [R, K]."""
        rows: Column = column[self._sources]
        return rows

    def __call__(self, logits: Floats) -> Column:
        """The model's logits [R, K, V] -> ids [B, K]."""
        batch = len(self._sources) - len(self._guided)
        joined = logits[:batch].copy()
        if self._guided:
            joined[self._guided] = guide(joined[self._guided], logits[batch:], self._scales)
        return self._sampler(joined)


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
    ) -> None:
        self.name, self.precision, self.codec = name, precision, codec
        self._text_encoder, self._lm = text_encoder, language_model
        self._delay = delay_of(language_model.codebooks, channels)
        self._texts: OrderedDict[tuple[int, ...], Floats] = OrderedDict()

    @property
    def language_model(self) -> LanguageModel:
        """The decoder that makes the codes, for those who measure it alone."""
        return self._lm

    def generate(self, rows: Sequence[Row], on_progress: OnProgress) -> list[Codes]:
        """Rows -> each row's new codes [K, frames], audio prompt excluded.

        Raises:
            JobCancelled: `on_progress` raised it.
        """
        choose = GuidedSampler(rows)
        empty = np.zeros((len(self._delay), 0), dtype=np.int64)
        given = [empty if row.prompt is None else row.prompt for row in rows]
        layouts = [
            prompted_columns(prompt, row.frames, self._delay, self._lm.start_token)
            for prompt, row in zip(given, rows, strict=True)
        ]
        prompts = [prompt.shape[1] for prompt in given]
        states = [
            None if model_row.unconditional else self._states(rows[model_row.request])
            for model_row in choose.model_rows
        ]
        decoder = self._lm.begin(states, max(layout.shape[1] for layout in layouts) - 1)
        columns: list[Column] = []
        total = max(row.frames for row in rows)
        for column in decode(decoder, layouts, prompts, choose):
            columns.append(column)
            done = len(columns) - int(self._delay.max())
            on_progress(Progress(max(0, done), total))
        made = np.stack(columns, axis=2)
        return [self._realign(made[i], row.frames) for i, row in enumerate(rows)]

    def _realign(self, columns: Codes, frames: int) -> Codes:
        """Columns [K, steps] from the first new one on -> new codes [K, frames]."""
        return undo_delay(columns[:, : frames + int(self._delay.max())], self._delay)

    def _states(self, row: Row) -> Floats:
        ids = row.text_ids or ()
        if ids not in self._texts:
            self._texts[ids] = self._text_encoder.encode(ids)
            if len(self._texts) > _KEPT_TEXTS:
                self._texts.popitem(last=False)
        self._texts.move_to_end(ids)
        return self._texts[ids]
