"""Turns: whose they are, in every mode, and what is asked of the model."""

from __future__ import annotations

import pytest
from jam_people import (
    ANNA,
    BEN,
    CLEO,
    DAN,
    START,
    after,
    asks,
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
from musicgen_core.jams import (
    JamSettings,
    Mode,
    Phase,
    TimerName,
    apply,
    due,
    track,
)
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import Announce, MakeCandidates, ShowSuggestions


def player(jam):
    return jam.turn.player


def suggests(jam, by, words):
    return ev.Suggested(at=now(jam), by=by, words=words)


def wishes(jam, by, suggestion):
    return ev.SuggestionVoted(at=now(jam), by=by, turn=number(jam), suggestion=suggestion)


def order(jam) -> MakeCandidates:
    return next(effect for effect in due(jam) if isinstance(effect, MakeCandidates))


def test_turns_go_round_in_the_order_of_joining() -> None:
    jam = started()
    for expected in (ANNA, BEN, CLEO, ANNA):
        assert player(jam) == expected
        jam = played(jam, expected)
    assert [take.player for take in track(jam)] == [ANNA, BEN, CLEO, ANNA]


def test_who_joins_later_plays_after_those_who_were_there() -> None:
    jam = after(started(), ev.Joined(at=START + 2, by=DAN))
    for expected in (ANNA, BEN, CLEO, DAN):
        jam = played(jam, expected)
    assert player(jam) == ANNA


def test_who_does_not_answer_in_time_is_passed_over() -> None:
    jam, effects = apply(started(), fires(started()))
    assert player(jam) == BEN
    assert news(effects) == ["missed", "your_turn"]


def test_after_a_round_without_an_answer_the_turn_is_anybodys_until_someone_plays() -> None:
    jam = started()
    for _ in range(3):
        jam = after(jam, fires(jam))
    assert (player(jam), jam.timer.name) == (None, TimerName.IDLE)
    jam = played(jam, CLEO)
    assert player(jam) == ANNA


def test_someone_who_joins_a_sleeping_jam_gets_the_turn() -> None:
    jam = started(others=())
    jam = after(jam, fires(jam))
    assert player(jam) is None
    assert player(after(jam, ev.Joined(at=now(jam), by=BEN))) == BEN


def test_the_player_can_pass_and_nobody_else() -> None:
    jam = started()
    with pytest.raises(JamRefusal) as refusal:
        apply(jam, ev.Passed(at=now(jam), by=BEN, turn=1))
    assert (refusal.value.key, refusal.value.fields) == ("not_your_turn", {"who": ANNA})
    assert player(after(jam, ev.Passed(at=now(jam), by=ANNA, turn=1))) == BEN


def test_nobody_plays_out_of_turn_or_without_joining() -> None:
    jam = started()
    with pytest.raises(JamRefusal, match="not_your_turn"):
        apply(jam, asks(jam, BEN))
    with pytest.raises(JamRefusal, match="not_member"):
        apply(jam, asks(jam, DAN))


def test_in_an_open_jam_anybody_plays_but_the_last_one_lets_others_go_first() -> None:
    jam = played(started(Mode.OPEN), BEN)
    with pytest.raises(JamRefusal) as refusal:
        apply(jam, asks(jam, BEN))
    assert refusal.value.key == "let_others"
    assert making(jam, CLEO).turn.player == CLEO
    later = asks(jam, BEN, at=jam.turn.opened + jam.settings.fair_seconds)
    assert after(jam, later).turn.player == BEN


def test_alone_in_an_open_jam_one_plays_on_at_once() -> None:
    jam = played(started(Mode.OPEN, others=()), ANNA)
    assert making(jam, ANNA).phase is Phase.MAKING


def test_in_vote_mode_the_words_with_the_most_votes_are_played_for_their_author() -> None:
    jam = started(Mode.VOTE)
    with pytest.raises(JamRefusal, match="suggest_instead"):
        apply(jam, asks(jam, ANNA))
    jam = after(jam, suggests(jam, ANNA, "drums"), suggests(jam, BEN, "a flute"))
    assert jam.timer.name is TimerName.SUGGEST
    jam = after(jam, wishes(jam, ANNA, 2), wishes(jam, BEN, 1))
    assert jam.phase is Phase.SUGGESTING
    jam = after(jam, wishes(jam, CLEO, 2))
    assert (jam.phase, jam.turn.player, jam.turn.direction) == (Phase.MAKING, BEN, "a flute")


def test_tied_words_are_decided_for_who_was_first_when_the_time_is_over() -> None:
    jam = started(Mode.VOTE)
    jam = after(jam, suggests(jam, BEN, "drums"), suggests(jam, ANNA, "a flute"))
    assert after(jam, fires(jam)).turn.direction == "drums"


def test_new_words_of_the_same_member_void_the_votes_on_the_old() -> None:
    jam = started(Mode.VOTE)
    jam = after(jam, suggests(jam, BEN, "drums"), wishes(jam, CLEO, 1), wishes(jam, BEN, 1))
    jam = after(jam, suggests(jam, BEN, "bass"))
    assert [(old.number, old.words) for old in jam.turn.suggestions] == [(2, "bass")]
    assert jam.turn.wishes == ()


def test_the_radio_plays_by_itself_what_is_wanted_most_and_keeps_the_rest() -> None:
    jam = started(Mode.RADIO)
    jam = after(jam, suggests(jam, BEN, "drums"), suggests(jam, CLEO, "bass"), wishes(jam, ANNA, 2))
    jam = after(jam, fires(jam))
    assert (jam.turn.player, jam.turn.direction, len(order(jam).seeds)) == (CLEO, "bass", 1)
    jam = after(jam, made(jam, count=1))
    assert [old.words for old in jam.turn.suggestions] == ["drums"]
    jam = after(jam, fires(jam))
    jam = after(jam, made(jam, count=1))
    jam = after(jam, fires(jam))
    assert (jam.turn.player, jam.turn.prompt) == (None, "lo-fi piano, 90 bpm, A minor")


def test_what_is_suggested_to_a_radio_is_shown_while_it_waits_and_while_it_plays() -> None:
    jam, effects = apply(started(Mode.RADIO), suggests(started(Mode.RADIO), BEN, "drums"))
    (shown,) = [effect for effect in effects if isinstance(effect, ShowSuggestions)]
    assert [old.words for old in shown.suggestions] == ["drums"]
    jam = after(jam, suggests(jam, CLEO, "bass"))
    jam, effects = apply(jam, wishes(jam, ANNA, 2))
    assert "ShowSuggestions" in kinds(effects), "the votes are counted in front of everybody"
    _, effects = apply(jam, fires(jam))
    (shown,) = [effect for effect in effects if isinstance(effect, ShowSuggestions)]
    assert [old.words for old in shown.suggestions] == ["drums"]


def test_the_radio_ends_with_a_mix_at_its_cap() -> None:
    jam = started(Mode.RADIO, longest_seconds=20)
    for _ in range(3):
        jam = after(jam, fires(jam))
        jam = after(jam, made(jam, count=1, seconds=order(jam).seconds))
        if jam.phase is Phase.MIXING:
            break
    assert (jam.phase, len(track(jam))) == (Phase.MIXING, 2)


def test_people_are_told_which_take_was_chosen_where_there_was_a_choice() -> None:
    jam = voting(started(), ANNA)
    jam = after(jam, votes(jam, ANNA, 2), votes(jam, BEN, 2))
    _, effects = apply(jam, votes(jam, CLEO, 2))
    (told, _) = [effect for effect in effects if isinstance(effect, Announce)]
    assert (told.key, told.fields) == ("took_chosen", {"choice": 2, "who": ANNA, "take": 1})
    jam = making(started(), ANNA)
    _, effects = apply(jam, made(jam, count=1))
    assert news(effects) == ["took", "your_turn"]


def test_alone_the_player_of_a_solo_jam_chooses() -> None:
    jam = making(started(Mode.SOLO), ANNA)
    jam = after(jam, made(jam))
    with pytest.raises(JamRefusal, match="player_decides"):
        apply(jam, votes(jam, BEN, 1))
    assert after(jam, votes(jam, ANNA, 3)).takes[0].seed == 3
    assert after(jam, fires(jam)).takes[0].seed == 1


@pytest.mark.parametrize("mode", [Mode.TURNS, Mode.SOLO])
def test_a_vote_lasts_until_all_takes_can_have_been_heard(mode: Mode) -> None:
    jam = making(started(mode, seconds_per_turn=30.0), ANNA)
    jam = after(jam, made(jam, seconds=30.0))
    # Three takes, each after four seconds of the track, and twenty seconds to decide in.
    assert jam.timer.due - now(jam) == pytest.approx(3 * 34 + 20, abs=0.1)
    short = making(started(mode, vote_seconds=70.0), ANNA)
    short = after(short, made(short, seconds=2.0))
    assert short.timer.due - now(short) == pytest.approx(70, abs=0.1)


def test_the_time_to_vote_begins_anew_when_the_takes_are_there_to_hear() -> None:
    jam = voting(started(), ANNA)
    seconds = jam.timer.due - now(jam)
    shown = ev.Posted(at=now(jam) + 25, post="vote:1.1", message=5)
    jam = after(jam, shown)
    assert jam.timer.due - shown.at == pytest.approx(seconds, abs=0.1)
    assert after(jam, votes(jam, BEN, 1)).timer == jam.timer, "a vote does not make it longer"


def test_seeds_differ_within_a_batch_and_between_attempts_and_are_the_same_after_a_restart() -> (
    None
):
    jam = making(started(), ANNA)
    again = after(jam, ev.CandidatesFailed(at=now(jam), turn=1, attempt=1))
    again = making(again, ANNA)
    assert order(jam) == order(jam)
    assert len({*order(jam).seeds, *order(again).seeds}) == 6


def test_a_full_track_takes_no_more_until_something_is_taken_back() -> None:
    jam = started(longest_seconds=20)
    jam = played(played(jam, ANNA), BEN)
    assert (jam.turn.player, jam.timer.name) == (None, TimerName.IDLE)
    with pytest.raises(JamRefusal, match="full"):
        apply(jam, asks(jam, CLEO))
    jam = after(jam, ev.Undone(at=now(jam), by=ANNA))
    assert jam.turn.player == CLEO


def test_the_last_turn_is_as_long_as_there_is_room() -> None:
    jam = played(played(started(longest_seconds=25), ANNA), BEN)
    # Two seams of 10 ms lie over each other.
    assert order(making(jam, CLEO)).seconds == pytest.approx(5.01)


def test_a_press_for_a_turn_that_is_over_is_refused() -> None:
    jam = started(Mode.OPEN)
    press = asks(jam, BEN)
    with pytest.raises(JamRefusal, match="turn_over"):
        apply(played(jam, CLEO), press)


def test_what_people_write_is_one_clean_line_and_not_endless() -> None:
    jam = after(started(), asks(started(), ANNA, " with\n\0strings \ud800 "))
    assert jam.turn.direction == "with strings"
    with pytest.raises(JamRefusal) as refusal:
        apply(started(), asks(started(), ANNA, "x" * 301))
    assert refusal.value.fields == {"length": 301, "limit": 300}


def test_settings_out_of_range_are_refused_by_name() -> None:
    with pytest.raises(JamRefusal) as refusal:
        JamSettings(candidates=5)
    assert refusal.value.fields == {"name": "candidates", "low": "2", "high": "4"}


def test_a_turn_asks_for_what_it_needs_and_no_more() -> None:
    jam = started()
    _, effects = apply(jam, asks(jam, ANNA))
    assert kinds(effects) == {"MakeCandidates", "SetTimer", "UpdateBoard"}
