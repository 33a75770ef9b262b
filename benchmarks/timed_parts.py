"""The engines openvino and numba with a stopwatch at each of their parts."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.model.decoding import NativeEngine
from musicgen_core.model.protocols import (
    Codec,
    CodecStream,
    Column,
    Decoder,
    Floats,
    LanguageModel,
    TextEncoder,
)
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import Codes, Samples

Times: TypeAlias = defaultdict[str, float]
"""Parts -> seconds."""


class Stopwatch:
    """Sums seconds by part."""

    def __init__(self) -> None:
        self.seconds: Times = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block's time to `name`."""
        begun = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - begun


class TimedText:
    def __init__(self, inner: TextEncoder, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def encode(self, ids: Sequence[int]) -> Floats:
        with self._watch.part("text: T5"):
            return self._inner.encode(ids)


class TimedModel:
    def __init__(self, inner: LanguageModel, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self.codebooks, self.start_token = inner.codebooks, inner.start_token
        self.joinable = inner.joinable

    def begin(self, states: Sequence[Floats | None], positions: int) -> TimedDecoder:
        with self._watch.part("text: its keys and values"):
            return TimedDecoder(self._inner.begin(states, positions), self._watch)


class TimedDecoder:
    """Knows the first step from the others: the prompt is read in it."""

    def __init__(self, inner: Decoder, watch: Stopwatch) -> None:
        self._inner, self._watch, self._first = inner, watch, True

    def prefill(self, row: int, columns: npt.NDArray[np.int64]) -> None:
        with self._watch.part("prompt, with the first step"):
            self._inner.prefill(row, columns)

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        with self._watch.part("rows that join and leave"):
            self._inner.rearrange(keep, joining)

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        name = "prompt, with the first step" if self._first else "steps"
        self._first = False
        with self._watch.part(name):
            return self._inner.step(column, blend)


class TimedCodec:
    def __init__(self, inner: Codec, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self.sample_rate, self.hop = inner.sample_rate, inner.hop

    def encode(self, samples: Samples) -> Codes:
        with self._watch.part("EnCodec: encoder"):
            return self._inner.encode(samples)

    def decode(self, codes: Codes) -> Samples:
        with self._watch.part("EnCodec: decoder"):
            return self._inner.decode(codes)

    def stream(self, skip: int = 0) -> TimedStream:
        return TimedStream(self._inner.stream(skip), self._watch)


class TimedStream:
    def __init__(self, inner: CodecStream, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def feed(self, codes: Codes) -> Samples:
        with self._watch.part("EnCodec: decoder"):
            return self._inner.feed(codes)

    def finish(self) -> Samples:
        with self._watch.part("EnCodec: decoder"):
            return self._inner.finish()


def timed_core(checkpoint: Checkpoint, engine: str, precision: str, watch: Stopwatch) -> MusicGen:
    """Build what the `create` of these engines builds, timed."""
    from musicgen_core.engines import openvino
    from musicgen_core.engines.numba import language_model as numba
    from musicgen_core.engines.numba.picking import candidates
    from musicgen_core.engines.openvino.graphs import default_cache

    model: LanguageModel
    if engine == "numba":
        model = numba.load_language_model(checkpoint, precision)
    else:
        model = openvino.load_language_model(checkpoint, precision, graph_cache=default_cache())
    text, sound = openvino.text_and_sound(checkpoint, precision)
    return MusicGen(
        checkpoint,
        NativeEngine(
            engine,
            precision,
            TimedText(text, watch),
            TimedModel(model, watch),
            TimedCodec(sound, watch),
            checkpoint.config.decoder.channels,
            pick=candidates if engine == "numba" else None,
        ),
    )
