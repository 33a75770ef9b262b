"""Everything of a person is handed out, and deleted; nothing of anybody else's."""

from __future__ import annotations

import dataclasses
import json

from stored_things import ANNA, BEN, asked, made, names_in, running, written

from musicgen_core.jobs import JobState
from musicgen_core.storage import JobRecord, Storage
from musicgen_core.storage.people import ORPHANED

KINDS = ("settings", "jobs", "clips", "jams", "likes")
NOTHING: dict[str, list[object]] = {kind: [] for kind in KINDS}


async def test_an_export_holds_everything_of_the_person_and_is_json(storage: Storage) -> None:
    await storage.preferences.change_person(ANNA, language="zh-CN", format="flac")
    clip = await made(storage, prompt="piano")
    waiting = await storage.jobs.accept(asked(prompt="雨"))
    await made(storage, person_id=BEN, prompt="secret")
    export = await storage.people.export(ANNA)
    assert export["settings"] == [{"id": ANNA, "language": "zh-CN", "format": "flac"}]
    assert {job["id"]: job["prompt"] for job in export["jobs"]} == {
        clip.job_id: "piano",
        waiting.id: "雨",
    }
    assert export["jobs"][0].keys() == {field.name for field in dataclasses.fields(JobRecord)}
    assert [found["file"] for found in export["clips"]] == [clip.file]
    assert export["clips"][0]["created"] == clip.created.isoformat()
    assert "secret" not in json.dumps(export)
    assert await storage.people.export(7) == NOTHING


async def test_deleting_a_person_leaves_no_row_and_no_file(storage: Storage) -> None:
    await storage.preferences.change_person(ANNA, format="flac")
    await storage.preferences.change_person(BEN, format="ogg")
    clip, theirs = await made(storage), await made(storage, person_id=BEN)
    attached = await storage.files.write(b"attached", "ogg")
    waiting = await storage.jobs.accept(asked(audio_file=attached.name))
    ran = await running(storage)
    assert set(await storage.people.delete(ANNA)) == {waiting.id, ran.id}
    assert await storage.people.export(ANNA) == NOTHING
    assert await storage.clips.get(clip.id) is None
    assert names_in(storage.files.folder) == {theirs.file}
    assert len((await storage.people.export(BEN))["clips"]) == 1
    assert (await storage.preferences.person(BEN)).format == "ogg"
    assert await storage.people.delete(ANNA) == []


async def test_a_job_that_runs_for_a_deleted_person_ends_in_nothing(storage: Storage) -> None:
    job, clip = await running(storage), await written(storage)
    await storage.people.delete(ANNA)
    assert await storage.jobs.finish(job.id, [clip]) is None
    assert not await storage.jobs.fail(job.id, "Too late.")
    assert await storage.sweeper.sweep_orphans(older_than=0) == [clip.file.name]


async def test_what_others_made_of_a_deleted_persons_clip_stays(storage: Storage) -> None:
    parent = await made(storage)
    child = await made(storage, person_id=BEN, parent_id=parent.id, from_second=3.0)
    waiting = await storage.jobs.accept(asked(person_id=BEN, parent_id=parent.id, from_second=1))
    await storage.people.delete(ANNA)
    found = await storage.clips.get(child.id)
    assert found is not None
    assert (found.parent_id, found.from_second) == (None, 3.0)
    assert await storage.files.exists(child.file)
    ended = await storage.jobs.get(waiting.id)
    assert ended is not None
    assert (ended.status, ended.error, ended.parent_id) == (JobState.FAILED, ORPHANED, None)
    assert ended.ended is not None
