"""What is true of every jam at any moment."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, invariant

from musicgen_core.jams import Jam, Timer, apply, due, starts, track, track_seconds
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import MakeCandidates

MOST_TIMERS = 60
"""Timers that may fire one after the other before a jam must have ended."""


class Promises(RuleBasedStateMachine):
    """Holds a jam to them; what plays it is a subclass."""

    jam: Jam
    timer: Timer | None
    """As the world has been told."""
    orders: dict[str, MakeCandidates]
    stopped: set[str]

    @invariant()
    def exactly_one_turn_is_open_while_the_jam_is_played(self) -> None:
        jam = self.jam
        assert (jam.turn is not None) == jam.phase.played
        if jam.turn:
            assert jam.turn.number == jam.turns

    @invariant()
    def one_timer_runs_until_the_end_and_none_after(self) -> None:
        assert (self.jam.timer is None) == self.jam.phase.ended
        assert self.timer == self.jam.timer

    @invariant()
    def every_take_has_one_parent_that_was_there_before(self) -> None:
        for place, take in enumerate(self.jam.takes, start=1):
            assert take.number == place
            assert take.parent is None or 1 <= take.parent < place
        assert len({take.file for take in self.jam.takes}) == len(self.jam.takes)

    @invariant()
    def the_track_leads_from_the_root_to_the_head_and_is_as_long_as_its_parts(self) -> None:
        line = track(self.jam)
        assert [take.parent for take in line] == [None, *(take.number for take in line)][
            :-1
        ] or not line
        overlaps = max(0, len(line) - 1) * self.jam.settings.seam.overlap_seconds
        length = sum(take.seconds for take in line) - overlaps
        assert abs(track_seconds(self.jam) - length) < 1e-6
        assert track_seconds(self.jam) <= self.jam.settings.longest_seconds + 1e-6
        assert list(starts(self.jam, line)) == sorted(starts(self.jam, line))

    @invariant()
    def no_vote_counts_twice_and_only_members_vote(self) -> None:
        jam = self.jam
        rounds = [jam.undo_votes]
        if jam.turn:
            rounds += [
                tuple(v.voter for v in ballot) for ballot in (jam.turn.votes, jam.turn.wishes)
            ]
            numbers = [old.number for old in jam.turn.suggestions]
            assert len({*numbers}) == len(numbers)
        for voters in rounds:
            assert len({*voters}) == len(voters)
            assert all(jam.has_member(voter) for voter in voters)

    @invariant()
    def members_are_seated_once_and_one_of_them_owns_the_jam(self) -> None:
        jam = self.jam
        assert len({member.person for member in jam.members}) == len(jam.members)
        assert len({member.seat for member in jam.members}) == len(jam.members)
        assert jam.has_member(jam.owner) if jam.members else jam.owner is None
        assert not any(jam.has_member(person) for person in jam.banned)

    @invariant()
    def what_is_made_is_wanted_or_was_stopped_or_answered(self) -> None:
        wanted = {e.id for e in due(self.jam) if isinstance(e, MakeCandidates)}
        assert wanted <= {*self.orders}
        assert not wanted & self.stopped


def ended_by_timers(jam: Jam) -> None:
    """Let every timer fire and nothing else happen."""
    for _ in range(MOST_TIMERS):
        if jam.timer is None:
            assert jam.phase.ended
            return
        event = ev.TimerFired(at=jam.timer.due, name=jam.timer.name, due=jam.timer.due)
        jam, _ = apply(jam, event)
    raise AssertionError(f"{jam.phase} does not end: {jam}")
