"""What is said between those who want clips and the studio that makes them: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from musicgen_core.errors import MusicGenError
from musicgen_core.requests import Clip, GenerationRequest, Progress


@dataclass(frozen=True, slots=True)
class Start:
    """The order to make a clip, which is spoken of by `key` from then on."""

    key: int
    request: GenerationRequest


@dataclass(frozen=True, slots=True)
class Stop:
    """The order to make no more of a clip."""

    key: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A clip got on."""

    key: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Ended:
    """A clip is done, or will never be."""

    key: int
    outcome: Clip | MusicGenError


Order: TypeAlias = Start | Stop
Report: TypeAlias = Moved | Ended
