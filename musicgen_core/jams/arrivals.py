"""What happens by itself: timers, candidates, mixes, and the world around.

Each kind has a question, whether the jam still waits for it, and what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from musicgen_core.jams import events
from musicgen_core.jams.due import BOARD
from musicgen_core.jams.jam import Jam, Mix, Phase, Post, TimerName
from musicgen_core.jams.members import ban, forget, remove
from musicgen_core.jams.move import Move
from musicgen_core.jams.playing import close, fail, fail_mix, miss, wind_up
from musicgen_core.jams.votes import choose_first, choose_words, settle, show

KEPT_POSTS = 12
"""Messages that are remembered, besides the board's."""


def _timer_waits(jam: Jam, event: events.TimerFired) -> bool:
    timer = jam.timer
    return timer is not None and (timer.name, timer.due) == (event.name, event.due)


def _timer_fired(move: Move, event: events.TimerFired) -> None:
    match event.name:
        case TimerName.TURN:
            move.announce("missed", who=move.turn.player)
            miss(move)
        case TimerName.IDLE:
            wind_up(move)
        case TimerName.PAUSE if move.jam.phase is Phase.MIXING:
            move.change(phase=Phase.FINISHED, paused=False)
        case TimerName.PAUSE:
            wind_up(move)
        case TimerName.RADIO | TimerName.SUGGEST:
            choose_words(move)
        case TimerName.MAKE:
            fail(move, cancelled=False)
        case TimerName.VOTE:
            settle(move)
        case TimerName.CHOICE:
            choose_first(move)
        case TimerName.MIX:
            fail_mix(move)


def _candidates_wait(jam: Jam, event: events.CandidatesMade | events.CandidatesFailed) -> bool:
    turn = jam.turn
    if jam.phase is not Phase.MAKING or turn is None:
        return False
    return (turn.number, turn.attempt) == (event.turn, event.attempt)


def _candidates_made(move: Move, event: events.CandidatesMade) -> None:
    if event.candidates:
        show(move, event.candidates)
    else:
        fail(move, cancelled=False)


def _candidates_failed(move: Move, event: events.CandidatesFailed) -> None:
    fail(move, cancelled=event.cancelled)


def _mix_waits(jam: Jam, event: events.MixMade | events.MixFailed) -> bool:
    return jam.phase is Phase.MIXING and jam.mix_attempt == event.attempt


def _mix_made(move: Move, event: events.MixMade) -> None:
    mix = Mix(file=event.file, seconds=event.seconds, loudness=event.loudness, at=event.at)
    move.change(phase=Phase.FINISHED, mix=mix, paused=False)
    move.announce("finished")


def _mix_failed(move: Move, _: events.MixFailed) -> None:
    fail_mix(move)


def _is_new(jam: Jam, event: events.Posted) -> bool:
    return jam.post(event.post) != event.message


def _posted(move: Move, event: events.Posted) -> None:
    jam = move.jam
    posts = [old for old in jam.posts if old.name != event.post]
    posts.append(Post(event.post, event.message))
    board = [old for old in posts if old.name == BOARD]
    others = [old for old in posts if old.name != BOARD]
    move.change(posts=(*board, *others[-KEPT_POSTS:]))
    if event.post == f"track:{jam.unposted}":
        move.change(unposted=None)


def _concerns_ban(jam: Jam, event: events.MemberBanned) -> bool:
    return event.person not in jam.banned


def _banned(move: Move, event: events.MemberBanned) -> None:
    ban(move, event.person)


def _is_member(jam: Jam, event: events.MemberGone) -> bool:
    return jam.has_member(event.person)


def _gone(move: Move, event: events.MemberGone) -> None:
    move.announce("left", who=event.person)
    remove(move, event.person, called_off=False)


def people_of(jam: Jam) -> frozenset[int]:
    """Return everybody whom the jam remembers by their id."""
    people = {member.person for member in jam.members} | {*jam.banned, jam.last_player}
    people |= {take.player for take in jam.takes} | {jam.owner}
    if jam.turn:
        people.add(jam.turn.player)
    return frozenset(person for person in people if person)


def _is_remembered(jam: Jam, event: events.PersonForgotten) -> bool:
    return event.person in people_of(jam)


def _forgotten(move: Move, event: events.PersonForgotten) -> None:
    forget(move, event.person)


def _place_matters(jam: Jam, event: events.PlaceLost) -> bool:
    if event.deleted:
        return not jam.lost
    return not (jam.paused or jam.lost or jam.phase.ended)


def _place_lost(move: Move, event: events.PlaceLost) -> None:
    if not event.deleted:
        move.change(paused=True)
        return
    move.change(lost=True)
    if not move.jam.phase.ended:
        close(move)


def _place_back(move: Move, _: events.PlaceBack) -> None:
    move.change(paused=False)


def _other_model(jam: Jam, event: events.ModelChanged) -> bool:
    return not jam.phase.ended and jam.model != event.model


def _model_changed(move: Move, event: events.ModelChanged) -> None:
    if move.jam.model is not None and move.jam.head is not None:
        move.announce("model_changed", model=event.model.name)
    move.change(model=event.model)


ARRIVALS: dict[
    type[events.Event], tuple[Callable[[Jam, Any], bool], Callable[[Move, Any], None]]
] = {
    events.TimerFired: (_timer_waits, _timer_fired),
    events.CandidatesMade: (_candidates_wait, _candidates_made),
    events.CandidatesFailed: (_candidates_wait, _candidates_failed),
    events.MixMade: (_mix_waits, _mix_made),
    events.MixFailed: (_mix_waits, _mix_failed),
    events.Posted: (_is_new, _posted),
    events.MemberBanned: (_concerns_ban, _banned),
    events.MemberGone: (_is_member, _gone),
    events.PersonForgotten: (_is_remembered, _forgotten),
    events.PlaceLost: (_place_matters, _place_lost),
    events.PlaceBack: (lambda jam, _: jam.paused, _place_back),
    events.ModelChanged: (_other_model, _model_changed),
}
