"""One transition while it is made: seen from outside, `apply` changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.effects import Announce, Effect
from musicgen_core.jams.jam import Jam, Phase, Timer, TimerName, Turn
from musicgen_core.jams.settings import LEAD_SECONDS, Mode

THINK_SECONDS = 20.0
"""To vote in, beside what it takes to hear every preview once."""


class Move:
    """The jam as it will be, and what is said of it on the way."""

    def __init__(self, jam: Jam, at: float) -> None:
        self.jam = replace(jam, moves=jam.moves + 1)
        self.at = at
        self.said: list[Effect] = []

    @property
    def turn(self) -> Turn:
        """The open turn."""
        if self.jam.turn is None:
            raise JamRefusal("over")
        return self.jam.turn

    def change(self, **fields: Any) -> None:
        """Replace fields of the jam."""
        self.jam = replace(self.jam, **fields)

    def change_turn(self, **fields: Any) -> None:
        """Replace fields of the open turn."""
        self.change(turn=replace(self.turn, **fields))

    def announce(self, key: str, **fields: object) -> None:
        """Let people be told a sentence of the catalogues."""
        number = f"{self.jam.id}:news:{self.jam.moves}.{len(self.said)}"
        self.said.append(Announce(id=number, key=key, fields=fields))


def timer_name(jam: Jam) -> TimerName | None:
    """Return which timer the jam as it stands needs; None: it has ended."""
    if jam.phase.ended:
        return None
    if jam.paused:
        return TimerName.PAUSE
    return _of_turn(jam, jam.turn) if jam.turn else TimerName.MIX


def _of_turn(jam: Jam, turn: Turn) -> TimerName:
    match jam.phase:
        case Phase.MAKING:
            name = TimerName.MAKE
        case Phase.VOTING:
            name = TimerName.CHOICE if turn.tied else TimerName.VOTE
        case Phase.SUGGESTING:
            name = TimerName.SUGGEST if turn.suggestions else TimerName.IDLE
        case _ if jam.mode is Mode.RADIO:
            name = TimerName.RADIO
        case _:
            name = TimerName.IDLE if turn.player is None else TimerName.TURN
    return name


def timer_seconds(jam: Jam, name: TimerName) -> float:
    """Return how long a timer runs."""
    if name is TimerName.CHOICE and jam.mode is Mode.SOLO:
        # Who chooses alone also needs the time to listen.
        name = TimerName.VOTE
    seconds: float = getattr(jam.settings, f"{name}_seconds")
    return max(seconds, _hearing_seconds(jam)) if name is TimerName.VOTE else seconds


def _hearing_seconds(jam: Jam) -> float:
    """Return how long it takes to hear all candidates and to make up one's mind."""
    heard = jam.turn.candidates if jam.turn else ()
    return THINK_SECONDS + sum(one.seconds + LEAD_SECONDS for one in heard)


def with_timer(jam: Jam, before: Jam | None, at: float) -> Jam:
    """Return the jam with the timer that it needs; one that still waits for the same runs on."""
    name = timer_name(jam)
    if name is None:
        return replace(jam, timer=None)
    if before is not None and before.timer is not None and _occasion(before) == _occasion(jam):
        return replace(jam, timer=before.timer)
    return replace(jam, timer=Timer(name, at + timer_seconds(jam, name)))


def _occasion(jam: Jam) -> tuple[object, ...]:
    """Return what must be the same for a timer to run on."""
    turn = (jam.turn.number, jam.turn.attempt, jam.turn.player) if jam.turn else ()
    # Encoding and sending the previews may take longer than listening to them.
    shown = jam.turn is not None and jam.post(jam.turn.vote_post) is not None
    return (timer_name(jam), turn, shown, jam.mix_attempt)
