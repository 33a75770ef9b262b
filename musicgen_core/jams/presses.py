"""What people do, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import events, votes
from musicgen_core.jams.effects import ForkInto
from musicgen_core.jams.jam import Jam, Origin, Phase
from musicgen_core.jams.members import join, remove, require_member
from musicgen_core.jams.move import Move
from musicgen_core.jams.playing import (
    BETWEEN_PARTS,
    ask_turn,
    fail,
    finish,
    pass_turn,
    take_back,
    take_back_if_wanted,
)
from musicgen_core.jams.tree import find_take


def _require_played(jam: Jam) -> None:
    if jam.phase is Phase.MIXING:
        raise JamRefusal("mixing")
    if jam.phase.ended:
        raise JamRefusal("over")


def _playing(move: Move, event: events.Press) -> None:
    """Make sure that a member acts in a jam that is played."""
    _require_played(move.jam)
    require_member(move.jam, event.by)


def _joined(move: Move, event: events.Joined) -> None:
    _require_played(move.jam)
    join(move, event.by)


def _left(move: Move, event: events.Left) -> None:
    _playing(move, event)
    move.announce("left", who=event.by)
    remove(move, event.by, called_off=False)


def _turn_asked(move: Move, event: events.TurnAsked) -> None:
    _playing(move, event)
    ask_turn(move, event.by, event.direction, event.clip, splice=event.splice)


def _passed(move: Move, event: events.Passed) -> None:
    _playing(move, event)
    pass_turn(move, event.by)


def _cancel_asked(move: Move, event: events.CancelAsked) -> None:
    jam = move.jam
    _require_played(jam)
    if jam.phase is not Phase.MAKING:
        raise JamRefusal("nothing_to_cancel")
    if not event.manager and event.by not in (jam.owner, move.turn.player):
        raise JamRefusal("cancel_not_yours")
    fail(move, cancelled=True)


def _suggested(move: Move, event: events.Suggested) -> None:
    _playing(move, event)
    votes.suggest(move, event.by, event.words)


def _suggestion_voted(move: Move, event: events.SuggestionVoted) -> None:
    _playing(move, event)
    votes.vote_words(move, event.by, event.suggestion)


def _take_voted(move: Move, event: events.TakeVoted) -> None:
    _playing(move, event)
    votes.vote_take(move, event.by, event.candidate)


def _chosen(move: Move, event: events.Chosen) -> None:
    _playing(move, event)
    votes.choose(move, event.by, event.candidate)


def _require_undoable(jam: Jam, take: int | None) -> None:
    if take is not None and take != jam.head:
        raise JamRefusal("not_last", take=take)
    if jam.phase not in BETWEEN_PARTS:
        raise JamRefusal("busy")
    if jam.head == jam.base:
        raise JamRefusal("nothing_to_undo")


def _undone(move: Move, event: events.Undone) -> None:
    jam = move.jam
    _require_played(jam)
    _require_undoable(jam, event.take)
    player = find_take(jam, jam.head or 0).player
    if not event.manager and event.by not in (jam.owner, player):
        raise JamRefusal("undo_not_yours")
    take_back(move)


def _undo_voted(move: Move, event: events.UndoVoted) -> None:
    _playing(move, event)
    jam = move.jam
    _require_undoable(jam, event.take)
    if event.by in jam.undo_votes:
        raise JamRefusal("already_voted")
    voters = (*jam.undo_votes, event.by)
    move.change(undo_votes=voters)
    if not take_back_if_wanted(move):
        move.announce("undo_vote", votes=len(voters), needed=len(jam.members) // 2 + 1)


def _forked(move: Move, event: events.Forked) -> None:
    jam = move.jam
    if event.by in jam.banned:
        raise JamRefusal("banned")
    find_take(jam, event.take)
    if any(fork.jam == event.child for fork in jam.forks):
        raise JamRefusal("already_forked")
    move.change(forks=(*jam.forks, Origin(event.child, event.take)))
    move.said.append(
        ForkInto(id=f"{jam.id}:fork:{event.child}", child=event.child, take=event.take)
    )
    move.announce("forked", who=event.by, take=event.take, place=event.place)


def _finish_asked(move: Move, event: events.FinishAsked) -> None:
    jam = move.jam
    again = jam.phase is Phase.FINISHED and jam.mix is None
    if not again:
        _require_played(jam)
    if not event.manager and event.by != jam.owner:
        raise JamRefusal("not_owner")
    finish(move, event.ending)


PRESSES: dict[type[events.Event], Callable[[Move, Any], None]] = {
    events.Joined: _joined,
    events.Left: _left,
    events.TurnAsked: _turn_asked,
    events.Passed: _passed,
    events.CancelAsked: _cancel_asked,
    events.Suggested: _suggested,
    events.SuggestionVoted: _suggestion_voted,
    events.TakeVoted: _take_voted,
    events.Chosen: _chosen,
    events.Undone: _undone,
    events.UndoVoted: _undo_voted,
    events.Forked: _forked,
    events.FinishAsked: _finish_asked,
}
