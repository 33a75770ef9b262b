"""People who jam, and what they and the world do."""

from __future__ import annotations

from typing import Any

from musicgen_core.jams import Candidate, Jam, JamSettings, Mode, Model, apply, begin, open_jam
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import Announce, Effect

ANNA, BEN, CLEO, DAN = 101, 102, 103, 104
START = 1_800_000_000.0


def started(mode: Mode = Mode.TURNS, others: tuple[int, ...] = (BEN, CLEO), **settings: Any) -> Jam:
    """Return an opened jam of Anna's with some members."""
    jam = begin(
        id="jam", title="Rain", prompt="lo-fi piano", owner=ANNA, seed=7, at=START,
        settings=JamSettings(mode=mode, **settings), place=9, model=Model("builtin", 32000, 30.0),
    )  # fmt: skip
    jam, _ = open_jam(jam)
    return after(jam, *(ev.Joined(at=START + 1, by=person) for person in others))


def after(jam: Jam, *events: ev.Event) -> Jam:
    """Return the jam after some events."""
    for event in events:
        jam, _ = apply(jam, event)
    return jam


def asks(jam: Jam, by: int, direction: str = "with strings", **more: Any) -> ev.TurnAsked:
    """Return a press of the open turn's button."""
    return ev.TurnAsked(**{"at": now(jam), "by": by, "turn": number(jam), **more,
                           "direction": direction})  # fmt: skip


def number(jam: Jam) -> int:
    return jam.turn.number if jam.turn else jam.turns


def now(jam: Jam) -> float:
    """Return a moment before the jam's timer, later with every move."""
    return START + 1 + jam.moves * 1e-3


def made(jam: Jam, count: int = 3, seconds: float = 10.0, rate: int = 32000) -> ev.CandidatesMade:
    """Return what the jam has asked for."""
    assert jam.turn is not None
    turn, attempt = jam.turn.number, jam.turn.attempt
    candidates = tuple(
        Candidate(
            number=place, file=f"{jam.turns:04}{attempt:04}{place:024}.wav", seconds=seconds,
            rate=rate, channels=1, seed=place, tempo=90.2, key="A minor",
        )
        for place in range(1, count + 1)
    )  # fmt: skip
    return ev.CandidatesMade(at=now(jam), turn=turn, attempt=attempt, candidates=candidates)


def failed(jam: Jam, **more: Any) -> ev.CandidatesFailed:
    assert jam.turn is not None
    return ev.CandidatesFailed(at=now(jam), turn=jam.turn.number, attempt=jam.turn.attempt, **more)


def votes(jam: Jam, by: int, candidate: int) -> ev.TakeVoted:
    return ev.TakeVoted(at=now(jam), by=by, turn=number(jam), candidate=candidate)


def fires(jam: Jam) -> ev.TimerFired:
    """Return the jam's timer as it fires."""
    assert jam.timer is not None
    return ev.TimerFired(at=jam.timer.due, name=jam.timer.name, due=jam.timer.due)


def making(jam: Jam, by: int) -> Jam:
    return after(jam, asks(jam, by))


def voting(jam: Jam, by: int) -> Jam:
    jam = making(jam, by)
    return after(jam, made(jam))


def played(jam: Jam, by: int) -> Jam:
    """Return the jam after one whole turn; nobody votes, the player chooses the first."""
    jam = making(jam, by)
    return after(jam, made(jam, count=1))


def news(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.key for effect in effects if isinstance(effect, Announce)]


def kinds(effects: tuple[Effect, ...]) -> set[str]:
    return {type(effect).__name__ for effect in effects}
