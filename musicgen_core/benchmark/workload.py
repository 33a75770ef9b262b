"""What is to be measured, and what came of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from musicgen_core.requests import GenerationRequest


@dataclass(frozen=True, slots=True)
class Workload:
    """`batch` people at once ask for `seconds` each, with text and guidance, `repeat` times."""

    size: str = "builtin"
    engine: str = "auto"
    precision: str = "auto"
    batch: int = 1
    seconds: float = 5.0
    repeat: int = 1

    def requests(self, take: int, seconds: float | None = None) -> list[GenerationRequest]:
        """Return what everybody asks for at one `take`; no text comes twice.

        An engine may remember the texts it has read, and that would leave T5 out of the time.
        """
        first = take * self.batch
        return [
            GenerationRequest(prompt(number), seconds or self.seconds, seed=number)
            for number in range(first, first + self.batch)
        ]


def prompt(number: int) -> str:
    """Return a text of its own for every number, all of about the same length."""
    return f"80s pop track with bassy drums and synth take {number}"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure that was measured several times."""

    median: float
    min: float
    max: float


Figure: TypeAlias = float | Spread
"""A number after one run, a Spread after more."""


def figure(values: Sequence[float], digits: int) -> Figure:
    """Return the only value, or the median, least and most of several."""
    if len(values) == 1:
        return round(values[0], digits)
    middle, least, most = statistics.median(values), min(values), max(values)
    return Spread(round(middle, digits), round(least, digits), round(most, digits))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times in seconds but where a name says otherwise."""

    engine: str
    precision: str
    batch: int
    seconds: float
    ms_per_step: dict[int, float]
    """Columns before a step -> its median, guidance and sampling included."""
    rtf: Figure
    """One person's audio seconds per wall second: text, steps and codec, load excluded."""
    aggregate_rtf: Figure
    """The same, all people's audio together."""
    first_sound_s: Figure
    """One person alone: from asking to the first piece of a stream."""
    cold_start_s: float
    """From process start to the first clip of four frames, graphs on disk from a start before."""
    peak_rss_mb: float
    """The most memory the process held until its last clip was finished."""
