"""The cases that are easy to forget: each has an outcome, as the machine's docstring says."""

from __future__ import annotations

import pytest
from jam_people import (
    ANNA,
    BEN,
    CLEO,
    DAN,
    after,
    asks,
    failed,
    fires,
    kinds,
    made,
    making,
    news,
    now,
    number,
    played,
    started,
    votes,
    voting,
)

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import GONE, Mode, Model, Phase, TimerName, apply, credits_of, due, track
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import AskChoice, MakeCandidates, StopCandidates


def refused(jam, event) -> str:
    with pytest.raises(JamRefusal) as refusal:
        apply(jam, event)
    return refusal.value.key


def mixing(jam):
    return after(jam, ev.FinishAsked(at=now(jam), by=ANNA))


def test_when_the_owner_leaves_the_jam_belongs_to_who_has_been_there_longest() -> None:
    jam, effects = apply(started(), ev.Left(at=now(started()), by=ANNA))
    assert (jam.owner, jam.turn.player) == (BEN, BEN)
    assert news(effects) == ["left", "new_owner", "your_turn"]


def test_when_the_owner_leaves_the_server_the_same_happens() -> None:
    jam = after(started(), ev.MemberGone(at=now(started()), person=ANNA))
    assert (jam.owner, jam.has_member(ANNA)) == (BEN, False)


def test_when_everybody_has_left_the_jam_waits_and_then_ends_with_its_mix() -> None:
    jam = played(started(others=()), ANNA)
    jam = after(jam, ev.Left(at=now(jam), by=ANNA))
    assert (jam.owner, jam.turn.player, jam.timer.name) == (None, None, TimerName.IDLE)
    assert after(jam, ev.Joined(at=now(jam), by=DAN)).owner == DAN
    assert after(jam, fires(jam)).phase is Phase.MIXING


def test_a_jam_that_nobody_played_is_closed_without_a_mix() -> None:
    jam = started(others=())
    jam = after(jam, fires(jam))
    jam = after(jam, fires(jam))
    assert (jam.phase, jam.timer, jam.turn) == (Phase.CLOSED, None, None)


def test_a_deleted_thread_closes_the_jam_and_leaves_its_takes_to_fork() -> None:
    jam = making(played(started(), ANNA), BEN)
    jam, effects = apply(jam, ev.PlaceLost(at=now(jam), deleted=True))
    assert (jam.phase, jam.lost, len(jam.takes)) == (Phase.CLOSED, True, 1)
    assert {"StopCandidates", "ClearTimer"} <= kinds(effects)
    assert due(jam) == ()
    assert after(jam, ev.Forked(at=now(jam), by=BEN, take=1, child="x")).forks[0].take == 1


def test_an_archived_thread_pauses_the_jam_and_a_press_goes_on_with_a_full_timer() -> None:
    jam = started()
    jam = after(jam, ev.PlaceLost(at=now(jam), deleted=False))
    assert (jam.paused, jam.timer.name, kinds(due(jam))) == (True, TimerName.PAUSE, {"SetTimer"})
    back = after(jam, ev.PlaceBack(at=jam.timer.due - 1))
    assert (back.paused, back.timer.due) == (False, jam.timer.due - 1 + jam.settings.turn_seconds)
    pressed = after(jam, asks(jam, ANNA))
    assert (pressed.paused, pressed.phase) == (False, Phase.MAKING)


def test_candidates_that_come_while_archived_are_voted_on_when_the_thread_is_back() -> None:
    jam = making(started(), ANNA)
    jam = after(jam, ev.PlaceLost(at=now(jam), deleted=False))
    jam, effects = apply(jam, made(jam))
    assert (jam.phase, jam.timer.name) == (Phase.VOTING, TimerName.PAUSE)
    assert "AskVote" not in kinds(effects)
    jam, effects = apply(jam, ev.PlaceBack(at=now(jam)))
    assert "AskVote" in kinds(effects)
    assert jam.timer.name is TimerName.VOTE


def test_a_thread_archived_for_long_ends_the_jam_with_a_mix() -> None:
    jam = played(started(), ANNA)
    jam = after(jam, ev.PlaceLost(at=now(jam), deleted=False))
    assert after(jam, fires(jam)).phase is Phase.MIXING


@pytest.mark.parametrize("phase", [making, voting, played])
def test_after_a_restart_in_any_phase_the_same_things_are_due_with_the_same_ids(phase) -> None:
    jam = started()
    before = due(jam)
    reached = phase(jam, ANNA)
    fresh = [effect for effect in due(reached) if effect not in before]
    assert due(reached) == due(reached)
    assert {"SetTimer", "UpdateBoard"} < kinds(tuple(fresh))


def test_what_was_posted_is_not_due_again() -> None:
    jam = voting(played(started(), ANNA), BEN)
    assert {"AskVote", "PostTrack"} <= kinds(due(jam))
    for post in ("track:1", "vote:2.1"):
        jam = after(jam, ev.Posted(at=now(jam), post=post, message=5))
    assert kinds(due(jam)) == {"SetTimer", "UpdateBoard"}
    assert (jam.post("vote:2.1"), jam.unposted) == (5, None)


@pytest.mark.parametrize("phase", [lambda jam, _: jam, making, voting])
def test_a_player_banned_in_their_turn_loses_it_and_keeps_their_takes(phase) -> None:
    jam = played(started(others=(BEN,)), ANNA)
    jam = phase(played(jam, BEN), ANNA)
    making_now = [e.id for e in due(jam) if isinstance(e, MakeCandidates)]
    jam, effects = apply(jam, ev.MemberBanned(at=now(jam), person=ANNA))
    assert (jam.phase, jam.turn.player, jam.owner) == (Phase.WAITING, BEN, BEN)
    assert [take.player for take in track(jam)] == [ANNA, BEN]
    assert refused(jam, ev.Joined(at=now(jam), by=ANNA)) == "banned"
    stopped = [effect.making for effect in effects if isinstance(effect, StopCandidates)]
    assert stopped == making_now


def test_a_player_who_leaves_while_candidates_are_made_still_gets_the_credit() -> None:
    jam = making(started(), ANNA)
    jam = after(jam, ev.Left(at=now(jam), by=ANNA))
    jam = after(jam, made(jam))
    jam = after(jam, fires(jam))
    assert (jam.takes[0].player, jam.takes[0].seed, jam.turn.player) == (ANNA, 1, BEN)


def test_a_player_who_left_and_is_then_banned_loses_the_turn_too() -> None:
    jam = making(started(), ANNA)
    jam = after(jam, ev.Left(at=now(jam), by=ANNA))
    jam = after(jam, ev.MemberBanned(at=now(jam), person=ANNA))
    assert (jam.phase, jam.turn.player) == (Phase.WAITING, BEN)


def test_of_two_who_press_at_once_one_plays() -> None:
    jam = started(Mode.OPEN)
    presses = [asks(jam, BEN), asks(jam, CLEO)]
    jam = after(jam, presses[0])
    assert refused(jam, presses[1]) == "busy"
    assert refused(played(started(Mode.OPEN), BEN), presses[1]) == "turn_over"


def test_a_tie_is_decided_by_the_players_own_vote() -> None:
    jam = voting(started(others=(BEN,)), ANNA)
    jam = after(jam, votes(jam, BEN, 2), votes(jam, ANNA, 3))
    assert jam.takes[0].seed == 3


def test_a_tie_without_the_players_vote_is_theirs_to_break_and_else_the_first_wins() -> None:
    jam = voting(started(), ANNA)
    jam = after(jam, votes(jam, BEN, 3), votes(jam, CLEO, 2))
    tied, effects = apply(jam, fires(jam))
    asked = next(effect for effect in effects if isinstance(effect, AskChoice))
    assert (asked.player, asked.choices) == (ANNA, (2, 3))
    assert refused(tied, votes(tied, BEN, 3)) == "player_decides"
    assert refused(tied, votes(tied, ANNA, 1)) == "no_such_choice"
    chosen = ev.Chosen(at=now(tied), by=ANNA, turn=1, candidate=3)
    assert after(tied, chosen).takes[0].seed == 3
    assert after(tied, fires(tied)).takes[0].seed == 2
    assert after(tied, ev.Left(at=now(tied), by=ANNA)).takes[0].seed == 2
    assert refused(jam, chosen) == "no_tie"


def test_a_vote_can_be_moved_but_never_counts_twice() -> None:
    jam = voting(started(), ANNA)
    jam = after(jam, votes(jam, BEN, 2))
    assert refused(jam, votes(jam, BEN, 2)) == "already_voted"
    jam = after(jam, votes(jam, BEN, 3))
    assert [(vote.voter, vote.choice) for vote in jam.turn.votes] == [(BEN, 3)]
    assert refused(jam, votes(jam, BEN, 4)) == "no_such_choice"


def test_votes_of_who_leaves_do_not_count_and_the_last_one_missing_ends_the_vote() -> None:
    jam = voting(started(), ANNA)
    jam = after(jam, votes(jam, ANNA, 2), votes(jam, BEN, 2))
    without = after(jam, ev.Left(at=now(jam), by=BEN))
    assert [vote.voter for vote in without.turn.votes] == [ANNA]
    jam = after(jam, ev.Left(at=now(jam), by=CLEO))
    assert jam.takes[0].seed == 2


def test_finishing_and_undoing_are_for_those_who_may() -> None:
    jam = played(started(), ANNA)
    assert refused(jam, ev.FinishAsked(at=now(jam), by=BEN)) == "not_owner"
    assert refused(jam, ev.Undone(at=now(jam), by=CLEO)) == "undo_not_yours"
    manager = ev.FinishAsked(at=now(jam), by=DAN, manager=True)
    assert after(jam, manager).phase is Phase.MIXING
    assert after(jam, ev.Undone(at=now(jam), by=DAN, manager=True)).head is None


@pytest.mark.parametrize("cancelled", [False, True])
def test_failed_candidates_give_the_player_the_turn_again_and_then_the_next(cancelled) -> None:
    jam = started()
    for attempt in (1, 2):
        jam, effects = apply(making(jam, ANNA), failed(making(jam, ANNA), cancelled=cancelled))
        assert news(effects) == ["cancelled" if cancelled else "failed"]
        assert (jam.phase, jam.turn.player, jam.turn.attempt) == (Phase.WAITING, ANNA, attempt)
    jam = making(jam, ANNA)
    assert after(jam, failed(jam)).turn.player == BEN


@pytest.mark.parametrize("who", [{"by": BEN}, {"by": ANNA}, {"by": DAN, "manager": True}])
def test_the_player_the_owner_and_a_manager_may_cancel_what_is_being_made(who) -> None:
    jam = making(played(started(), ANNA), BEN)
    jam, effects = apply(jam, ev.CancelAsked(at=now(jam), turn=2, **who))
    assert news(effects) == ["cancelled"]
    assert "StopCandidates" in kinds(effects)
    assert (jam.phase, jam.turn.player, jam.turn.direction) == (Phase.WAITING, BEN, "")


def test_nobody_else_may_cancel_and_only_what_is_being_made() -> None:
    jam = making(started(), ANNA)
    assert refused(jam, ev.CancelAsked(at=now(jam), by=BEN, turn=1)) == "cancel_not_yours"
    jam = after(jam, made(jam))
    assert refused(jam, ev.CancelAsked(at=now(jam), by=ANNA, turn=1)) == "nothing_to_cancel"


def test_a_radio_plays_on_however_often_its_parts_are_cancelled() -> None:
    jam = started(Mode.RADIO)
    for _ in range(4):
        jam = after(jam, fires(jam))
        jam = after(jam, ev.CancelAsked(at=now(jam), by=ANNA, turn=number(jam)))
        assert jam.phase is Phase.WAITING


def test_candidates_that_never_come_have_failed_and_late_ones_change_nothing() -> None:
    jam = making(started(), ANNA)
    late = made(jam)
    jam = after(jam, fires(jam))
    assert jam.phase is Phase.WAITING
    assert apply(jam, late) == (jam, ())
    jam = making(jam, ANNA)
    assert apply(jam, late) == (jam, ())


def test_after_a_failure_the_words_that_won_are_tried_again() -> None:
    jam = started(Mode.VOTE)
    jam = after(jam, ev.Suggested(at=now(jam), by=BEN, words="drums"))
    jam = after(jam, fires(jam))
    jam = after(jam, failed(jam))
    assert (jam.phase, jam.timer.name) == (Phase.SUGGESTING, TimerName.SUGGEST)
    assert after(jam, fires(jam)).turn.direction == "drums"


def test_a_radio_that_fails_three_times_in_a_row_ends() -> None:
    jam = started(Mode.RADIO)
    for _ in range(3):
        jam = after(jam, fires(jam))
        jam = after(jam, failed(jam))
    assert jam.phase is Phase.CLOSED


def test_another_checkpoint_plays_on_and_the_track_keeps_its_rate() -> None:
    jam = played(started(), ANNA)
    jam, effects = apply(jam, ev.ModelChanged(at=now(jam), model=Model("other", 16000, 15.0)))
    assert news(effects) == ["model_changed"]
    jam = making(jam, BEN)
    assert next(e for e in due(jam) if isinstance(e, MakeCandidates)).hear_seconds == 5.0
    jam = after(jam, made(jam, count=1, rate=16000))
    assert ([take.rate for take in track(jam)], jam.rate) == ([32000, 16000], 32000)


def test_a_model_replaced_while_candidates_are_made_leaves_them_coming() -> None:
    jam = making(started(), ANNA)
    answer = made(jam)
    other, effects = apply(jam, ev.ModelChanged(at=now(jam), model=Model("other", 16000, 15.0)))
    assert "StopCandidates" not in kinds(effects)
    assert after(other, answer).phase is Phase.VOTING


def test_a_mix_that_fails_is_tried_three_times_and_can_be_asked_for_again() -> None:
    jam = mixing(played(started(), ANNA))
    assert refused(jam, ev.FinishAsked(at=now(jam), by=ANNA)) == "mixing"
    for _ in range(3):
        assert jam.phase is Phase.MIXING
        jam = after(jam, ev.MixFailed(at=now(jam), attempt=jam.mix_attempt))
    assert (jam.phase, jam.mix, jam.timer) == (Phase.FINISHED, None, None)
    jam = mixing(jam)
    late = ev.MixMade(at=now(jam), attempt=3, file="a" * 32 + ".wav", seconds=10.0)
    assert apply(jam, late) == (jam, ())
    jam = after(jam, ev.MixMade(at=now(jam), attempt=4, file="a" * 32 + ".wav", seconds=10.0))
    assert (jam.phase, jam.mix.seconds) == (Phase.FINISHED, 10.0)
    assert "PostMix" in kinds(due(jam))
    assert refused(jam, ev.FinishAsked(at=now(jam), by=ANNA)) == "over"


def test_a_mix_that_never_comes_is_tried_again() -> None:
    jam = mixing(played(started(), ANNA))
    assert after(jam, fires(jam)).mix_attempt == 2


def test_finishing_while_candidates_are_made_stops_them() -> None:
    jam = making(played(started(), ANNA), BEN)
    _, effects = apply(jam, ev.FinishAsked(at=now(jam), by=ANNA))
    assert {"StopCandidates", "MakeMix"} <= kinds(effects)


def test_a_timer_that_was_replaced_changes_nothing() -> None:
    jam = started()
    old = fires(jam)
    jam = making(jam, ANNA)
    assert apply(jam, old) == (jam, ())


def test_a_forgotten_person_leaves_only_their_sound() -> None:
    jam = making(played(played(started(), ANNA), BEN), CLEO)
    jam = after(jam, ev.PersonForgotten(at=now(jam), person=ANNA))
    assert str(ANNA) not in repr(jam)
    assert [take.player for take in track(jam)] == [GONE, BEN]
    assert (jam.takes[0].direction, jam.takes[0].prompt) == ("", "lo-fi piano")
    assert [(credit.player, credit.takes) for credit in credits_of(jam)] == [(GONE, 1), (BEN, 1)]
    jam = after(jam, ev.PersonForgotten(at=now(jam), person=CLEO))
    assert (str(CLEO) not in repr(jam), jam.turn.player) == (True, BEN)


def test_joining_twice_and_leaving_without_having_joined_are_refused() -> None:
    jam = started()
    assert refused(jam, ev.Joined(at=now(jam), by=BEN)) == "already_member"
    assert refused(jam, ev.Left(at=now(jam), by=DAN)) == "not_member"
    jam = after(jam, ev.FinishAsked(at=now(jam), by=ANNA))
    assert refused(jam, ev.Joined(at=now(jam), by=DAN)) == "over"


def test_a_mix_that_is_made_is_posted_at_once() -> None:
    jam = mixing(played(started(), ANNA))
    event = ev.MixMade(at=now(jam), attempt=1, file="a" * 32 + ".wav", seconds=10.0)
    _, effects = apply(jam, event)
    assert "PostMix" in kinds(effects)
