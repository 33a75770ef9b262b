"""The picture of the tree: every take has its place, and none lies over another."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from jam_people import ANNA, BEN, CLEO, after, now, played, started

from musicgen_core.jams import Mode, Seam, Take, track
from musicgen_core.jams import events as ev
from musicgen_core.jams.tree_layout import Edge, layout


def three():
    jam = played(played(started(), ANNA), BEN)
    return played(jam, CLEO)


def undone(jam):
    return after(jam, ev.Undone(at=now(jam), by=ANNA))


def test_a_track_without_branches_is_one_lane_in_time() -> None:
    jam = replace(three(), settings=replace(three().settings, seam=Seam(0.0)))
    picture = layout(jam)
    assert [(node.lane, node.start) for node in picture.nodes] == [(0, 0), (0, 10), (0, 20)]
    assert picture.edges == (Edge(1, 2), Edge(2, 3))
    assert (picture.lanes, picture.seconds) == (1, 30)


def test_what_was_taken_back_lies_below_the_track() -> None:
    jam = played(undone(three()), ANNA)
    picture = layout(jam)
    assert [(node.lane, node.in_track) for node in picture.nodes] == [
        (0, True),
        (0, True),
        (1, False),
        (0, True),
    ]
    assert [node.take.number for node in picture.nodes if node.is_head] == [4]
    assert Edge(2, 4) in picture.edges


def test_the_end_that_was_taken_back_and_not_replaced_stays_in_the_lane() -> None:
    picture = layout(undone(three()))
    assert [node.lane for node in picture.nodes] == [0, 0, 0]
    assert [node.in_track for node in picture.nodes] == [True, True, False]


def test_a_track_begun_anew_lies_above_the_one_before() -> None:
    jam = started()
    jam = played(undone(played(jam, ANNA)), BEN)
    assert [node.lane for node in layout(jam).nodes] == [1, 0]


def test_forks_are_marked_at_their_take() -> None:
    jam = after(three(), ev.Forked(at=now(three()), by=BEN, take=2, child="x"))
    assert [node.forks for node in layout(jam).nodes] == [(), ("x",), ()]


def test_a_jam_without_takes_is_an_empty_picture() -> None:
    picture = layout(started())
    assert (picture.nodes, picture.lanes, picture.seconds) == ((), 0, 0.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 99), st.floats(2, 30)), min_size=1, max_size=25), st.data()
)
def test_no_two_takes_of_any_tree_lie_over_each_other(parents, data) -> None:
    takes = tuple(
        Take(
            number=number, parent=parent % number or None, player=ANNA, direction="", prompt="",
            seed=0, seconds=seconds, file=f"{number}", rate=1, channels=1, at=0.0,
        )
        for number, (parent, seconds) in enumerate(parents, start=1)
    )  # fmt: skip
    head = data.draw(st.integers(1, len(takes)))
    jam = replace(started(Mode.OPEN), takes=takes, head=head)
    picture = layout(jam)
    assert [node.take for node in picture.nodes] == list(takes)
    assert {node.lane for node in picture.nodes} == {*range(picture.lanes)}
    assert {n.lane for n in picture.nodes if n.take in track(jam)} == {0}
    slack = jam.settings.seam.overlap_seconds + 1e-9
    for one, two in combinations(picture.nodes, 2):
        apart = one.end <= two.start + slack or two.end <= one.start + slack
        assert one.lane != two.lane or apart
