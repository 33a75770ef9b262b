"""The bandstand: events happen to jams, one after another, and their effects are carried out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.incident import log_incident
from bot.jams.boards import Boards
from bot.jams.outbox import Mail, Outbox
from bot.jams.posts import Posts
from bot.jams.rooms import Rooms
from bot.jams.timers import Timers
from bot.retrying import UNREACHABLE, WAITS
from musicgen_core.errors import JamRefusal, JobCancelled, StorageUnavailable
from musicgen_core.jams import Jam, Timer, TimerName, due
from musicgen_core.jams.effects import (
    Announce,
    AskChoice,
    AskVote,
    ClearTimer,
    Effect,
    MakeCandidates,
    MakeMix,
    PostMix,
    PostTrack,
    SetTimer,
    ShowSuggestions,
    StopCandidates,
    UpdateBoard,
)
from musicgen_core.jams.events import (
    CandidatesFailed,
    CandidatesMade,
    Event,
    Forked,
    MemberGone,
    MixFailed,
    MixMade,
    ModelChanged,
    PlaceBack,
    PlaceLost,
    Posted,
    TimerFired,
)
from musicgen_core.storage import JamFork, Storage
from musicgen_core.studio import Bench, Studio

log = logging.getLogger(__name__)

UNKNOWN_CHANNEL = 10003
BY_THEMSELVES = TimerName.RADIO, TimerName.SUGGEST
"""After these timers something is made that nobody asks for at that moment."""
PAUSE_SECONDS = 1.0
"""Between two looks at whether something new may be made again."""


class Bandstand:
    """Jams as they are played; what is stored here survives the process, the rest is `due`.

    Args:
        rooms: where jams are.
        storage: where they are kept.
        studio: what makes their sound.
        bench: what draws their pictures.
        paused: whether nothing new is to be made for now.
        clock: seconds since 1970.
        board_interval: seconds between two edits of a board, or of a list of suggestions.
    """

    def __init__(
        self,
        rooms: Rooms,
        storage: Storage,
        studio: Studio,
        bench: Bench,
        paused: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
        board_interval: float = 1.0,
    ) -> None:
        self.rooms, self.studio, self.clock = rooms, studio, clock
        self._jams, self._paused = storage.jams, paused
        self._timers = Timers(self._fire, clock)
        self._boards = Boards(
            rooms, studio, bench, self._note_post, self._note_trouble, board_interval
        )
        self._posts = Posts(rooms, studio, bench)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._work: dict[str, asyncio.Task[None]] = {}
        """By the effect's id."""
        self._outbox = Outbox(self._try_to_write, board_interval)

    async def begin(self, jam: Jam) -> Jam:
        """Open a jam from `musicgen_core.jams.begin`.

        Raises:
            StorageUnavailable: the database fails.
        """
        async with self._locks[jam.id]:
            change = await self._jams.begin(jam)
            self._carry_out(change.jam, change.effects)
        return change.jam

    async def happen(self, jam_id: str, event: Event) -> Jam:
        """Let an event happen; return the jam after it.

        Raises:
            JamRefusal: it cannot be now, or there is no such jam.
            StorageUnavailable: the database fails.
        """
        # Effects of two transitions must be carried out in the order of the transitions.
        async with self._locks[jam_id]:
            change = await self._jams.change(jam_id, event)
            self._carry_out(change.jam, change.effects)
        if change.jam.phase.ended:
            self._locks.pop(jam_id, None)
        return change.jam

    async def fork(self, jam_id: str, event: Forked, child: Jam) -> JamFork:
        """Let a jam begin with a take of another.

        Raises:
            JamRefusal: there is no such take or jam.
            StorageUnavailable: the database fails.
        """
        async with self._locks[jam_id], self._locks[child.id]:
            fork = await self._jams.fork(jam_id, event, child)
            self._carry_out(fork.parent.jam, fork.parent.effects)
            self._carry_out(fork.child.jam, fork.child.effects)
        return fork

    async def surely(self, jam_id: str, event: Event) -> None:
        """Let something happen that nobody repeats, as soon as the database is there."""
        for wait in (*WAITS, None):
            try:
                await self.happen(jam_id, event)
            except JamRefusal as exc:
                log.info("%s is nothing to jam %s any more: %s", event, jam_id, exc)
            except StorageUnavailable as exc:
                log.warning("%s of jam %s is not stored yet: %s", event, jam_id, exc)
                if wait is not None:
                    await asyncio.sleep(wait)
                    continue
                log.error("Jam %s goes on after the next start only", jam_id)  # noqa: TRY400
            return

    async def renew(self, jam_id: str) -> None:
        """Do what is due for a jam that was changed elsewhere."""
        async with self._locks[jam_id]:
            jam = await self._jams.get(jam_id)
            if jam is not None:
                self._carry_out(jam, due(jam))

    async def resume(self) -> int:
        """Go on with the jams of earlier processes; return how many there are."""
        waiting = await self._jams.open()
        for found in waiting:
            await self._resume(found)
        return len(waiting)

    async def _resume(self, found: Jam) -> None:
        # First, because a post would open an archived thread again.
        await self._look_for_place(found)
        await self._boards.recount(found)
        # People press while this goes on: what was found may be old by now.
        await self.renew(found.id)
        model = self.studio.model_of(found)
        if found.model != model:
            await self.surely(found.id, ModelChanged(at=self.clock(), model=model))

    def written(self, place: int, message: int) -> None:
        """Hear that somebody wrote a message where a jam may be."""
        self._boards.written(place, message)

    @property
    def making(self) -> int:
        """How many turns and mixes are being made."""
        return len(self._work)

    async def emptied(self) -> None:
        """Wait until nothing is being made or posted."""
        while tasks := [*self._work.values(), *self._outbox.tasks]:
            await asyncio.wait(tasks)

    async def settle(self, seconds: float) -> None:
        """Give what is being made so many seconds to end; nothing begins by itself any more."""
        await self._timers.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.emptied(), seconds)

    async def close(self) -> None:
        """Stop; the next start goes on."""
        tasks = [*self._work.values(), *self._outbox.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._timers.close()
        await self._boards.close()

    def _carry_out(self, jam: Jam, effects: Sequence[Effect]) -> None:
        """Begin everything; nothing here waits."""
        said = tuple(effect for effect in effects if isinstance(effect, Announce))
        if said and not (jam.paused or jam.lost):
            self._outbox.add(Mail(jam, said))
        for effect in effects:
            match effect:
                case SetTimer():
                    self._timers.set(jam.id, effect.timer)
                case ClearTimer():
                    self._timers.clear(jam.id)
                case MakeCandidates():
                    self._begin(effect.id, self._make(jam, effect))
                case MakeMix():
                    self._begin(effect.id, self._mix(jam, effect))
                case StopCandidates() if effect.making in self._work:
                    self._work[effect.making].cancel()
                case UpdateBoard():
                    self._boards.show(jam)
                case AskVote() | AskChoice() | ShowSuggestions() | PostTrack() | PostMix():
                    self._outbox.add(Mail(jam, effect))

    def _begin(self, effect_id: str, work: Coroutine[Any, Any, None]) -> None:
        if effect_id in self._work:
            work.close()
            return
        task = asyncio.create_task(work, name=effect_id)
        self._work[effect_id] = task
        task.add_done_callback(lambda _: self._work.pop(effect_id, None))

    async def _try_to_write(self, post: Mail) -> None:
        try:
            await self._write_one(post)
        except UNREACHABLE as exc:
            log.warning("Jam %s cannot be written to: %s", post.jam.id, exc)
            await self._note_trouble(post.jam, exc)
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            log_incident(f"Jam {post.jam.id} could not post {post.letter}", exc)

    async def _write_one(self, post: Mail) -> None:
        if isinstance(post.letter, tuple):
            await self._posts.announce(post.jam, post.letter)
            return
        message = await self._posts.post(post.jam, post.letter)
        await self._note_post(post.jam, post.letter.post, message)

    async def _make(self, jam: Jam, wanted: MakeCandidates) -> None:
        turn, attempt = wanted.turn, wanted.attempt
        event: Event
        try:
            made = await self.studio.candidates(jam, wanted)
            event = CandidatesMade(
                at=self.clock(), turn=turn, attempt=attempt, candidates=made
            )  # fmt: skip
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            cancelled = isinstance(exc, JobCancelled)
            if not cancelled:
                log_incident(f"Turn {turn} of jam {jam.id} brought nothing", exc)
            event = CandidatesFailed(
                at=self.clock(), turn=turn, attempt=attempt, cancelled=cancelled
            )
        await self.surely(jam.id, event)

    async def _mix(self, jam: Jam, wanted: MakeMix) -> None:
        event: Event
        try:
            names = await self.rooms.names(jam, await self.rooms.say(jam))
            mix = await self.studio.mix(jam, wanted, names, self.clock())
            event = MixMade(
                at=mix.at, attempt=wanted.attempt, file=mix.file, seconds=mix.seconds,
                loudness=mix.loudness,
            )  # fmt: skip
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            log_incident(f"Jam {jam.id} could not be mixed", exc)
            event = MixFailed(at=self.clock(), attempt=wanted.attempt)
        await self.surely(jam.id, event)

    async def _fire(self, jam_id: str, timer: Timer) -> None:
        while timer.name in BY_THEMSELVES and self._paused():  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)
        if timer.name is TimerName.TURN:
            await self._look_for_player(jam_id)
        event = TimerFired(at=max(self.clock(), timer.due), name=timer.name, due=timer.due)
        await self.surely(jam_id, event)

    async def _note_post(self, jam: Jam, post: str, message: int) -> None:
        await self.surely(jam.id, Posted(at=self.clock(), post=post, message=message))

    async def _note_trouble(self, jam: Jam, error: BaseException) -> None:
        if isinstance(error, discord.NotFound) and error.code == UNKNOWN_CHANNEL:
            await self.surely(jam.id, PlaceLost(at=self.clock(), deleted=True))

    async def _look_for_player(self, jam_id: str) -> None:
        """Take a player out who did not answer because they are not there any more."""
        try:
            jam = await self._jams.get(jam_id)
        except StorageUnavailable as exc:
            log.warning("Whether the player of jam %s is there is not known: %s", jam_id, exc)
            return
        player = jam.turn.player if jam and jam.turn else None
        if jam and player and not await self.rooms.reaches(jam, player):
            await self.surely(jam_id, MemberGone(at=self.clock(), person=player))

    async def _look_for_place(self, jam: Jam) -> None:
        """Find out whether the thread was archived or deleted while nobody looked."""
        try:
            place = await self.rooms.fetch(jam)
        except UNREACHABLE as exc:
            await self._note_trouble(jam, exc)
            return
        archived = isinstance(place, discord.Thread) and place.archived
        if archived:
            await self.surely(jam.id, PlaceLost(at=self.clock(), deleted=False))
        elif jam.paused:
            await self.surely(jam.id, PlaceBack(at=self.clock()))
