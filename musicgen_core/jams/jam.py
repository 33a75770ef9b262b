"""A jam as it stands: one frozen value that is stored whole. Times are seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from musicgen_core.jams.settings import JamSettings, Mode

GONE = 0
"""The player of takes whose person has had everything deleted: "someone who left"."""


class Phase(StrEnum):
    """Where a jam is; the last two are ends, though a finished jam can be mixed again."""

    WAITING = "waiting"
    """For a player."""
    SUGGESTING = "suggesting"
    MAKING = "making"
    VOTING = "voting"
    MIXING = "mixing"
    FINISHED = "finished"
    CLOSED = "closed"
    """Ended without a mix; what was played can still be forked."""

    @property
    def ended(self) -> bool:
        """Whether no timer runs and nobody plays any more."""
        return self in (Phase.FINISHED, Phase.CLOSED)

    @property
    def played(self) -> bool:
        """Whether a turn is open."""
        return not self.ended and self is not Phase.MIXING


class Ending(StrEnum):
    """How the mix ends."""

    FADE = "fade"
    MODEL = "model"
    """An ending that the model is asked for."""


class TimerName(StrEnum):
    """What is waited for."""

    TURN = "turn"
    IDLE = "idle"
    RADIO = "radio"
    SUGGEST = "suggest"
    MAKE = "make"
    VOTE = "vote"
    CHOICE = "choice"
    MIX = "mix"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that happens at `due` if nothing happens before."""

    name: TimerName
    due: float


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who plays; turns go round by `seat`, and a seat is given once."""

    person: int
    seat: int


@dataclass(frozen=True, slots=True)
class Origin:
    """A take of another jam."""

    jam: str
    take: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A continuation that was made; its file holds only the new part, at `rate` Hz."""

    number: int
    """From 1, within its turn."""
    file: str
    seconds: float
    rate: int
    channels: int
    seed: int
    tempo: float | None = None
    """Beats a minute, measured."""
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A part that was accepted: a node of the jam's tree, which never changes again."""

    number: int
    parent: int | None
    """The take that it continues; None: the track begins with it."""
    player: int | None
    """None: the radio by itself; GONE: someone who left."""
    direction: str
    prompt: str
    """What the model was told."""
    seed: int
    seconds: float
    file: str
    rate: int
    channels: int
    at: float
    tempo: float | None = None
    key: str | None = None
    origin: Origin | None = None
    """Where a fork took it from."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a member would like to hear next."""

    number: int
    author: int
    words: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's choice; there is at most one of each member in a tuple of votes."""

    voter: int
    choice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The one turn that is open."""

    number: int
    opened: float
    player: int | None = None
    """None: anybody's, nobody's yet, or the radio's own."""
    direction: str = ""
    prompt: str = ""
    clip: str | None = None
    """A file that the player gave."""
    splice: bool = False
    """The clip becomes part of the track; else it is only answered."""
    attempt: int = 0
    """Times that candidates were asked for."""
    suggestions: tuple[Suggestion, ...] = ()
    wishes: tuple[Vote, ...] = ()
    """Votes on suggestions."""
    candidates: tuple[Candidate, ...] = ()
    votes: tuple[Vote, ...] = ()
    tied: tuple[int, ...] = ()
    """Candidates among which the player has to choose."""

    @property
    def vote_post(self) -> str:
        """The name of the post with the candidates' previews."""
        return f"vote:{self.number}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Model:
    """The checkpoint that plays."""

    name: str
    rate: int
    """In Hz; 0: not known, because it was never loaded."""
    longest_seconds: float
    """What it hears and makes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """The finished piece."""

    file: str
    seconds: float
    loudness: float | None = None
    """LUFS, measured."""
    at: float


@dataclass(frozen=True, slots=True)
class Post:
    """A message that shows something of the jam."""

    name: str
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Jam:
    """The whole state; it is changed only by `apply`."""

    id: str
    title: str
    prompt: str
    owner: int | None
    """None: everybody has left; who joins next owns it."""
    settings: JamSettings
    seed: int
    created: float
    server: int | None = None
    place: int | None = None
    """The thread or channel."""
    moves: int = 0
    """Transitions so far."""
    phase: Phase = Phase.WAITING
    paused: bool = False
    """The thread is archived."""
    lost: bool = False
    """The thread is deleted."""
    timer: Timer | None = None
    """The only one; there is one in every phase that has not ended."""
    turn: Turn | None = None
    """The open turn; None while mixing and at the end."""
    turns: int = 0
    members: tuple[Member, ...] = ()
    seats: int = 0
    banned: tuple[int, ...] = ()
    takes: tuple[Take, ...] = ()
    head: int | None = None
    """The take with which the track ends."""
    base: int | None = None
    """The take at which a fork begins; undo stops there."""
    last_player: int | None = None
    last_seat: int = 0
    misses: int = 0
    """Players in a row who passed or did not answer."""
    failures: int = 0
    """Attempts in a row that brought no candidates."""
    undo_votes: tuple[int, ...] = ()
    model: Model | None = None
    rate: int | None = None
    """The track's, in Hz: that of its first take."""
    posts: tuple[Post, ...] = ()
    unposted: int | None = None
    """The take whose track has not been posted yet."""
    ending: Ending = Ending.FADE
    mix_attempt: int = 0
    """Mixes asked for so far: only the last one's answer counts."""
    mix_tries: int = 0
    """Of those, since the playing ended."""
    mix: Mix | None = None
    forked_from: Origin | None = None
    forks: tuple[Origin, ...] = field(default=())
    """Jams that were forked from here, and from which take."""

    @property
    def mode(self) -> Mode:
        """How it is played."""
        return self.settings.mode

    def has_member(self, person: int | None) -> bool:
        """Tell whether somebody plays along."""
        return any(member.person == person for member in self.members)

    def post(self, name: str) -> int | None:
        """Return the message that shows something; None: nothing does yet."""
        return next((post.message for post in self.posts if post.name == name), None)
