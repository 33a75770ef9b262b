"""Random members, random faults: whatever happens, a jam keeps what it promises."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from jam_people import ANNA, BEN, CLEO, DAN, START
from jam_promises import Promises, ended_by_timers

from musicgen_core.errors import JamRefusal
from musicgen_core.jams import (
    Candidate,
    Ending,
    JamSettings,
    Mode,
    Model,
    Phase,
    TimerName,
    apply,
    begin,
    due,
    open_jam,
)
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import (
    ClearTimer,
    Effect,
    MakeCandidates,
    MakeMix,
    SetTimer,
    StopCandidates,
)
from musicgen_core.jams.record import from_json, to_json

PEOPLE = st.sampled_from([ANNA, BEN, CLEO, DAN])
SMALL = st.integers(0, 4)


class Jamming(Promises):
    """A world that loses answers, sends them twice and too late, and restarts at any moment."""

    @initialize(mode=st.sampled_from(Mode), longest=st.sampled_from([10.0, 25.0, 300.0]))
    def begin(self, mode, longest) -> None:
        chosen = JamSettings(mode=mode, longest_seconds=longest)
        jam = begin(
            id="j", title="t", prompt="p", owner=ANNA, settings=chosen, seed=1, at=START,
            model=Model("m", 32000, 30.0),
        )  # fmt: skip
        self.jam, effects = open_jam(jam)
        self.now = START
        self.timer = self.jam.timer
        self.orders: dict[str, MakeCandidates] = {}
        self.mixes: list[MakeMix] = []
        self.sent: list[ev.Event] = []
        self.stopped: set[str] = set()
        self.takes = self.jam.takes
        self.ids: set[str] = set()
        self.follow(effects)

    def send(self, event: ev.Event) -> None:
        before, text = self.jam, to_json(self.jam)
        self.sent.append(event)
        try:
            self.jam, effects = apply(self.jam, event)
        except JamRefusal:
            assert isinstance(event, ev.Press)
            assert to_json(self.jam) == text
            return
        if self.jam is before:
            assert effects == ()
            assert not isinstance(event, ev.Press)
            return
        assert self.jam.moves == before.moves + 1
        assert self.jam.takes[: len(before.takes)] == before.takes or isinstance(
            event, ev.PersonForgotten
        )
        assert apply(before, event) == (self.jam, effects)
        self.follow(effects)

    def follow(self, effects: tuple[Effect, ...]) -> None:
        """Do what the world does: nothing is asked for twice."""
        fresh = [effect.id for effect in effects]
        assert len(fresh) == len({*fresh})
        for effect in effects:
            match effect:
                case MakeCandidates():
                    assert effect.id not in self.orders
                    self.orders[effect.id] = effect
                case StopCandidates():
                    self.stopped.add(effect.making)
                case MakeMix():
                    self.mixes.append(effect)
                case SetTimer():
                    self.timer = effect.timer
                case ClearTimer():
                    self.timer = None

    def stamp(self, seconds: float = 1.0) -> float:
        self.now += seconds
        return self.now

    @property
    def turn(self) -> int:
        return self.jam.turn.number if self.jam.turn else 0

    @rule(by=PEOPLE)
    def joins(self, by) -> None:
        self.send(ev.Joined(at=self.stamp(), by=by))

    @rule(by=PEOPLE)
    def leaves(self, by) -> None:
        self.send(ev.Left(at=self.stamp(), by=by))

    @rule(by=PEOPLE, late=st.integers(0, 1))
    def plays(self, by, late) -> None:
        self.send(ev.TurnAsked(at=self.stamp(), by=by, turn=self.turn - late, direction="x"))

    @precondition(lambda self: self.jam.turn is not None and self.jam.turn.player is not None)
    @rule(seconds=st.sampled_from([1.0, 100.0]))
    def plays_in_turn(self, seconds) -> None:
        self.send(ev.TurnAsked(at=self.stamp(seconds), by=self.jam.turn.player, turn=self.turn))

    @rule(by=PEOPLE)
    def passes(self, by) -> None:
        self.send(ev.Passed(at=self.stamp(), by=by, turn=self.turn))

    @precondition(lambda self: self.jam.phase is Phase.MAKING)
    @rule(by=PEOPLE, manager=st.booleans())
    def cancels(self, by, manager) -> None:
        self.send(ev.CancelAsked(at=self.stamp(), by=by, turn=self.turn, manager=manager))

    @rule(by=PEOPLE)
    def suggests(self, by) -> None:
        self.send(ev.Suggested(at=self.stamp(), by=by, words="y"))

    @rule(by=PEOPLE, choice=SMALL)
    def votes_on_words(self, by, choice) -> None:
        self.send(ev.SuggestionVoted(at=self.stamp(), by=by, turn=self.turn, suggestion=choice))

    @rule(by=PEOPLE, choice=SMALL)
    def votes_on_takes(self, by, choice) -> None:
        self.send(ev.TakeVoted(at=self.stamp(), by=by, turn=self.turn, candidate=choice))

    @rule(by=PEOPLE, choice=SMALL)
    def chooses(self, by, choice) -> None:
        self.send(ev.Chosen(at=self.stamp(), by=by, turn=self.turn, candidate=choice))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), count=st.integers(0, 3))
    def candidates_come(self, data, count) -> None:
        """Answers of any order, also of one that was answered or stopped."""
        asked = data.draw(st.sampled_from(sorted(self.orders)))
        self.send(self.answer(self.orders[asked], count))

    @precondition(lambda self: self.jam.phase is Phase.MAKING)
    @rule(count=st.integers(1, 3))
    def candidates_come_in_time(self, count) -> None:
        (order,) = [effect for effect in due(self.jam) if isinstance(effect, MakeCandidates)]
        self.send(self.answer(order, count))

    def answer(self, order: MakeCandidates, count: int) -> ev.CandidatesMade:
        candidates = tuple(
            Candidate(
                number=place, file=f"{order.turn:016x}{order.attempt:08x}{place:08x}.wav",
                seconds=order.seconds, rate=32000, channels=1, seed=order.seeds[place - 1],
            )
            for place in range(1, min(count, len(order.seeds)) + 1)
        )  # fmt: skip
        return ev.CandidatesMade(
            at=self.stamp(), turn=order.turn, attempt=order.attempt, candidates=candidates
        )

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), cancelled=st.booleans())
    def candidates_fail(self, data, cancelled) -> None:
        order = self.orders[data.draw(st.sampled_from(sorted(self.orders)))]
        self.send(
            ev.CandidatesFailed(
                at=self.stamp(), turn=order.turn, attempt=order.attempt, cancelled=cancelled
            )
        )

    @precondition(lambda self: self.timer is not None)
    @rule()
    def timer_fires(self) -> None:
        timer = self.timer
        self.now = max(self.now, timer.due)
        self.send(ev.TimerFired(at=self.now, name=timer.name, due=timer.due))

    @rule(name=st.sampled_from(TimerName), due_at=st.sampled_from([START, START + 300]))
    def stale_timer_fires(self, name, due_at) -> None:
        self.send(ev.TimerFired(at=self.stamp(), name=name, due=due_at))

    @precondition(lambda self: self.mixes)
    @rule(data=st.data(), works=st.booleans())
    def mix_comes(self, data, works) -> None:
        mix = data.draw(st.sampled_from(self.mixes))
        made = ev.MixMade(at=self.stamp(), attempt=mix.attempt, file="m" * 32, seconds=9.0)
        self.send(made if works else ev.MixFailed(at=self.stamp(), attempt=mix.attempt))

    @rule(by=PEOPLE, manager=st.booleans(), take=SMALL)
    def undoes(self, by, manager, take) -> None:
        self.undo(ev.Undone(at=self.stamp(), by=by, manager=manager, take=take or None))

    @rule(by=PEOPLE, take=SMALL)
    def votes_for_undo(self, by, take) -> None:
        self.undo(ev.UndoVoted(at=self.stamp(), by=by, take=take or None))

    def undo(self, event) -> None:
        before = self.jam
        self.send(event)
        if self.jam.head != before.head:
            assert event.take in (None, before.head)

    @rule(by=PEOPLE, take=SMALL)
    def forks(self, by, take) -> None:
        self.send(ev.Forked(at=self.stamp(), by=by, take=take, child=f"c{len(self.jam.forks)}"))

    @precondition(lambda self: len(self.sent) > 15)
    @rule(by=PEOPLE, ending=st.sampled_from(Ending))
    def finishes(self, by, ending) -> None:
        self.send(ev.FinishAsked(at=self.stamp(), by=by, ending=ending))

    @precondition(lambda self: len(self.sent) > 10)
    @rule(person=PEOPLE, kind=st.sampled_from([ev.MemberBanned, ev.MemberGone, ev.PersonForgotten]))
    def person_is_gone(self, person, kind) -> None:
        self.send(kind(at=self.stamp(), person=person))
        assert not self.jam.has_member(person)
        if kind is ev.PersonForgotten:
            assert str(person) not in repr(self.jam)

    @precondition(lambda self: len(self.sent) > 20)
    @rule()
    def place_is_deleted(self) -> None:
        self.send(ev.PlaceLost(at=self.stamp(), deleted=True))
        assert self.jam.phase.ended

    @rule()
    def place_is_archived(self) -> None:
        self.send(ev.PlaceLost(at=self.stamp(), deleted=False))

    @rule()
    def place_is_back(self) -> None:
        self.send(ev.PlaceBack(at=self.stamp()))
        assert not self.jam.paused

    @rule(rate=st.sampled_from([16000, 32000]))
    def model_changes(self, rate) -> None:
        self.send(ev.ModelChanged(at=self.stamp(), model=Model("n", rate, 20.0)))

    @rule(post=st.sampled_from(["board", "vote:1.1", "track:1"]), message=SMALL)
    def message_is_posted(self, post, message) -> None:
        self.send(ev.Posted(at=self.stamp(), post=post, message=message))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def something_comes_twice(self, data) -> None:
        self.send(data.draw(st.sampled_from(self.sent[-8:])))

    @rule()
    def bot_restarts(self) -> None:
        """All that is known is what was stored; what is due again has the same ids."""
        before = due(self.jam)
        self.jam = from_json(to_json(self.jam))
        assert due(self.jam) == before

    @rule()
    def everybody_falls_asleep(self) -> None:
        ended_by_timers(self.jam)

    def teardown(self) -> None:
        if hasattr(self, "jam"):
            ended_by_timers(self.jam)


def test_whatever_members_and_faults_do_a_jam_keeps_its_promises() -> None:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Jamming,
        settings=settings(
            max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=slow
        ),
    )
