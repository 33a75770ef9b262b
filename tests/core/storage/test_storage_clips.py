"""Clips: a person's, found, paged, changed; their lines of parents and children."""

from __future__ import annotations

import pytest
from stored_things import ANNA, BEN, SERVER, FakeClock, made, running, written

from musicgen_core.storage import NewClip, Storage, StoredFile


async def titles(storage: Storage, search: str = "", person: int = ANNA) -> list[str]:
    return [clip.title for clip in (await storage.clips.page(person, search)).clips]


async def test_a_clip_comes_back_as_it_was_recorded(storage: Storage, clock: FakeClock) -> None:
    job = await running(storage, from_second=2.5)
    file = await storage.files.write(b"sound", "flac")
    new = NewClip(
        file=file, seconds=5.12, sample_rate=32000, channels=2, title="雨", tempo=91.7, key="Am"
    )
    clips = await storage.jobs.finish(job.id, [new])
    assert clips is not None
    (clip,) = clips
    assert clip == await storage.clips.get(clip.id)
    assert StoredFile(clip.file, clip.sha256, clip.bytes) == file
    assert (clip.seconds, clip.sample_rate, clip.channels) == (5.12, 32000, 2)
    assert (clip.title, clip.tempo, clip.key) == ("雨", 91.7, "Am")
    assert (clip.job_id, clip.number, clip.person_id, clip.server_id) == (job.id, 1, ANNA, SERVER)
    assert (clip.created, clip.kept, clip.deleted) == (clock.now, False, None)
    assert (clip.parent_id, clip.from_second) == (None, 2.5)
    assert await storage.files.read(clip.file, clip.sha256) == b"sound"
    assert await storage.clips.get("0" * 32) is None


async def test_pages_hold_a_persons_clips_newest_first(storage: Storage, clock: FakeClock) -> None:
    for number in range(5):
        await made(storage, f"Clip {number}")
        clock.forward(seconds=1)
    await made(storage, "Ben's", person_id=BEN)
    first = await storage.clips.page(ANNA, count=2)
    last = await storage.clips.page(ANNA, start=4, count=2)
    assert ([clip.title for clip in first.clips], first.total) == (["Clip 4", "Clip 3"], 5)
    assert ([clip.title for clip in last.clips], last.total) == (["Clip 0"], 5)
    assert (await storage.clips.page(ANNA, start=5)).clips == ()


async def test_clips_of_one_job_stand_in_their_order(storage: Storage) -> None:
    job = await running(storage)
    new = [await written(storage, title=str(number)) for number in range(1, 5)]
    await storage.jobs.finish(job.id, new)
    assert await titles(storage) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("RAIN", True), ("piano rain", True), ("ÄRGER", True), ("strasse", True), ("雨", True),
        ("100%", True), ("rain drums", False), ("1_0", False), ("%", True), ("_", False),
        ("", True), ("a\0", True), ("/", False), ("x" * 100_000, False), ("\ud800", True),
    ],
)  # fmt: skip
async def test_search_finds_words_of_title_and_prompt(
    storage: Storage, search: str, found: bool
) -> None:
    await made(storage, "Rain 雨 100%", prompt="Piano, ärger auf der Straße")
    page = await storage.clips.page(ANNA, search)
    assert (len(page.clips), page.total) == (found, found)


async def test_a_clip_is_changed_by_its_person_only(storage: Storage) -> None:
    clip = await made(storage, "Rain", prompt="piano")
    assert not await storage.clips.rename(clip.id, BEN, "Mine")
    assert not await storage.clips.keep(clip.id, BEN, kept=True)
    assert not await storage.clips.delete(clip.id, BEN)
    assert await storage.clips.get(clip.id) == clip
    assert await storage.clips.rename(clip.id, ANNA, "Storm")
    assert await storage.clips.keep(clip.id, ANNA, kept=True)
    changed = await storage.clips.get(clip.id)
    assert changed is not None
    assert (changed.title, changed.kept) == ("Storm", True)
    assert await titles(storage, "storm piano") == ["Storm"]
    assert await titles(storage, "rain") == []
    assert await storage.clips.keep(clip.id, ANNA, kept=False)
    changed = await storage.clips.get(clip.id)
    assert changed is not None
    assert not changed.kept


async def test_a_deleted_clip_is_gone_with_its_file(storage: Storage, clock: FakeClock) -> None:
    clip, other = await made(storage), await made(storage, "Other")
    assert await storage.clips.delete(clip.id, ANNA)
    assert not await storage.clips.delete(clip.id, ANNA)
    assert not await storage.clips.rename(clip.id, ANNA, "Back")
    assert await titles(storage) == ["Other"]
    assert not await storage.files.exists(clip.file)
    assert await storage.files.exists(other.file)
    found = await storage.clips.get(clip.id)
    assert found is not None
    assert found.deleted == clock.now


async def test_parents_and_children_of_a_clip(storage: Storage, clock: FakeClock) -> None:
    first = await made(storage, "1")
    line = [first]
    for title in ("2", "3"):
        clock.forward(seconds=1)
        line.append(await made(storage, title, parent_id=line[-1].id, from_second=4.0))
    aside = await made(storage, "2b", parent_id=first.id)
    assert line[1].from_second == 4.0
    assert await storage.clips.parents(line[2].id) == [line[1], line[0]]
    assert await storage.clips.parents(first.id) == []
    assert await storage.clips.children(first.id) == [line[1], aside]
    await storage.clips.delete(line[1].id, ANNA)
    assert await storage.clips.children(first.id) == [aside]
    # The line is still whole: what was deleted says so itself.
    parents = await storage.clips.parents(line[2].id)
    assert [(clip.title, clip.deleted is None) for clip in parents] == [("2", False), ("1", True)]
