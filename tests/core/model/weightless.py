"""Networks without weights: a language model whose logits tell exactly what it was fed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicgen_core.model.decoding import NativeEngine
from musicgen_core.model.protocols import Column, Floats
from musicgen_core.model.sampling import blended
from musicgen_core.requests import Codes, Samples

VOCAB, HOP, RATE = 32, 4, 8


class HashingDecoder:
    """Logits are a pure function of all columns a row was fed, so any mix-up changes them."""

    def __init__(self, states: Sequence[Floats | None], codebooks: int) -> None:
        self.rows = [[None if s is None else s.tobytes()] for s in states]
        self.codebooks = codebooks

    def prefill(self, row: int, columns: Codes) -> None:
        for column in columns.T:
            self.rows[row].append(tuple(map(int, column)))

    def rearrange(self, keep: Sequence[int], joining: Sequence[Floats | None]) -> None:
        new = [[None if s is None else s.tobytes()] for s in joining]
        self.rows = [*(self.rows[row] for row in keep), *new]

    def step(self, column: Column, blend: Floats | None = None) -> Floats:
        logits = []
        for row, ids in zip(self.rows, column, strict=True):
            row.append(tuple(map(int, ids)))
            seed = hash(tuple(row)) & 0xFFFFFFFF
            logits.append(np.random.default_rng(seed).standard_normal((self.codebooks, VOCAB)))
        return blended(np.array(logits, np.float32), blend)


class HashingModel:
    start_token = VOCAB

    def __init__(self, codebooks: int = 4, joinable: bool = True) -> None:
        self.codebooks, self.joinable = codebooks, joinable
        self.decoders: list[HashingDecoder] = []
        self.positions: list[int] = []

    def begin(self, states: Sequence[Floats | None], positions: int) -> HashingDecoder:
        self.decoders.append(HashingDecoder(states, self.codebooks))
        self.positions.append(positions)
        return self.decoders[-1]


class EchoText:
    def __init__(self) -> None:
        self.encoded: list[tuple[int, ...]] = []

    def encode(self, ids: Sequence[int]) -> Floats:
        self.encoded.append(tuple(ids))
        return np.array(ids, np.float32)[:, None]


class CountingCodec:
    """Samples count hops: encode keeps each frame's first sample, decode repeats codebook 0."""

    sample_rate, hop = RATE, HOP

    def encode(self, samples: Samples) -> Codes:
        first = np.rint(samples[::HOP] * VOCAB).astype(np.int64)
        return np.stack([first] * 4)

    def decode(self, codes: Codes) -> Samples:
        return np.repeat(codes[0] / VOCAB, HOP).astype(np.float32)

    def stream(self, skip: int = 0) -> CountingStream:
        return CountingStream(skip)


class CountingStream:
    """Two frames late, as a network that looks ahead."""

    def __init__(self, skip: int = 0) -> None:
        self.late, self.skipped = np.zeros((4, 0), np.int64), skip * HOP

    def feed(self, codes: Codes) -> Samples:
        known = np.concatenate([self.late, codes[:4]], axis=1)
        self.late = known[:, -2:]
        return self._wanted(CountingCodec().decode(known[:, :-2]))

    def finish(self) -> Samples:
        return self._wanted(CountingCodec().decode(self.late))

    def _wanted(self, sound: Samples) -> Samples:
        wanted = sound[self.skipped :]
        self.skipped -= len(sound) - len(wanted)
        return wanted


def engine(codebooks: int = 4, channels: int = 1, joinable: bool = True) -> NativeEngine:
    return NativeEngine(
        "weightless",
        "fp32",
        EchoText(),
        HashingModel(codebooks, joinable),
        CountingCodec(),
        channels,
    )
