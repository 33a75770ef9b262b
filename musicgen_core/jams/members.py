"""Who plays along, and what becomes of a jam when somebody does not any more."""

from __future__ import annotations

from dataclasses import replace

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.jam import GONE, Jam, Member, Phase, Take
from musicgen_core.jams.move import Move
from musicgen_core.jams.playing import deal_again, open_turn, take_back_if_wanted
from musicgen_core.jams.votes import (
    choose_first,
    choose_words_if_all_voted,
    settle_if_all_voted,
    withdraw_words,
)


def require_member(jam: Jam, person: int) -> None:
    """Make sure that somebody plays along.

    Raises:
        JamRefusal: `not_member`.
    """
    if not jam.has_member(person):
        raise JamRefusal("not_member")


def join(move: Move, person: int) -> None:
    """Add a member at the end of the round.

    Raises:
        JamRefusal: they are one already, or may not be here.
    """
    jam = move.jam
    if person in jam.banned:
        raise JamRefusal("banned")
    if jam.has_member(person):
        raise JamRefusal("already_member")
    member = Member(person, jam.seats + 1)
    owner = person if jam.owner is None else jam.owner
    move.change(members=(*jam.members, member), seats=member.seat, owner=owner)
    move.announce("joined", who=person)
    deal_again(move)


def remove(move: Move, person: int, *, called_off: bool) -> None:
    """Take a member out; their takes stay.

    Args:
        move: the transition.
        person: anybody; who left before may have candidates that still come.
        called_off: whether a turn that they have begun ends too; else their candidates still come.
    """
    if move.jam.has_member(person):
        _leave_round(move, person)
    if move.jam.turn is not None:
        _leave_turn(move, person, called_off=called_off)
        # Of fewer members, the same votes may be more than half.
        take_back_if_wanted(move)


def _leave_round(move: Move, person: int) -> None:
    jam = move.jam
    left = tuple(member for member in jam.members if member.person != person)
    voters = tuple(voter for voter in jam.undo_votes if voter != person)
    move.change(members=left, undo_votes=voters)
    if jam.owner == person:
        # Who has been there longest.
        owner = left[0].person if left else None
        move.change(owner=owner)
        if owner is not None:
            move.announce("new_owner", who=owner)


def _leave_turn(move: Move, person: int, *, called_off: bool) -> None:
    _withdraw(move, person)
    jam, turn = move.jam, move.turn
    if turn.player == person and (called_off or jam.phase is Phase.WAITING):
        open_turn(move)
    elif turn.player == person and turn.tied:
        choose_first(move)
    else:
        settle_if_all_voted(move)
        choose_words_if_all_voted(move)


def _withdraw(move: Move, person: int) -> None:
    """Take back a person's words and votes."""
    withdraw_words(move, person)
    turn = move.turn
    move.change_turn(
        wishes=tuple(vote for vote in turn.wishes if vote.voter != person),
        votes=tuple(vote for vote in turn.votes if vote.voter != person),
    )


def ban(move: Move, person: int) -> None:
    """Take a person out who may not come back."""
    if person not in move.jam.banned:
        move.change(banned=(*move.jam.banned, person))
    remove(move, person, called_off=True)


def forget(move: Move, person: int) -> None:
    """Take out a person, their id and their words; the sound stays, credited to nobody by name.

    What the model was told goes with the words: such a take cannot be made again from its seed.
    """
    remove(move, person, called_off=True)
    jam = move.jam

    def nameless(take: Take) -> Take:
        if take.player != person:
            return take
        return replace(take, player=GONE, direction="", prompt=jam.prompt)

    move.change(
        takes=tuple(nameless(take) for take in jam.takes),
        banned=tuple(banned for banned in jam.banned if banned != person),
        last_player=None if jam.last_player == person else jam.last_player,
    )
