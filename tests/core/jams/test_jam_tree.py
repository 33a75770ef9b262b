"""The tree of takes: undo and fork lose nothing, credits follow the track."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jam_people import ANNA, BEN, CLEO, DAN, after, fires, kinds, making, news, now, played, started

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import (
    JamSettings,
    Origin,
    Parent,
    Phase,
    Seam,
    apply,
    begin,
    credits_of,
    due,
    graft,
    open_jam,
    starts,
    track,
    track_seconds,
)
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import Announce, ForkInto, PostTrack
from musicgen_core.jams.record import files_of, from_json, to_json


def three():
    jam = played(played(started(), ANNA), BEN)
    return played(jam, CLEO)


def child_of(jam, take: int):
    new = begin(
        id="child", title="Fork", prompt="rock", owner=BEN, settings=JamSettings(), seed=1,
        at=now(jam),
    )  # fmt: skip
    return open_jam(graft(new, jam, take))[0]


def test_undo_moves_the_head_to_the_parent_and_removes_nothing() -> None:
    jam = three()
    undone = after(jam, ev.Undone(at=now(jam), by=CLEO))
    assert (undone.head, undone.takes, undone.turn) == (2, jam.takes, jam.turn)
    assert [take.number for take in track(undone)] == [1, 2]
    again = played(undone, ANNA)
    assert [take.number for take in track(again)] == [1, 2, 4]
    assert again.takes[3].parent == 2
    assert after(again, ev.Undone(at=now(again), by=ANNA)).head == 2


def test_of_two_who_take_the_same_part_back_the_second_is_refused() -> None:
    jam = three()
    undone = after(jam, ev.Undone(at=now(jam), by=ANNA, take=3))
    for late in (ev.Undone, ev.UndoVoted):
        with pytest.raises(JamRefusal, match="not_last"):
            apply(undone, late(at=now(undone), by=ANNA, take=3))
    assert after(undone, ev.Undone(at=now(undone), by=ANNA, take=2)).head == 1


def test_more_than_half_of_the_members_can_take_a_part_back() -> None:
    jam = three()
    jam = after(jam, ev.UndoVoted(at=now(jam), by=ANNA))
    assert jam.head == 3
    with pytest.raises(JamRefusal, match="already_voted"):
        apply(jam, ev.UndoVoted(at=now(jam), by=ANNA))
    jam = after(jam, ev.UndoVoted(at=now(jam), by=BEN))
    assert (jam.head, jam.undo_votes) == (2, ())


def test_votes_for_undo_are_counted_again_when_a_member_leaves() -> None:
    jam = after(three(), ev.UndoVoted(at=now(three()), by=ANNA))
    jam = after(jam, ev.Joined(at=now(jam), by=DAN), ev.UndoVoted(at=now(jam), by=BEN))
    assert jam.head == 3, "two of four are not more than half"
    left, effects = apply(jam, ev.MemberGone(at=now(jam), person=DAN))
    assert (left.head, left.undo_votes) == (2, ())
    assert news(effects) == ["left", "undone"]
    assert after(jam, ev.Left(at=now(jam), by=ANNA)).head == 3, "their vote leaves with them"


def test_votes_for_undo_are_void_when_another_take_is_added() -> None:
    jam = after(three(), ev.UndoVoted(at=now(three()), by=BEN))
    jam = played(jam, ANNA)
    assert jam.undo_votes == ()


def test_nothing_is_undone_while_a_part_is_made_or_where_there_is_none() -> None:
    for jam, key in ((making(three(), ANNA), "busy"), (started(), "nothing_to_undo")):
        with pytest.raises(JamRefusal, match=key):
            apply(jam, ev.Undone(at=now(jam), by=ANNA))


def test_a_fork_begins_with_the_track_up_to_a_take_and_credits_it() -> None:
    jam = three()
    jam, effects = apply(jam, ev.Forked(at=now(jam), by=BEN, take=2, child="child"))
    (into,) = [effect for effect in effects if isinstance(effect, ForkInto)]
    child = child_of(jam, into.take)
    assert jam.forks == (Origin("child", 2),)
    assert child.forked_from == Origin("jam", 2)
    assert [take.origin for take in track(child)] == [Origin("jam", 1), Origin("jam", 2)]
    assert [take.file for take in track(child)] == [take.file for take in track(jam, 2)]
    assert [credit.player for credit in credits_of(child)] == [ANNA, BEN]
    assert child.rate == 32000


def test_a_fork_has_its_track_posted_and_its_parent_is_told_where_it_goes_on() -> None:
    jam = replace(three(), title="Rain", place=9)
    _, effects = apply(
        jam, ev.Forked(at=now(jam), by=BEN, take=2, child="child", place=77)
    )  # fmt: skip
    (told,) = [effect for effect in effects if isinstance(effect, Announce)]
    assert (told.key, told.fields["place"]) == ("forked", 77)
    child = child_of(jam, 2)
    assert child.parent == Parent("Rain", 9)
    posted = [effect.take for effect in due(child) if isinstance(effect, PostTrack)]
    assert posted == [2]
    heard = after(child, ev.Posted(at=now(child), post="track:2", message=5))
    assert "PostTrack" not in kinds(due(heard))
    assert from_json(to_json(child)) == child


def test_a_fork_of_a_side_branch_numbers_its_takes_anew() -> None:
    jam = three()
    jam = after(jam, ev.Undone(at=now(jam), by=ANNA), ev.Undone(at=now(jam), by=ANNA))
    jam = played(played(jam, ANNA), BEN)
    child = child_of(jam, 5)
    assert [(take.number, take.parent) for take in child.takes] == [(1, None), (2, 1), (3, 2)]
    assert [take.origin.take for take in child.takes] == [1, 4, 5]


def test_undo_stops_where_a_fork_begins_and_an_unplayed_fork_needs_no_mix() -> None:
    child = child_of(three(), 2)
    with pytest.raises(JamRefusal, match="nothing_to_undo"):
        apply(child, ev.Undone(at=now(child), by=BEN))
    left = after(child, ev.Left(at=now(child), by=BEN))
    assert after(left, fires(left)).phase is Phase.CLOSED


def test_a_fork_from_a_take_that_is_not_there_or_made_twice_is_refused() -> None:
    jam = three()
    with pytest.raises(JamRefusal, match="no_such_take"):
        apply(jam, ev.Forked(at=now(jam), by=BEN, take=9, child="x"))
    jam = after(jam, ev.Forked(at=now(jam), by=BEN, take=1, child="x"))
    with pytest.raises(JamRefusal, match="already_forked"):
        apply(jam, ev.Forked(at=now(jam), by=BEN, take=1, child="x"))


def test_a_finished_jam_can_still_be_forked() -> None:
    jam = three()
    jam = after(jam, ev.FinishAsked(at=now(jam), by=ANNA))
    _, effects = apply(jam, ev.Forked(at=now(jam), by=BEN, take=1, child="x"))
    assert "ForkInto" in kinds(effects)


def test_takes_lie_over_each_other_by_the_seam() -> None:
    jam = three()
    settings = replace(jam.settings, seam=Seam(0.5))
    jam = replace(jam, settings=settings)
    assert starts(jam, track(jam)) == (0.0, 9.5, 19.0)
    assert track_seconds(jam) == 29.0


def test_credits_are_seconds_and_takes_of_each_player() -> None:
    jam = played(three(), ANNA)
    assert [(c.player, c.takes, c.seconds) for c in credits_of(jam)] == [
        (ANNA, 2, 20.0), (BEN, 1, 10.0), (CLEO, 1, 10.0),
    ]  # fmt: skip


def test_a_jam_is_the_same_after_it_was_text_and_names_its_files() -> None:
    jam = making(three(), ANNA)
    assert from_json(to_json(jam)) == jam
    assert files_of(jam) == {take.file for take in jam.takes}
