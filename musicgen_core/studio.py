"""The studio: what a jam asks to be made, from the model and from files to files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from musicgen_core.errors import BackendError, JobCancelled, MusicGenError
from musicgen_core.jams import Candidate, Ending, Jam, Mix, Model, Take, credits_of, reel, track
from musicgen_core.jams.effects import MakeCandidates, MakeMix
from musicgen_core.jams.settings import LEAD_SECONDS
from musicgen_core.jobs import JobState, JobUpdate
from musicgen_core.requests import Clip, GenerationRequest, short_name
from musicgen_core.service import MusicService
from musicgen_core.storage import Storage

T = TypeVar("T")

LONGEST_SECONDS = 300.0
"""That a model hears and makes, as long as it was not loaded."""
OUTRO_SECONDS = 6.0
"""Of an ending that the model is asked for."""
SPLICED = 0.5
"""Of a part, at most, that a player's own clip takes; the rest is the model's."""


class Bench(Protocol):
    """Who does heavy work; a Workbench is one."""

    async def do(self, work: Callable[..., T], *args: Any) -> T:
        """Return what a function of a module returns."""
        ...


class Studio:
    """Makes parts and mixes; each method may take minutes and can be cancelled.

    Args:
        service: what makes clips.
        storage: where takes are files.
        bench: where sounds are joined, heard and encoded.
    """

    def __init__(self, service: MusicService, storage: Storage, bench: Bench) -> None:
        self._service, self._files, self._bench = service, storage.files, bench

    def model(self, name: str | None) -> Model:
        """Return the checkpoint that plays where one was named, or the default."""
        known = self._service.model(name)
        info = self._service.info_of(known)
        if info is None:
            return Model(known, 0, LONGEST_SECONDS)
        return Model(info.name, info.sample_rate, info.max_seconds)

    def model_of(self, jam: Jam) -> Model:
        """Return the checkpoint that plays in a jam: its own, or the default where that has left.

        What is remembered of one that was not loaded since the start still holds.
        """
        name = jam.model.name if jam.model is not None else None
        known = self._service.model(name)
        if jam.model is not None and short_name(jam.model.name) == known:
            return self.model(name) if self._service.info_of(known) else jam.model
        return self.model(None)

    async def keep(self, data: bytes) -> str:
        """Store a file that somebody attached, once it is known to be sound; return its name.

        Raises:
            InvalidRequest: the text says what is wrong with it.
            StorageUnavailable: the disk does not take it.
        """
        await self._service.read_audio(data)
        return (await self._files.write(data, "audio")).name

    async def candidates(self, jam: Jam, wanted: MakeCandidates) -> tuple[Candidate, ...]:
        """Return a continuation for every seed, those aside that failed; at least one.

        Raises:
            JobCancelled: all were cancelled.
            MusicGenError: none could be made.
        """
        given, spliced = None, 0.0
        if wanted.clip is not None:
            given = await self._service.read_audio(await self._files.read(wanted.clip))
            spliced = min(given.seconds, SPLICED * wanted.seconds) if wanted.splice else 0.0
        line = track(jam, wanted.take) if wanted.take is not None else ()
        first = GenerationRequest(wanted.prompt, wanted.seconds - spliced)
        begins = 0.0
        if line or given is not None:
            end = await self._reel(jam, _tail(line, wanted.hear_seconds))
            heard = await self._bench.do(reel.listen, end, wanted.hear_seconds, given, spliced)
            first = GenerationRequest(wanted.prompt, first.seconds, heard.prompt)
            begins = heard.from_second
        clips = await self._made(jam, [_seeded(first, seed) for seed in wanted.seeds])
        return tuple(
            [await self._candidate(n, clip, begins) for n, clip in enumerate(clips, start=1)]
        )

    async def previews(
        self, jam: Jam, candidates: Sequence[Candidate], limit: int
    ) -> list[tuple[str, bytes]]:
        """Return each candidate as (format, bytes), the last seconds of the track before it."""
        end = await self._reel(jam, _tail(track(jam), LEAD_SECONDS + 1.0))
        parts = [await self._files.read(candidate.file) for candidate in candidates]
        return await self._bench.do(reel.previews, end, tuple(parts), limit)

    async def track(self, jam: Jam, take: int, limit: int) -> tuple[str, bytes] | None:
        """Return the track up to a take as (format, bytes); None: no format fits the limit."""
        line = await self._reel(jam, track(jam, take))
        return await self._bench.do(reel.whole, line, limit, jam.title)

    async def outline(self, jam: Jam, count: int) -> tuple[float, ...]:
        """Return the track's peaks in `count` equal stretches, 0 to 1; empty: nothing is played."""
        if jam.head is None:
            return ()
        return await self._bench.do(reel.outline, await self._reel(jam, track(jam)), count)

    async def mix(
        self, jam: Jam, wanted: MakeMix, names: Mapping[int | None, str], at: float
    ) -> Mix:
        """Store and return the mix, its file telling who played what.

        Raises:
            MusicGenError: it could not be made.
        """
        line = await self._reel(jam, track(jam, wanted.take))
        outro = None
        if wanted.ending is Ending.MODEL:
            end = await self._reel(jam, _tail(track(jam, wanted.take), jam.settings.hear_seconds))
            heard = await self._bench.do(reel.listen, end, jam.settings.hear_seconds, None, 0.0)
            request = GenerationRequest(wanted.prompt, OUTRO_SECONDS, heard.prompt)
            (clip,) = await self._made(jam, [_seeded(request, wanted.seed)])
            outro = (clip, heard.from_second)
        comment = json.dumps(lineage(jam, names), ensure_ascii=False)
        made = await self._bench.do(reel.mixdown, line, outro, jam.title, comment)
        file = await self._files.write(made.data, "wav")
        return Mix(file=file.name, seconds=made.seconds, loudness=made.loudness, at=at)

    async def mixed(self, jam: Jam, mix: Mix, limit: int) -> tuple[str, bytes] | None:
        """Return a finished mix as (format, bytes); None: no format fits the limit."""
        data = await self._files.read(mix.file)
        return await self._bench.do(reel.again, data, limit, jam.title)

    async def stems(self, jam: Jam, names: Mapping[int | None, str], limit: int) -> bytes | None:
        """Return a zip with a file of each player's parts; None: it is larger than the limit."""
        line = await self._reel(jam, track(jam))
        return await self._bench.do(reel.zipped, line, dict(names), limit)

    async def _reel(self, jam: Jam, takes: Sequence[Take]) -> reel.Reel:
        # Only where nothing is played yet does the model's rate matter.
        info = self._service.info_of(self._model(jam)) or self._service.info
        return reel.Reel(
            tuple([await self._files.read(take.file) for take in takes]),
            tuple(take.player for take in takes),
            jam.rate or info.sample_rate,
            jam.takes[0].channels if jam.takes else info.channels,
            jam.settings.seam,
        )

    def _model(self, jam: Jam) -> str:
        return self._service.model(jam.model.name if jam.model is not None else None)

    async def _candidate(self, number: int, clip: Clip, begins: float) -> Candidate:
        cut = await self._bench.do(reel.cut, clip, begins)
        file = await self._files.write(cut.data, "wav")
        return Candidate(
            number=number, file=file.name, seconds=cut.seconds, rate=cut.rate,
            channels=cut.channels, seed=clip.provenance.seed, tempo=cut.tempo, key=cut.key,
        )  # fmt: skip

    async def _made(self, jam: Jam, requests: Sequence[GenerationRequest]) -> list[Clip]:
        """Return the clips that could be made, at least one."""
        player = jam.turn.player if jam.turn else jam.owner
        owner = f"jam {jam.id}" if player is None else str(player)
        model, group = self._model(jam), f"server {jam.server}"
        async with self._submitted(requests, owner, group, model) as jobs:
            ends = await asyncio.gather(*(self._end(job) for job in jobs))
        clips = [end.clip for end in ends if end.clip is not None]
        if clips:
            return clips
        if all(end.state is JobState.CANCELLED for end in ends):
            raise JobCancelled
        raise next(
            (end.error for end in ends if isinstance(end.error, MusicGenError)),
            BackendError("The jam's part ended without a clip."),
        )

    @asynccontextmanager
    async def _submitted(
        self, requests: Sequence[GenerationRequest], owner: str, group: str, model: str
    ) -> AsyncIterator[list[str]]:
        """Yield the ids of jobs, none of which outlives the block."""
        jobs: list[str] = []
        try:
            for request in requests:
                # A turn was accepted by the jam before: it waits in a full queue, too.
                job = await self._service.submit(request, owner, group, model=model, promised=True)
                jobs.append(job.id)
            yield jobs
        finally:
            for job_id in jobs:
                await self._service.cancel(job_id)

    async def _end(self, job_id: str) -> JobUpdate:
        async for update in self._service.watch(job_id):
            if update.state.ended:
                return update
        raise BackendError("A job of a jam came to no end.")


def lineage(jam: Jam, names: Mapping[int | None, str]) -> dict[str, Any]:
    """Return what a mix tells of itself: who played what, with which words and seeds."""
    parts = [
        {"player": names[take.player], "direction": take.direction, "prompt": take.prompt,
         "seed": take.seed, "from": None if take.origin is None else take.origin.jam}
        for take in track(jam)
    ]  # fmt: skip
    return {
        "title": jam.title, "prompt": jam.prompt,
        "members": [names[credit.player] for credit in credits_of(jam)],
        "parts": parts, "forked_from": jam.forked_from and jam.forked_from.jam,
        "software": "mindjam",
    }  # fmt: skip


def _seeded(request: GenerationRequest, seed: int) -> GenerationRequest:
    return GenerationRequest(request.prompt, request.seconds, request.audio, seed=seed)


def _tail(line: Sequence[Take], seconds: float) -> list[Take]:
    """Return the last takes of a track that hold so many seconds, or all."""
    tail: list[Take] = []
    for take in reversed(line):
        if sum(one.seconds for one in tail) > seconds:
            break
        tail.insert(0, take)
    return tail
