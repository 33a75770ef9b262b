"""Words and candidates are voted on; nobody's vote counts twice."""

from __future__ import annotations

from collections import Counter

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.jam import Candidate, Phase, Suggestion, Turn, Vote
from musicgen_core.jams.move import Move
from musicgen_core.jams.playing import append, make
from musicgen_core.jams.settings import Mode
from musicgen_core.jams.tree import room_seconds
from musicgen_core.jams.wording import worded


def vote(votes: tuple[Vote, ...], voter: int, choice: int) -> tuple[Vote, ...]:
    """Return the votes with this one in place of the voter's last.

    Raises:
        JamRefusal: `already_voted`, for the same.
    """
    if Vote(voter, choice) in votes:
        raise JamRefusal("already_voted")
    return (*(old for old in votes if old.voter != voter), Vote(voter, choice))


def suggest(move: Move, by: int, words: str) -> None:
    """Take a member's words in place of those from before, whose votes are void.

    Raises:
        JamRefusal: words are not asked for now.
    """
    jam, turn = move.jam, move.turn
    if jam.mode not in (Mode.VOTE, Mode.RADIO):
        raise JamRefusal("no_suggestions")
    if jam.mode is Mode.VOTE and jam.phase is not Phase.SUGGESTING:
        raise JamRefusal("busy")
    if not room_seconds(jam):
        raise JamRefusal("full", seconds=f"{jam.settings.longest_seconds:g}")
    clean = worded(words)
    if not clean:
        raise JamRefusal("no_words")
    withdraw_words(move, by)
    number = max((old.number for old in turn.suggestions), default=0) + 1
    move.change_turn(suggestions=(*move.turn.suggestions, Suggestion(number, by, clean)))


def withdraw_words(move: Move, author: int) -> None:
    """Take back what somebody suggested, and the votes on it."""
    turn = move.turn
    gone = {old.number for old in turn.suggestions if old.author == author}
    move.change_turn(
        suggestions=tuple(old for old in turn.suggestions if old.number not in gone),
        wishes=tuple(old for old in turn.wishes if old.choice not in gone),
    )


def vote_words(move: Move, by: int, suggestion: int) -> None:
    """Count a member's vote on words; when all members have voted, the words are chosen.

    Raises:
        JamRefusal: there is no such suggestion, or no vote on words.
    """
    turn = move.turn
    if move.jam.mode is Mode.VOTE and move.jam.phase is not Phase.SUGGESTING:
        raise JamRefusal("busy")
    if all(old.number != suggestion for old in turn.suggestions):
        raise JamRefusal("no_such_choice")
    move.change_turn(wishes=vote(turn.wishes, by, suggestion))
    choose_words_if_all_voted(move)


def choose_words_if_all_voted(move: Move) -> None:
    """Choose the words when nobody is left to wait for."""
    jam = move.jam
    if jam.phase is Phase.SUGGESTING and all_voted(move, move.turn.wishes):
        choose_words(move)


def choose_words(move: Move) -> None:
    """Play the words with the most votes, of several the earliest; the radio needs none."""
    turn = move.turn
    best = most_wanted(turn)
    if best is None:
        make(move, None, "")
        return
    if move.jam.mode is Mode.RADIO:
        withdraw_words(move, best.author)
    make(move, best.author, best.words)


def most_wanted(turn: Turn) -> Suggestion | None:
    """Return the suggestion with the most votes, of several the earliest."""
    count = Counter(old.choice for old in turn.wishes)
    ranked = sorted(turn.suggestions, key=lambda old: (-count[old.number], old.number))
    return ranked[0] if ranked else None


def all_voted(move: Move, votes: tuple[Vote, ...]) -> bool:
    """Tell whether every member has voted."""
    members = {member.person for member in move.jam.members}
    return bool(members) and members == {old.voter for old in votes}


def show(move: Move, candidates: tuple[Candidate, ...]) -> None:
    """Let people choose among candidates; a single one is appended at once."""
    if len(candidates) == 1:
        append(move, candidates[0])
        return
    alone = move.jam.mode is Mode.SOLO
    tied = tuple(candidate.number for candidate in candidates) if alone else ()
    move.change(phase=Phase.VOTING)
    move.change_turn(candidates=candidates, votes=(), tied=tied)
    if alone and not move.jam.has_member(move.turn.player):
        append(move, candidates[0])


def vote_take(move: Move, by: int, number: int) -> None:
    """Count a member's vote on a candidate; when all members have voted, the vote ends.

    Raises:
        JamRefusal: there is no vote, or the player alone decides.
    """
    turn = move.turn
    if move.jam.phase is not Phase.VOTING:
        raise JamRefusal("no_vote")
    if turn.tied:
        choose(move, by, number)
        return
    _find(turn, number)
    move.change_turn(votes=vote(turn.votes, by, number))
    settle_if_all_voted(move)


def settle_if_all_voted(move: Move) -> None:
    """End the vote when nobody is left to wait for."""
    if move.jam.phase is not Phase.VOTING or move.turn.tied:
        return
    if all_voted(move, move.turn.votes):
        settle(move)


def settle(move: Move) -> None:
    """Append what got the most votes; the player decides a tie, by their vote or when asked."""
    turn = move.turn
    count = Counter(old.choice for old in turn.votes)
    most = max(count[candidate.number] for candidate in turn.candidates)
    top = tuple(c.number for c in turn.candidates if count[c.number] == most)
    own = next((old.choice for old in turn.votes if old.voter == turn.player), None)
    if len(top) == 1 or not move.jam.has_member(turn.player):
        append(move, _find(turn, top[0]))
    elif own in top:
        append(move, _find(turn, own or top[0]))
    else:
        move.change_turn(tied=top)


def choose(move: Move, by: int, number: int) -> None:
    """Let the player break a tie.

    Raises:
        JamRefusal: there is nothing to choose, or somebody else chooses.
    """
    turn = move.turn
    if move.jam.phase is not Phase.VOTING:
        raise JamRefusal("no_vote")
    if not turn.tied:
        raise JamRefusal("no_tie")
    if by != turn.player:
        raise JamRefusal("player_decides", who=turn.player)
    if number not in turn.tied:
        raise JamRefusal("no_such_choice")
    append(move, _find(turn, number))


def choose_first(move: Move) -> None:
    """Append the first of those tied, where the player does not choose."""
    append(move, _find(move.turn, move.turn.tied[0]))


def _find(turn: Turn, number: int) -> Candidate:
    for candidate in turn.candidates:
        if candidate.number == number:
            return candidate
    raise JamRefusal("no_such_choice")
