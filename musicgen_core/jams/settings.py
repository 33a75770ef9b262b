"""How a jam is played, chosen when it begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from musicgen_core.errors import JamRefusal

LEAD_SECONDS = 4.0
"""Of the track before a preview's new part."""


class Mode(StrEnum):
    """Who plays next, and who chooses among the candidates."""

    TURNS = "turns"
    """Round robin; who does not answer in time is passed over. Members vote."""
    OPEN = "open"
    """Anybody, but nobody twice in a row while others may want to. Members vote."""
    VOTE = "vote"
    """Everybody suggests; members vote on the words, then on the candidates."""
    RADIO = "radio"
    """The bot plays by itself, with what members suggest. One candidate, no vote."""
    SOLO = "solo"
    """Round robin; whoever plays chooses alone."""

    @property
    def rotates(self) -> bool:
        """Whether every turn has a player from its beginning."""
        return self in (Mode.TURNS, Mode.SOLO)


class Curve(StrEnum):
    """How loud two sounds are while one gives way to the other."""

    EQUAL_POWER = "equal_power"
    """For sounds that have nothing to do with each other."""
    LINEAR = "linear"
    """For two versions of the same sound."""


@dataclass(frozen=True, slots=True)
class Seam:
    """How a take joins the track: its first seconds lie over the track's last ones."""

    overlap_seconds: float = 0.01
    curve: Curve = Curve.EQUAL_POWER


# What people may choose, from the least to the most.
RANGES = {
    "seconds_per_turn": (2.0, 30.0),
    "candidates": (2, 4),
    "hear_seconds": (1.0, 30.0),
    "longest_seconds": (10.0, 1800.0),
    "turn_seconds": (10.0, 86_400.0),
    "suggest_seconds": (10.0, 86_400.0),
    "vote_seconds": (5.0, 86_400.0),
    "choice_seconds": (5.0, 86_400.0),
    "radio_seconds": (10.0, 86_400.0),
    "fair_seconds": (0.0, 3600.0),
    "make_seconds": (10.0, 86_400.0),
    "mix_seconds": (10.0, 86_400.0),
    "idle_seconds": (60.0, 2_592_000.0),
    "pause_seconds": (60.0, 2_592_000.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JamSettings:
    """What stays as it is for the whole jam; all times in seconds.

    Raises:
        JamRefusal: `setting_range`, a value is out of its range.
    """

    mode: Mode = Mode.TURNS
    seconds_per_turn: float = 10.0
    candidates: int = 3
    hear_seconds: float = 12.0
    """Of the track's end that the model hears, where the checkpoint takes as much."""
    longest_seconds: float = 300.0
    turn_seconds: float = 300.0
    """For the player to answer."""
    suggest_seconds: float = 90.0
    """From the first suggestion until the words are chosen."""
    vote_seconds: float = 60.0
    """At least; a vote never ends before all takes can have been heard."""
    choice_seconds: float = 30.0
    """For the player to break a tie."""
    radio_seconds: float = 180.0
    fair_seconds: float = 30.0
    """For others to be first, where the last player would go on."""
    make_seconds: float = 1800.0
    """After which candidates that never came count as failed."""
    mix_seconds: float = 1800.0
    idle_seconds: float = 86_400.0
    """After which a jam that nobody plays is finished."""
    pause_seconds: float = 604_800.0
    """After which a jam in an archived thread is finished."""
    seam: Seam = field(default_factory=Seam)

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise JamRefusal("setting_range", name=name, low=f"{low:g}", high=f"{high:g}")
