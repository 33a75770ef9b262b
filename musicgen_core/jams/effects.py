"""What the world has to do for a jam, as data.

All but Announce and ForkInto follow from the jam as it stands: after a restart `due` returns them
again, with the same ids, and an id that has been dealt with need not be dealt with again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from musicgen_core.jams.jam import Candidate, Ending, Suggestion, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to be done; the same thing always has the same id."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCandidates(Effect):
    """Make one continuation for every seed, as one batch; CandidatesMade or -Failed answers."""

    turn: int
    attempt: int
    prompt: str
    take: int | None
    """The track to be continued ends with it; None: begin."""
    hear_seconds: float
    seconds: float
    seeds: tuple[int, ...]
    clip: str | None
    splice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCandidates(Effect):
    """Nobody wants what MakeCandidates with the id `making` asked for any more."""

    making: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskVote(Effect):
    """Post the previews with buttons; Posted answers."""

    post: str
    turn: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskChoice(Effect):
    """Ask the player to choose among the candidates with these numbers; Posted answers."""

    post: str
    turn: int
    player: int
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSuggestions(Effect):
    """Post or edit the list of suggestions with buttons; Posted answers the first time."""

    post: str
    turn: int
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTrack(Effect):
    """Post the whole track up to a take; Posted answers."""

    post: str
    take: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBoard(Effect):
    """Draw the board anew; later ones make earlier ones needless. Posted answers the first time."""

    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer(Effect):
    """TimerFired at its time, in place of the timer before."""

    timer: Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTimer(Effect):
    """The timer shall not fire any more."""

    timer: Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeMix(Effect):
    """Mix the track up to a take; MixMade or MixFailed answers."""

    attempt: int
    take: int
    ending: Ending
    prompt: str
    """For an ending that is asked of the model."""
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMix(Effect):
    """Post the finished piece with its credits; Posted answers."""

    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Effect):
    """Say the sentence jam.news.`key` of the catalogues; a kill at this moment may lose it."""

    key: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkInto(Effect):
    """The jam `child` has begun with this take; `Jams.fork` stores both in one transaction."""

    child: str
    take: int
