"""One request being made: its windows, its sound piece by piece, at last its clip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from musicgen_core.limiter import PeakLimiter
from musicgen_core.model.prompts import Prepared
from musicgen_core.model.protocols import Engine, Ensemble, Seat
from musicgen_core.model.windows import Window, WindowedRow
from musicgen_core.requests import Clip, Codes, Progress, Provenance, Samples
from musicgen_core.seam import LEVEL, Seam

_FED_AT_ONCE = 8
"""Frames that are waited for before the codec is called."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Whose clip it is: the checkpoint's name and channels, and the engine."""

    model: str
    channels: int
    engine: Engine


class Take:
    """A request on its way to a clip."""

    def __init__(
        self, maker: Maker, prepared: Prepared, window: Window, ensemble: Ensemble
    ) -> None:
        self.clip: Clip | None = None
        """The clip, once it is done."""
        self._maker, self._prepared, self._ensemble = maker, prepared, ensemble
        self._windows = WindowedRow(prepared.row, window)
        self._fed = 0
        self._sound = SoundStream(maker, prepared)
        self._seat = self._next_seat()

    @property
    def progress(self) -> Progress:
        """Frames done of frames in all."""
        made = self._seat.frames if self._seat is not None else 0
        return Progress(min(self._total, self._windows.made + made), self._total)

    @property
    def sample_rate(self) -> int:
        """Of its sound."""
        return self._maker.engine.codec.sample_rate

    def sound(self, start: int = 0) -> Samples:
        """What is made of the new part, from a sample on, [C, n]."""
        return self._sound.made(start)

    def preview(self, seconds: float) -> Clip | None:
        """The first seconds of the new part; None: they are not made yet."""
        new = self.sound()[:, : round(seconds * self.sample_rate)]
        whole = min(seconds, self._prepared.request.seconds) * self.sample_rate
        return None if new.shape[1] < int(whole) else self._clip(new, 0)

    def advance(self) -> None:
        """Take what the last step made; begin the next window, or finish the clip."""
        seat = self._seat
        if seat is None:
            return
        if seat.done or seat.frames - self._fed >= _FED_AT_ONCE:
            new = seat.codes(self._fed)
            self._sound.feed(new)
            self._fed += new.shape[1]
        if seat.done:
            self._windows.add(seat.codes(0))
            self._fed = 0
            self._seat = self._next_seat()
            if self._seat is None:
                self.clip = self._finish()

    def leave(self) -> None:
        """Give up."""
        if self._seat is not None:
            self._ensemble.leave(self._seat)

    @property
    def _total(self) -> int:
        return self._prepared.row.frames

    def _next_seat(self) -> Seat | None:
        row = self._windows.next_row()
        return None if row is None else self._ensemble.join(row)

    def _finish(self) -> Clip:
        prompt = self._prepared.prompt
        self._sound.finish()
        samples = np.concatenate([prompt, self._sound.made(0)], axis=1)
        return self._clip(samples, prompt.shape[1])

    def _clip(self, samples: Samples, new_from: int) -> Clip:
        prepared, maker = self._prepared, self._maker
        return Clip(
            samples=samples,
            sample_rate=self.sample_rate,
            new_from=new_from,
            provenance=Provenance(
                model=maker.model,
                engine=maker.engine.name,
                precision=maker.engine.precision,
                prompt=prepared.request.prompt,
                seconds=prepared.request.seconds,
                seed=prepared.row.seed,
                sampling=prepared.row.sampling,
                prompt_seconds=new_from / self.sample_rate,
                parent=None if prepared.request.audio is None else prepared.request.audio.clip,
                hear_seconds=prepared.request.hear_seconds,
                unread=prepared.unread,
                heard=prepared.heard,
            ),
        )


class SoundStream:
    """The new part's sound, decoded, joined to the audio prompt and limited while it is made.

    The codec hears the prompt's codes first, for its memory; it makes sound of no more of them than
    the seam compares, and of what is made anew of the prompt's end.
    """

    def __init__(self, maker: Maker, prepared: Prepared) -> None:
        codec, channels = maker.engine.codec, maker.channels
        prompt = prepared.row.prompt
        heard = 0 if prompt is None else prompt.shape[1]
        compared = min(heard, math.ceil(LEVEL * codec.sample_rate / codec.hop))
        self._streams = [codec.stream(heard - compared) for _ in range(channels)]
        self._limiter = PeakLimiter(codec.sample_rate)
        self._pending = prompt
        known = (compared + prepared.remade) * codec.hop
        self._seam = Seam(prepared.prompt, known, codec.sample_rate) if known else None
        self._pieces: list[Samples] = [np.zeros((channels, 0), np.float32)]

    def feed(self, codes: Codes) -> None:
        """Decode the next frames [C * K, n]; channels are interleaved."""
        if not codes.shape[1]:
            return
        if self._pending is not None:
            codes, self._pending = np.concatenate([self._pending, codes], axis=1), None
        channels = len(self._streams)
        self._add(np.stack([s.feed(codes[c::channels]) for c, s in enumerate(self._streams)]))

    def finish(self) -> None:
        """Decode what is left."""
        self._add(np.stack([stream.finish() for stream in self._streams]))
        if self._seam is not None:
            self._pieces.append(self._limiter.feed(self._seam.finish()))
        self._pieces.append(self._limiter.finish())

    def made(self, start: int) -> Samples:
        """The sound so far from a sample on, [C, n]."""
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces, axis=1)]
        return self._pieces[0][:, start:]

    def _add(self, sound: Samples) -> None:
        new = sound if self._seam is None else self._seam.feed(sound)
        self._pieces.append(self._limiter.feed(new))
