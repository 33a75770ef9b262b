"""A turn from its opening to its take, and how a jam ends."""

from __future__ import annotations

from dataclasses import replace

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.jam import Candidate, Ending, Jam, Phase, Take, Turn
from musicgen_core.jams.move import Move
from musicgen_core.jams.settings import Mode
from musicgen_core.jams.tree import find_take, room_seconds
from musicgen_core.jams.wording import turn_prompt, worded

MOST_FAILURES = 3
"""Attempts of one turn, or in a row on the radio, until somebody else has a try or it ends."""
MOST_MIXES = 3
BETWEEN_PARTS = Phase.WAITING, Phase.SUGGESTING
"""Phases in which the last part can be taken back."""


def next_player(jam: Jam) -> int | None:
    """Return whose turn comes after the last one's; None: anybody's.

    A round in which nobody answered ends the round robin until somebody does, or an empty room
    would be called up for ever.
    """
    if not jam.mode.rotates or not jam.members or not room_seconds(jam):
        return None
    if jam.misses >= len(jam.members):
        return None
    later = [member for member in jam.members if member.seat > jam.last_seat]
    return min(later or jam.members, key=lambda member: member.seat).person


def open_turn(move: Move) -> None:
    """Close the turn that was open, if any, and open the next."""
    jam, number = move.jam, move.jam.turns + 1
    full = not room_seconds(jam)
    if full and jam.mode is Mode.RADIO:
        finish(move, Ending.FADE)
        return
    # Nothing that was said for the radio gets lost before it is played.
    kept = jam.turn if jam.mode is Mode.RADIO else None
    turn = Turn(number=number, opened=move.at, player=next_player(jam))
    if kept is not None:
        turn = replace(turn, suggestions=kept.suggestions, wishes=kept.wishes)
    phase = Phase.SUGGESTING if jam.mode is Mode.VOTE else Phase.WAITING
    move.change(turn=turn, turns=number, phase=phase)
    if full:
        move.announce("full", seconds=f"{jam.settings.longest_seconds:g}")
    elif turn.player is not None:
        take_seat(move, turn.player)
        move.announce("your_turn", who=turn.player)


def deal_again(move: Move) -> None:
    """Give a turn that nobody answered, or that nobody was there for, to the next member."""
    jam = move.jam
    unanswered = jam.phase is Phase.WAITING and move.turn.player is None
    if unanswered and jam.mode.rotates and room_seconds(jam):
        move.change(misses=0)
        open_turn(move)


def take_seat(move: Move, person: int) -> None:
    """Let the round go on after a person."""
    seat = next((m.seat for m in move.jam.members if m.person == person), move.jam.last_seat)
    move.change(last_seat=seat)


def ask_turn(move: Move, by: int, direction: str, clip: str | None, *, splice: bool) -> None:
    """Let a member play the open turn.

    Raises:
        JamRefusal: it is not theirs, or the jam has its full length.
    """
    jam, turn = move.jam, move.turn
    if jam.mode in (Mode.VOTE, Mode.RADIO):
        raise JamRefusal("suggest_instead")
    if jam.phase is not Phase.WAITING:
        raise JamRefusal("busy")
    if not room_seconds(jam):
        raise JamRefusal("full", seconds=f"{jam.settings.longest_seconds:g}")
    if turn.player not in (None, by):
        raise JamRefusal("not_your_turn", who=turn.player)
    wait = turn.opened + jam.settings.fair_seconds - move.at
    if jam.mode is Mode.OPEN and by == jam.last_player and len(jam.members) > 1 and wait > 0:
        raise JamRefusal("let_others", seconds=f"{wait:.0f}")
    take_seat(move, by)
    move.change(misses=0)
    make(move, by, worded(direction), clip, splice=splice)


def pass_turn(move: Move, by: int) -> None:
    """Let the next member play.

    Raises:
        JamRefusal: there is nothing to pass.
    """
    if move.turn.player is None:
        raise JamRefusal("nothing_to_pass")
    if move.turn.player != by:
        raise JamRefusal("not_your_turn", who=move.turn.player)
    if move.jam.phase is not Phase.WAITING:
        raise JamRefusal("busy")
    move.announce("passed", who=by)
    miss(move)


def miss(move: Move) -> None:
    """Go on without the player."""
    move.change(misses=move.jam.misses + 1)
    open_turn(move)


def make(
    move: Move, player: int | None, direction: str, clip: str | None = None, *, splice: bool = False
) -> None:
    """Ask for candidates."""
    move.change(phase=Phase.MAKING)
    move.change_turn(
        player=player,
        direction=direction,
        prompt=turn_prompt(move.jam, direction),
        clip=clip,
        splice=splice,
        attempt=move.turn.attempt + 1,
    )


def append(move: Move, candidate: Candidate) -> None:
    """Accept a candidate as the track's next take and open the next turn."""
    jam, turn = move.jam, move.turn
    take = Take(
        number=len(jam.takes) + 1, parent=jam.head, player=turn.player, direction=turn.direction,
        prompt=turn.prompt, seed=candidate.seed, seconds=candidate.seconds, file=candidate.file,
        rate=candidate.rate, channels=candidate.channels, at=move.at, tempo=candidate.tempo,
        key=candidate.key,
    )  # fmt: skip
    move.change(
        takes=(*jam.takes, take), head=take.number, unposted=take.number, undo_votes=(),
        last_player=turn.player, misses=0, failures=0, rate=jam.rate or candidate.rate,
    )  # fmt: skip
    if turn.player is None:
        move.announce("radio_played", take=take.number)
    elif turn.candidates:
        who, number = turn.player, candidate.number
        move.announce("took_chosen", choice=number, who=who, take=take.number)
    else:
        move.announce("took", who=turn.player, take=take.number)
    open_turn(move)


def take_back(move: Move) -> None:
    """Move the head to its parent; a turn that waited because the jam was full is dealt anew."""
    taken_back = find_take(move.jam, move.jam.head or 0)
    move.change(head=taken_back.parent, undo_votes=(), unposted=None)
    move.announce("undone", take=taken_back.number)
    deal_again(move)


def take_back_if_wanted(move: Move) -> bool:
    """Take the last part back where more than half of the members want it; tell whether."""
    jam = move.jam
    wanted = 2 * len(jam.undo_votes) > len(jam.members)
    if wanted and jam.phase in BETWEEN_PARTS and jam.head != jam.base:
        take_back(move)
        return True
    return False


def fail(move: Move, *, cancelled: bool) -> None:
    """Give the same player the same turn again, at most three times."""
    jam = move.jam
    move.announce("cancelled" if cancelled else "failed")
    # A radio whose parts people do not want has not broken down.
    move.change(failures=jam.failures + (not cancelled))
    if jam.mode is Mode.RADIO:
        if move.jam.failures >= MOST_FAILURES:
            finish(move, Ending.FADE)
        else:
            open_turn(move)
        return
    gone = jam.mode is not Mode.VOTE and not jam.has_member(move.turn.player)
    if move.turn.attempt >= MOST_FAILURES or gone:
        miss(move)
        return
    # The words that won are tried again, with other seeds, when the time for words is over.
    player = None if jam.mode is Mode.VOTE else move.turn.player
    phase = Phase.SUGGESTING if jam.mode is Mode.VOTE else Phase.WAITING
    move.change(phase=phase)
    move.change_turn(player=player, direction="", prompt="", clip=None, splice=False)


def finish(move: Move, ending: Ending) -> None:
    """End the playing: with a mix, or without where nothing was played."""
    jam = move.jam
    if jam.head is None:
        close(move)
        return
    move.change(
        phase=Phase.MIXING, turn=None, paused=False, ending=ending,
        mix_attempt=jam.mix_attempt + 1, mix_tries=1,
    )  # fmt: skip
    move.announce("mixing")


def wind_up(move: Move) -> None:
    """End what nobody plays any more; a fork without a take of its own has nothing to mix."""
    if move.jam.head == move.jam.base:
        close(move)
    else:
        finish(move, Ending.FADE)


def close(move: Move) -> None:
    """End without a mix."""
    move.change(phase=Phase.CLOSED, turn=None, paused=False)
    move.announce("closed")


def fail_mix(move: Move) -> None:
    """Try the mix again, and after three tries end without; it can be asked for anew."""
    jam = move.jam
    if jam.mix_tries >= MOST_MIXES:
        move.change(phase=Phase.FINISHED)
        move.announce("mix_failed")
    else:
        move.change(mix_attempt=jam.mix_attempt + 1, mix_tries=jam.mix_tries + 1)
