"""What happens to a jam. `at` is when, in seconds since 1970; `by` is who."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_core.jams.jam import Candidate, Ending, Model, TimerName


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened by itself: where it comes too late, it changes nothing."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Event):
    """Something that a person did: where it cannot be, it is refused with JamRefusal."""

    by: int
    manager: bool = False
    """The person may manage messages there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Press):
    """A person plays along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Press):
    """A member does not play any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAsked(Press):
    """A member plays a turn."""

    turn: int
    """The number that the button was for, so that of two who press at once one is refused."""
    direction: str = ""
    clip: str | None = None
    splice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Press):
    """The player lets the next one play."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked(Press):
    """The candidates that are being made are not wanted any more."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested(Press):
    """A member says what should come next, in place of what they said before."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionVoted(Press):
    """A member votes on words."""

    turn: int
    suggestion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeVoted(Press):
    """A member votes on a candidate."""

    turn: int
    candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Press):
    """The player breaks a tie, or chooses alone."""

    turn: int
    candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Press):
    """The last take is taken back, by one who may do so alone."""

    take: int | None = None
    """The take that the button was for, so that of two who press at once one is refused; None:
    whatever is last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoVoted(Press):
    """A member votes for taking back the last take."""

    take: int | None = None
    """As in Undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked(Press):
    """A new jam begins with a take of this one; `fork` makes that jam."""

    take: int
    child: str
    """The new jam's id."""
    place: int | None = None
    """The new jam's thread or channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishAsked(Press):
    """The owner wants the mix."""

    ending: Ending = Ending.FADE


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesMade(Event):
    """What MakeCandidates asked for is there."""

    turn: int
    attempt: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesFailed(Event):
    """What MakeCandidates asked for could not be made, or was cancelled."""

    turn: int
    attempt: int
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Event):
    """A timer is due; `name` and `due` are those of SetTimer."""

    name: TimerName
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMade(Event):
    """What MakeMix asked for is there."""

    attempt: int
    file: str
    seconds: float
    loudness: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MixFailed(Event):
    """What MakeMix asked for could not be made."""

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted(Event):
    """An effect's message is there; `post` is the effect's `post`."""

    post: str
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBanned(Event):
    """A person may not be here any more."""

    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberGone(Event):
    """A person, perhaps the owner, has left the server."""

    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForgotten(Event):
    """A person has everything about them deleted; their sound stays, credited to GONE."""

    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLost(Event):
    """The thread is archived, or deleted for good."""

    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceBack(Event):
    """The thread is not archived any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChanged(Event):
    """Another checkpoint plays from now on."""

    model: Model
