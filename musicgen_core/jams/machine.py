"""The state machine: `apply` takes a jam and an event to a jam and effects, and does nothing else.

What happens in the cases that are easy to forget:

| case | outcome |
|---|---|
| the owner leaves | who has been there longest owns it; with nobody left, who joins next |
| everybody leaves | the turn is anybody's; after `idle_seconds` the jam ends with a mix |
| the thread is archived | paused: nothing is posted, candidates still come; PlaceBack or a press |
|  | goes on with a full timer; after `pause_seconds` the jam ends with a mix |
| the thread is deleted | closed without a mix; its takes can be forked into a new thread |
| the bot restarts | `due(jam)` returns what the phase waits for, with the ids from before |
| the player is banned | in any phase the turn is called off and passes on; their takes stay |
| the player leaves | waiting: it passes on; making or voting: it ends as it would have, and of |
|  | those tied the first candidate wins |
| two press at once | a press names its turn, and Undo its take: the second is refused |
|  | (`turn_over`, `busy` or `not_last`) |
| a vote ends in a tie | the player's own vote decides, else they are asked, else the first wins |
| nobody votes | that is a tie of all |
| a member without permission | finish is refused; undo is refused with a hint at the vote |
| candidates fail, or are cancelled | the same player again; the third time the next one |
| people cancel candidates | the player, the owner or a manager may; it is as if they had failed, |
|  | except that a radio plays on however often |
| candidates never come | after `make_seconds` they have failed |
| the mix fails or never comes | three tries, then finished without; Finish asks for it anew |
| another checkpoint plays | what is being made still comes; a take keeps its own rate, and the |
|  | track that of its first take |
| nobody answers for a round | the turn is anybody's, as when everybody has left |
| the jam has its full length | the radio ends; else the turn waits for Undo or Finish |
| a person's data are deleted | as when banned, but they may come back; takes are credited to GONE |
| anything comes twice or late | a press is refused; everything else changes nothing |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import events
from musicgen_core.jams.arrivals import ARRIVALS
from musicgen_core.jams.due import difference, due
from musicgen_core.jams.effects import Effect
from musicgen_core.jams.jam import Jam
from musicgen_core.jams.move import Move, with_timer
from musicgen_core.jams.playing import open_turn
from musicgen_core.jams.presses import PRESSES

Effects = tuple[Effect, ...]


def open_jam(jam: Jam) -> tuple[Jam, Effects]:
    """Open the first turn of a jam from `begin`, `graft` included."""
    move = Move(jam, jam.created)
    open_turn(move)
    opened = with_timer(move.jam, None, move.at)
    return opened, (*move.said, *due(opened))


def apply(jam: Jam, event: events.Event) -> tuple[Jam, Effects]:
    """Return the jam after an event and what is to be done; the same jam where it came too late.

    Raises:
        JamRefusal: a press that cannot be now; the jam stays as it is.
    """
    handler = _handler(jam, event)
    if handler is None:
        return jam, ()
    move = Move(jam, event.at)
    if isinstance(event, events.Press) and jam.paused:
        # Whoever presses something has opened the thread again.
        move.change(paused=False)
    handler(move, event)
    new = with_timer(move.jam, jam, event.at)
    answered = isinstance(event, events.CandidatesMade | events.CandidatesFailed)
    return new, (*move.said, *difference(jam, new, answered=answered))


def _handler(jam: Jam, event: events.Event) -> Callable[[Move, Any], None] | None:
    """Return what an event does; None: nothing any more."""
    if isinstance(event, events.Press):
        named = getattr(event, "turn", None)
        if (
            named is not None
            and jam.phase.played
            and (jam.turn is None or jam.turn.number != named)
        ):
            raise JamRefusal("turn_over")
        return PRESSES[type(event)]
    concerns, handler = ARRIVALS[type(event)]
    return handler if concerns(jam, event) else None
