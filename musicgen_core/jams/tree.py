"""The jam as a tree of takes: nothing in it is ever removed, only the head moves."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.jam import Jam, Take


@dataclass(frozen=True, slots=True)
class Credit:
    """What one player gave to a track; `player` as in Take."""

    player: int | None
    takes: int
    seconds: float


def find_take(jam: Jam, number: int) -> Take:
    """Return a take.

    Raises:
        JamRefusal: `no_such_take`.
    """
    if not 1 <= number <= len(jam.takes):
        raise JamRefusal("no_such_take", take=number)
    return jam.takes[number - 1]


def track(jam: Jam, head: int | None = None) -> tuple[Take, ...]:
    """Return the takes from the root to a take, or to the jam's head."""
    number = jam.head if head is None else head
    line: list[Take] = []
    while number is not None:
        line.append(jam.takes[number - 1])
        number = line[-1].parent
    return tuple(reversed(line))


def starts(jam: Jam, takes: tuple[Take, ...]) -> tuple[float, ...]:
    """Return the second at which each take of a track begins."""
    lap, at = jam.settings.seam.overlap_seconds, 0.0
    begins: list[float] = []
    for place, take in enumerate(takes):
        if place:
            # As `mix.join` lays them.
            at -= min(lap, takes[place - 1].seconds / 2, take.seconds / 2)
        begins.append(at)
        at += take.seconds
    return tuple(begins)


def track_seconds(jam: Jam, head: int | None = None) -> float:
    """Return the length of a track."""
    takes = track(jam, head)
    return starts(jam, takes)[-1] + takes[-1].seconds if takes else 0.0


def room_seconds(jam: Jam) -> float:
    """Return the seconds of the next take; 0: the jam has its full length."""
    room = jam.settings.longest_seconds - track_seconds(jam)
    # Less than a second is no music.
    return min(jam.settings.seconds_per_turn, room) if room >= 1.0 else 0.0


def credits_of(jam: Jam) -> tuple[Credit, ...]:
    """Return what each player gave to the track, by the order of their first take."""
    given: dict[int | None, Credit] = {}
    for take in track(jam):
        before = given.get(take.player, Credit(take.player, 0, 0.0))
        given[take.player] = Credit(take.player, before.takes + 1, before.seconds + take.seconds)
    return tuple(given.values())
