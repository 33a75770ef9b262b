"""Jams in the database: one transition, one transaction, and no file of theirs is ever lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jam_people import asks, fires, made, votes
from stored_things import ANNA, BEN, SERVER, FakeClock, names_in
from stored_things import made as made_clip

from musicgen_core.errors import JamRefusal, StorageUnavailable
from musicgen_core.jams import GONE, Jam, JamSettings, Mode, Phase, begin, due, track
from musicgen_core.jams import events as ev
from musicgen_core.storage import Storage

CLEO, PLACE = 3, 2**62 + 9


def new(jam_id: str = "1" * 32, clock: FakeClock | None = None, **more: Any) -> Jam:
    at = (clock or FakeClock())().timestamp()
    values = {"mode": Mode.OPEN, **more}
    return begin(
        id=jam_id, title="雨", prompt="lo-fi", owner=ANNA, settings=JamSettings(**values), seed=1,
        at=at, server=SERVER, place=PLACE,
    )  # fmt: skip


async def begun(storage: Storage, **more: Any) -> Jam:
    jam = (await storage.jams.begin(new(**more))).jam
    for person in (BEN, CLEO):
        jam = (await storage.jams.change(jam.id, ev.Joined(at=jam.created, by=person))).jam
    return jam


async def offered(storage: Storage, jam: Jam, by: int) -> Jam:
    """Let somebody play until the candidates are there, with files."""
    jam = (await storage.jams.change(jam.id, asks(jam, by))).jam
    event = made(jam)
    files = [await storage.files.write(b"sound" * n, "wav") for n in (1, 2, 3)]
    candidates = tuple(
        replace(candidate, file=file.name)
        for candidate, file in zip(event.candidates, files, strict=True)
    )
    return (await storage.jams.change(jam.id, replace(event, candidates=candidates))).jam


async def played(storage: Storage, jam: Jam, by: int) -> Jam:
    jam = await offered(storage, jam, by)
    jam = (await storage.jams.change(jam.id, fires(jam))).jam
    return (await storage.jams.change(jam.id, fires(jam))).jam


async def finished(storage: Storage, **more: Any) -> Jam:
    jam = await played(storage, await begun(storage, **more), ANNA)
    await storage.jams.change(jam.id, ev.FinishAsked(at=1, by=ANNA))
    file = await storage.files.write(b"mix", "wav")
    return (
        await storage.jams.change(jam.id, ev.MixMade(at=2, attempt=1, file=file.name, seconds=9))
    ).jam


async def left(storage: Storage) -> set[str]:
    await storage.sweeper.sweep_orphans(older_than=0)
    return names_in(storage.files.folder)


async def test_a_jam_is_read_as_it_was_written(storage: Storage) -> None:
    jam = await played(storage, await begun(storage), ANNA)
    assert await storage.jams.get(jam.id) == jam
    assert await storage.jams.get("none") is None
    assert await storage.jams.in_place(PLACE) == jam
    assert await storage.jams.of_person(CLEO) == [jam]


async def test_a_jam_that_has_ended_is_still_the_last_one_of_its_place(storage: Storage) -> None:
    jam = await begun(storage)
    ended = await storage.jams.change(jam.id, ev.FinishAsked(at=1, by=ANNA))
    assert await storage.jams.in_place(PLACE) is None
    assert await storage.jams.last_in_place(PLACE) == ended.jam
    assert await storage.jams.last_in_place(PLACE + 1) is None


async def test_what_is_refused_changes_nothing(storage: Storage) -> None:
    jam = await begun(storage)
    with pytest.raises(JamRefusal, match="not_member"):
        await storage.jams.change(jam.id, asks(jam, 7))
    with pytest.raises(JamRefusal, match="unknown"):
        await storage.jams.change("none", asks(jam, ANNA))
    assert await storage.jams.get(jam.id) == jam


async def test_of_many_who_press_at_once_exactly_one_plays(
    address: str, storage: Storage, tmp_path: Path
) -> None:
    """Through two processes' worth of connections."""
    jam = await begun(storage)
    async with Storage(address, tmp_path / "clips") as other:
        presses = [
            stores.jams.change(jam.id, asks(jam, by))
            for by in (ANNA, BEN, CLEO)
            for stores in (storage, other)
        ]
        outcomes = await asyncio.gather(*presses, return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, JamRefusal)]
    assert [refusal.key for refusal in refusals] == ["busy"] * 5
    assert (await storage.jams.get(jam.id)).moves == jam.moves + 1


async def test_votes_at_once_are_all_counted(
    address: str, storage: Storage, tmp_path: Path
) -> None:
    jam = await offered(storage, await begun(storage), ANNA)
    async with Storage(address, tmp_path / "clips") as other:
        await asyncio.gather(
            storage.jams.change(jam.id, votes(jam, ANNA, 3)),
            other.jams.change(jam.id, votes(jam, BEN, 2)),
            storage.jams.change(jam.id, votes(jam, CLEO, 2)),
        )
    stored = await storage.jams.get(jam.id)
    assert [take.file for take in track(stored)] == [jam.turn.candidates[1].file]


async def test_files_of_candidates_stay_until_one_is_chosen_and_takes_stay_for_ever(
    storage: Storage,
) -> None:
    jam = await offered(storage, await begun(storage), ANNA)
    offered_files = {candidate.file for candidate in jam.turn.candidates}
    assert await left(storage) == offered_files
    for _ in range(2):
        jam = (await storage.jams.change(jam.id, fires(jam))).jam
    assert names_in(storage.files.folder) == {jam.takes[0].file}
    jam = (await storage.jams.change(jam.id, ev.Undone(at=1, by=ANNA))).jam
    assert await left(storage) == {jam.takes[0].file}


async def test_candidates_whose_files_are_gone_are_not_taken(storage: Storage) -> None:
    jam = await begun(storage)
    jam = (await storage.jams.change(jam.id, asks(jam, ANNA))).jam
    event = made(jam)
    lost = tuple(
        replace(candidate, file=f"{candidate.number:032x}.wav") for candidate in event.candidates
    )
    with pytest.raises(StorageUnavailable, match="is gone"):
        await storage.jams.change(jam.id, replace(event, candidates=lost))
    assert (await storage.jams.get(jam.id)).phase is Phase.MAKING


async def test_a_clip_that_a_player_gives_is_kept_while_it_is_needed(storage: Storage) -> None:
    jam = await begun(storage)
    clip = await storage.files.write(b"riff", "ogg")
    jam = (await storage.jams.change(jam.id, asks(jam, ANNA, clip=clip.name))).jam
    assert await left(storage) == {clip.name}
    failed = ev.CandidatesFailed(at=1, turn=1, attempt=1)
    await storage.jams.change(jam.id, failed)
    assert await left(storage) == set()


async def test_a_fork_and_its_parent_are_stored_together_and_share_files(storage: Storage) -> None:
    jam = await played(storage, await begun(storage), ANNA)
    event = ev.Forked(at=5, by=BEN, take=1, child="2" * 32)
    both = await storage.jams.fork(jam.id, event, new("2" * 32))
    assert await storage.jams.get("2" * 32) == both.child.jam
    assert (await storage.jams.get(jam.id)).forks[0].jam == "2" * 32
    assert [take.file for take in track(both.child.jam)] == [jam.takes[0].file]
    with pytest.raises(JamRefusal, match="no_such_take"):
        await storage.jams.fork(jam.id, replace(event, take=9, child="3"), new("3" * 32))
    assert await storage.jams.get("3" * 32) is None


async def test_after_a_restart_everything_that_waits_is_found_with_its_timers(
    address: str, storage: Storage, tmp_path: Path, clock: FakeClock
) -> None:
    jam = await offered(storage, await begun(storage), ANNA)
    done = await finished(storage, jam_id="2" * 32)
    over = await finished(storage, jam_id="3" * 32)
    seen = ev.Posted(at=9, post="mix:1", message=5)
    await storage.jams.change(over.id, seen)
    await storage.jams.change(over.id, replace(seen, post="track:1"))
    async with Storage(address, tmp_path / "clips", clock) as again:
        # One finished but its mix was not posted yet; the other has nothing left to do.
        assert await again.jams.open() == [jam, done]
        assert due((await again.jams.open())[0]) == due(jam)
        assert await again.jams.due() == []
        clock.forward(days=400)
        assert await again.jams.due() == [(jam.id, jam.timer)]


async def test_the_gallery_shows_finished_jams_the_most_liked_first(storage: Storage) -> None:
    jams = [await finished(storage, jam_id=str(n) * 32) for n in (1, 2)]
    await begun(storage, jam_id="3" * 32)
    assert await storage.jams.like(jams[1].id, BEN) == (True, 1)
    assert await storage.jams.like(jams[1].id, ANNA) == (True, 2)
    assert await storage.jams.like(jams[0].id, ANNA) == (True, 1)
    shown = [(entry.jam.id[0], entry.likes) for entry in await storage.jams.gallery(SERVER)]
    assert shown == [("2", 2), ("1", 1)]
    assert [e.jam.id[0] for e in await storage.jams.gallery(SERVER, start=1)] == ["1"]
    assert await storage.jams.like(jams[1].id, BEN) == (False, 1)
    assert await storage.jams.like(jams[1].id, ANNA) == (False, 0)
    assert await storage.jams.like(jams[1].id, BEN) == (True, 1)
    assert await storage.jams.gallery(7) == []
    with pytest.raises(JamRefusal, match="unknown"):
        await storage.jams.like("none", BEN)


async def test_a_deleted_persons_parts_stay_in_the_jam_without_their_name(
    storage: Storage,
) -> None:
    jam = await played(storage, await begun(storage), ANNA)
    await storage.jams.like(jam.id, ANNA)
    export = await storage.people.export(ANNA)
    (part,) = export["jams"]
    assert [take["direction"] for take in part["takes"]] == ["with strings"]
    assert export["likes"] == [{"jam_id": jam.id}]
    json.dumps(export)
    await storage.people.delete(ANNA)
    stored = await storage.jams.get(jam.id)
    assert (stored.takes[0].player, stored.owner) == (GONE, BEN)
    assert str(ANNA) not in repr(stored)
    assert await left(storage) == {jam.takes[0].file}
    export = await storage.people.export(ANNA)
    assert (export["jams"], export["likes"]) == ([], [])
    assert await storage.jams.of_person(ANNA) == []
    assert len((await storage.people.export(BEN))["jams"]) == 1


async def test_a_clip_of_a_deleted_person_keeps_its_file_where_a_jam_plays_it(
    storage: Storage,
) -> None:
    jam = await begun(storage)
    clip = await made_clip(storage)
    jam = (await storage.jams.change(jam.id, asks(jam, BEN))).jam
    event = made(jam, count=1)
    take = replace(event.candidates[0], file=clip.file)
    await storage.jams.change(jam.id, replace(event, candidates=(take,)))
    await storage.people.delete(ANNA)
    assert await storage.clips.get(clip.id) is None
    assert await storage.files.exists(clip.file)
