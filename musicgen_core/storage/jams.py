"""Jams: every transition is one transaction, and of two at once the second sees the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, delete, func, insert, select

from musicgen_core.jams import Jam, Mode, Phase, Timer, apply, graft, open_jam
from musicgen_core.jams.effects import Effect
from musicgen_core.jams.events import CandidatesMade, Event, Forked, MixMade, TurnAsked
from musicgen_core.jams.record import files_of, from_json
from musicgen_core.storage.database import Database
from musicgen_core.storage.jam_rows import add, load, store
from musicgen_core.storage.named_files import NamedFiles
from musicgen_core.storage.rows import Clock, utc_now
from musicgen_core.storage.tables import jam_likes, jam_people, jams
from musicgen_core.storage.undisturbed import undisturbed


@dataclass(frozen=True, slots=True)
class JamChange:
    """A jam after a transition that is stored, and what is to be done now."""

    jam: Jam
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class JamFork:
    """A jam and the one that begins with a take of it."""

    parent: JamChange
    child: JamChange


@dataclass(frozen=True, slots=True)
class LikedJam:
    """A finished jam, and how many people like it."""

    jam: Jam
    likes: int


class Jams:
    """The jams that there are or were; every method raises StorageUnavailable.

    What a method returns is stored: after the end of the process at any moment, `open` returns
    the jams, and `musicgen_core.jams.due` what is to be done for each.
    """

    def __init__(self, database: Database, named: NamedFiles, clock: Clock = utc_now) -> None:
        self._database, self._named, self._clock = database, named, clock

    @undisturbed
    async def begin(self, jam: Jam) -> JamChange:
        """Open and store a jam from `musicgen_core.jams.begin`."""
        opened, effects = open_jam(jam)
        async with self._database.writing() as connection:
            await add(connection, opened)
        return JamChange(opened, effects)

    @undisturbed
    async def change(self, jam_id: str, event: Event) -> JamChange:
        """Let an event happen to a jam; candidates that were not chosen lose their files.

        Raises:
            JamRefusal: it cannot be now, or there is no such jam; nothing has changed.
            StorageUnavailable: the database fails, or a file that the event names is gone.
        """
        async with self._database.writing(files=_brings_files(event)) as connection:
            jam = await load(connection, jam_id)
            new, effects = apply(jam, event)
            if new is not jam:
                await self._named.require(files_of(new) - files_of(jam))
                await store(connection, jam, new)
        await self._named.remove_unnamed(sorted(files_of(jam) - files_of(new)))
        return JamChange(new, effects)

    @undisturbed
    async def fork(self, jam_id: str, event: Forked, child: Jam) -> JamFork:
        """Let a jam from `musicgen_core.jams.begin` begin with a take of another.

        Raises:
            JamRefusal: there is no such take or jam; nothing has changed.
            StorageUnavailable: the database fails, or a take's file is gone.
        """
        async with self._database.writing(files=True) as connection:
            jam = await load(connection, jam_id)
            parent, effects = apply(jam, event)
            opened, opening = open_jam(graft(child, parent, event.take))
            await self._named.require(files_of(opened))
            await store(connection, jam, parent)
            await add(connection, opened)
        return JamFork(JamChange(parent, effects), JamChange(opened, opening))

    async def get(self, jam_id: str) -> Jam | None:
        """Return a jam; None: there is none."""
        found = await self._list(select(jams.c.state).where(jams.c.id == jam_id))
        return found[0] if found else None

    async def open(self) -> list[Jam]:
        """Return the jams for which something is to be done, oldest first."""
        waiting = select(jams.c.state).where(jams.c.open)
        return await self._list(waiting.order_by(jams.c.created, jams.c.id))

    async def due(self) -> list[tuple[str, Timer]]:
        """Return the timers that have to fire now, with their jams' ids, the oldest first."""
        late = select(jams.c.state).where(jams.c.open, jams.c.due <= self._clock())
        found = await self._list(late.order_by(jams.c.due, jams.c.id))
        return [(jam.id, jam.timer) for jam in found if jam.timer]

    async def in_place(self, place_id: int) -> Jam | None:
        """Return the jam that is played or mixed in a thread or channel; None: none is."""
        ended = jams.c.phase.in_([Phase.FINISHED, Phase.CLOSED])
        there = select(jams.c.state).where(jams.c.place_id == place_id, ~ended)
        found = await self._list(there.order_by(jams.c.created.desc(), jams.c.id).limit(1))
        return found[0] if found else None

    async def last_in_place(self, place_id: int) -> Jam | None:
        """Return the newest jam of a thread or channel, whether it has ended or not."""
        there = select(jams.c.state).where(jams.c.place_id == place_id)
        found = await self._list(there.order_by(jams.c.created.desc(), jams.c.id).limit(1))
        return found[0] if found else None

    async def ever_in_place(self, place_id: int) -> list[Jam]:
        """Return every jam of a thread or channel, ended ones too, oldest first."""
        there = select(jams.c.state).where(jams.c.place_id == place_id)
        return await self._list(there.order_by(jams.c.created, jams.c.id))

    async def of_person(self, person_id: int) -> list[Jam]:
        """Return the jams that remember a person, oldest first."""
        own = select(jam_people.c.jam_id).where(jam_people.c.person_id == person_id)
        theirs = select(jams.c.state).where(jams.c.id.in_(own))
        return await self._list(theirs.order_by(jams.c.created, jams.c.id))

    async def turns_since(
        self, person_id: int, server_id: int | None, since: datetime
    ) -> list[datetime]:
        """Return when a person has played turns on a server since then, an open one included.

        Those of which nothing came do not count, nor what the radio played of their words.
        """
        found = await self.of_person(person_id)
        there = [jam for jam in found if jam.server == server_id and jam.mode is not Mode.RADIO]
        times = [time for jam in there for time in _turns(jam, person_id, since.timestamp())]
        return [datetime.fromtimestamp(time, UTC) for time in times]

    @undisturbed
    async def gallery(self, server_id: int, *, start: int = 0, count: int = 10) -> list[LikedJam]:
        """Return a server's finished jams, the most liked first, of those the newest."""
        likes = select(func.count()).where(jam_likes.c.jam_id == jams.c.id).scalar_subquery()
        finished = jams.c.server_id == server_id, jams.c.phase == Phase.FINISHED
        order = likes.desc(), jams.c.created.desc(), jams.c.id
        query = select(jams.c.state, likes.label("likes")).where(*finished).order_by(*order)
        async with self._database.reading() as connection:
            found = await connection.execute(query.offset(start).limit(count))
            return [LikedJam(from_json(row.state), row.likes) for row in found]

    @undisturbed
    async def like(self, jam_id: str, person_id: int) -> tuple[bool, int]:
        """Let a person like a jam, or not any more where they do.

        Returns whether they like it now, and how many people do.

        Raises:
            JamRefusal: there is no such jam.
            StorageUnavailable: the database fails.
        """
        own = jam_likes.c.jam_id == jam_id, jam_likes.c.person_id == person_id
        async with self._database.writing() as connection:
            await load(connection, jam_id)
            liked = not (await connection.execute(delete(jam_likes).where(*own))).rowcount
            if liked:
                row = {"jam_id": jam_id, "person_id": person_id}
                await connection.execute(insert(jam_likes).values(row))
            count = select(func.count()).where(jam_likes.c.jam_id == jam_id)
            return liked, await connection.scalar(count) or 0

    @undisturbed
    async def _list(self, query: Select[str]) -> list[Jam]:
        async with self._database.reading() as connection:
            return [from_json(state) for state in await connection.scalars(query)]


def _turns(jam: Jam, person: int, since: float) -> list[float]:
    """Return when a person has played a jam's turns since then, in seconds since 1970."""
    own = (take for take in jam.takes if take.origin is None and take.player == person)
    times = [take.at for take in own if take.at >= since]
    turn = jam.turn if jam.phase in (Phase.MAKING, Phase.VOTING) else None
    return [*times, max(turn.opened, since)] if turn and turn.player == person else times


def _brings_files(event: Event) -> bool:
    """Tell whether a jam may name files after an event that it did not name before."""
    if isinstance(event, TurnAsked):
        return event.clip is not None
    return isinstance(event, CandidatesMade | MixMade)
