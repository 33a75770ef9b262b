"""Sweeping: what is too old or nobody's goes; what the database names stays, at any moment."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from stored_things import ANNA, BEN, SERVER, FakeClock, asked, made, names_in, running, written

from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import JobRecord, NewClip, Storage
from musicgen_core.storage.named_files import AT_ONCE


async def living(storage: Storage) -> set[str]:
    return {clip.title for clip in (await storage.clips.page(ANNA)).clips}


async def test_retention_takes_what_is_older_than_its_server_keeps(
    storage: Storage, clock: FakeClock
) -> None:
    await storage.preferences.change_server(SERVER, retention_days=10)
    await made(storage, "server", server_id=SERVER)
    direct, other = (
        await made(storage, "direct", server_id=None),
        await made(storage, "other", server_id=7),
    )
    clock.forward(days=10)
    assert await storage.sweeper.sweep_retention(30) == []
    clock.forward(seconds=1)
    assert len(await storage.sweeper.sweep_retention(None)) == 1
    assert await living(storage) == {"direct", "other"}
    clock.forward(days=20)
    assert set(await storage.sweeper.sweep_retention(30)) == {direct.id, other.id}
    assert names_in(storage.files.folder) == set()


async def test_retention_passes_over_what_is_kept_or_continued(
    storage: Storage, clock: FakeClock
) -> None:
    kept, parent = await made(storage, "kept"), await made(storage, "parent")
    await made(storage, "old")
    await storage.clips.keep(kept.id, ANNA, kept=True)
    waiting = await storage.jobs.accept(asked(parent_id=parent.id, person_id=BEN))
    clock.forward(days=100)
    swept = await storage.sweeper.sweep(1)
    assert (swept.expired, swept.orphans) == (1, 0)
    assert await living(storage) == {"kept", "parent"}
    assert await storage.files.read(parent.file, parent.sha256)
    await storage.jobs.cancel(waiting.id)
    assert await storage.sweeper.sweep_retention(1) == [parent.id]
    assert names_in(storage.files.folder) == {kept.file}


async def test_orphans_go_and_named_files_stay(storage: Storage) -> None:
    clip = await made(storage)
    attached = await storage.files.write(b"attached", "ogg")
    waiting = await storage.jobs.accept(asked(audio_file=attached.name))
    orphans = {(await written(storage)).file.name, f"{'0' * 32}.wav.part"}
    for name in (f"{'0' * 32}.wav.part", "notes.txt"):
        (storage.files.folder / name).touch()
    assert set(await storage.sweeper.sweep_orphans(older_than=0)) == orphans
    assert names_in(storage.files.folder) == {clip.file, attached.name, "notes.txt"}
    await storage.jobs.cancel(waiting.id)
    assert await storage.sweeper.sweep_orphans(older_than=0) == [attached.name]


async def test_a_file_just_written_has_time_to_be_named(storage: Storage) -> None:
    job, clip = await running(storage), await written(storage)
    assert await storage.sweeper.sweep_orphans() == []
    assert await storage.jobs.finish(job.id, [clip])
    os.utime(storage.files.folder / clip.file.name, (0, 0))
    assert await storage.sweeper.sweep_orphans() == []


async def test_a_deleted_clip_that_a_waiting_job_continues_keeps_its_file_until_then(
    storage: Storage,
) -> None:
    clip = await made(storage)
    job = await storage.jobs.accept(asked(parent_id=clip.id))
    assert await storage.clips.delete(clip.id, ANNA)
    assert await storage.sweeper.sweep_orphans(older_than=0) == []
    assert await storage.files.exists(clip.file)
    await storage.jobs.cancel(job.id)
    assert await storage.sweeper.sweep_orphans(older_than=0) == [clip.file]


async def test_many_orphans_go_in_several_transactions(storage: Storage) -> None:
    for number in range(AT_ONCE + 3):
        (storage.files.folder / f"{number:032x}.wav").touch()
    assert len(await storage.sweeper.sweep_orphans(older_than=0)) == AT_ONCE + 3
    assert names_in(storage.files.folder) == set()


async def test_a_crash_between_mark_and_removal_leaves_an_orphan_that_goes_next(
    storage: Storage, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = await made(storage)
    clock.forward(days=2)

    async def die(_: str) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(storage.files, "remove", die)
        with pytest.raises(RuntimeError):
            await storage.sweeper.sweep_retention(1)
    assert await storage.files.exists(clip.file)
    assert await living(storage) == set()
    assert await storage.sweeper.sweep_orphans(older_than=0) == [clip.file]


async def test_sweeping_while_clips_are_named_never_takes_a_named_file(
    address: str, storage: Storage, tmp_path: Path
) -> None:
    """With no grace at all, either the clip is recorded and has its file, or neither."""

    async def finish(job: JobRecord, clip: NewClip) -> bool:
        try:
            return await storage.jobs.finish(job.id, [clip]) is not None
        except StorageUnavailable:  # the sweep was first
            return False

    async with Storage(address, tmp_path / "clips") as other:
        outcomes = []
        for _ in range(20):
            job, clip = await running(storage), await written(storage)
            finished, _ = await asyncio.gather(
                finish(job, clip), other.sweeper.sweep_orphans(older_than=0)
            )
            assert finished == await storage.files.exists(clip.file.name)
            outcomes.append(finished)
    assert (await storage.clips.page(ANNA)).total == sum(outcomes)
