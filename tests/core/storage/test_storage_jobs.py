"""Jobs: nothing accepted is lost, nothing is claimed or ended twice."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
from stored_things import CHANNEL, FakeClock, asked, made, running, written

from musicgen_core.errors import InvalidRequest, StorageUnavailable
from musicgen_core.jobs import JobState
from musicgen_core.storage import Delivered, NewJob, Storage, StoredFile, database

EVERYTHING = NewJob(
    person_id=2**63 - 1, server_id=2, channel_id=3, priority=-1, prompt="雨 und 🎹", seconds=5.12,
    seed=2**32 - 1, do_sample=False, guidance=3.5, temperature=0.9, top_k=65536, top_p=0.1,
    tempo=92.5, key="C♯ minor", style="lo-fi", model="facebook/musicgen-small", variations=4,
    locale="zh-CN", from_second=1.25, hear_seconds=8.5, status_message_id=2**63 - 2,
)  # fmt: skip


async def state(storage: Storage, job_id: str) -> JobState:
    job = await storage.jobs.get(job_id)
    assert job is not None
    return job.status


def test_the_sample_job_leaves_nothing_out() -> None:
    unset = [name for name, value in vars(EVERYTHING).items() if value is None]
    assert unset == ["audio_file", "parent_id"]  # which must exist


async def test_a_job_comes_back_as_it_was_asked_after_a_restart(
    address: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with Storage(address, tmp_path, clock) as storage:
        audio, parent = await storage.files.write(b"attached", "ogg"), await made(storage)
        new = dataclasses.replace(EVERYTHING, audio_file=audio.name, parent_id=parent.id)
        accepted = await storage.jobs.accept(new)
    async with Storage(address, tmp_path, clock) as storage:
        again = await storage.jobs.get(accepted.id)
        assert again == accepted
        fields = {field.name for field in dataclasses.fields(NewJob)}
        assert {name: getattr(again, name) for name in fields} == dataclasses.asdict(new)
        assert (again.status, again.attempts, again.created) == (JobState.QUEUED, 0, clock.now)
        assert await storage.jobs.open() == [accepted]
        assert await storage.jobs.get("0" * 32) is None


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_what_a_database_cannot_hold_is_left_out_of_a_prompt(
    storage: Storage, text: str
) -> None:
    assert (await storage.jobs.accept(asked(prompt=text))).prompt == "ab"


async def test_jobs_are_worked_at_by_priority_then_age(storage: Storage, clock: FakeClock) -> None:
    ids = []
    for priority in (0, 0, 5):
        ids.append((await storage.jobs.accept(asked(priority=priority))).id)
        clock.forward(seconds=1)
    assert [job.id for job in await storage.jobs.open()] == [ids[2], ids[0], ids[1]]


async def test_a_claim_is_noted_with_its_time(storage: Storage, clock: FakeClock) -> None:
    waiting = await storage.jobs.accept(asked())
    clock.forward(seconds=1)
    job = await storage.jobs.claim(waiting.id)
    assert job is not None
    assert (job.status, job.attempts, job.started) == (JobState.RUNNING, 1, clock.now)


async def test_a_job_can_be_claimed_once(storage: Storage) -> None:
    ids = [(await storage.jobs.accept(asked())).id for _ in range(2)]
    tries = await asyncio.gather(*(storage.jobs.claim(ids[1]) for _ in range(4)))
    assert [job.id for job in tries if job] == [ids[1]]
    assert await storage.jobs.claim("0" * 32) is None


async def test_of_all_ends_that_are_tried_at_once_one_counts(storage: Storage) -> None:
    for _ in range(5):
        job = await running(storage)
        clip = await written(storage)
        finished, failed, cancelled = await asyncio.gather(
            storage.jobs.finish(job.id, [clip]),
            storage.jobs.fail(job.id, "It broke."),
            storage.jobs.cancel(job.id),
        )
        ends = {
            JobState.DONE: finished is not None,
            JobState.FAILED: failed,
            JobState.CANCELLED: cancelled,
        }
        assert sum(ends.values()) == 1
        assert ends[await state(storage, job.id)]
        clips = await storage.clips.of_job(job.id)
        assert len(clips) == (finished is not None)


async def test_an_end_is_final_and_says_when_and_why(storage: Storage, clock: FakeClock) -> None:
    job = await running(storage)
    clock.forward(seconds=9)
    assert await storage.jobs.fail(job.id, "The worker broke down.")
    ended = await storage.jobs.get(job.id)
    assert ended is not None
    assert (ended.status, ended.ended) == (JobState.FAILED, clock.now)
    assert ended.error == "The worker broke down."
    assert not await storage.jobs.cancel(job.id)
    assert not await storage.jobs.fail(job.id, "Again.")
    assert await storage.jobs.finish(job.id, [await written(storage)]) is None
    assert await storage.jobs.claim(job.id) is None
    assert await storage.jobs.get(job.id) == ended
    assert await storage.jobs.open() == []


async def test_a_queued_job_can_be_cancelled_or_fail_but_not_finish(storage: Storage) -> None:
    first, second = [await storage.jobs.accept(asked()) for _ in range(2)]
    assert await storage.jobs.finish(first.id, [await written(storage)]) is None
    assert await state(storage, first.id) is JobState.QUEUED
    assert await storage.jobs.cancel(first.id)
    assert await storage.jobs.fail(second.id, "No model.")
    for job in (first, second):
        assert await storage.jobs.claim(job.id) is None


async def test_a_job_is_done_with_all_its_clips_or_not_at_all(storage: Storage) -> None:
    job = await running(storage, variations=2)
    whole, gone = await written(storage), await written(storage)
    await storage.files.remove(gone.file.name)
    with pytest.raises(StorageUnavailable, match="is gone"):
        await storage.jobs.finish(job.id, [whole, gone])
    assert await state(storage, job.id) is JobState.RUNNING
    assert await storage.clips.of_job(job.id) == []
    with pytest.raises(ValueError, match="has a clip"):
        await storage.jobs.finish(job.id, [])
    clips = await storage.jobs.finish(job.id, [whole, await written(storage, title="b\0c")])
    assert clips == await storage.clips.of_job(job.id)
    assert [(clip.number, clip.title) for clip in clips] == [(1, "Rain"), (2, "bc")]


async def test_what_ran_when_the_process_died_waits_again(storage: Storage) -> None:
    waiting = await storage.jobs.accept(asked())
    ran, ended = await running(storage), await made(storage)
    again = await storage.jobs.requeue_running(3, "Given up.")
    assert [(job.id, job.status, job.started) for job in again] == [(ran.id, JobState.QUEUED, None)]
    assert await state(storage, waiting.id) is JobState.QUEUED
    assert await state(storage, ended.job_id) is JobState.DONE
    claimed = await storage.jobs.claim(ran.id)
    assert claimed is not None
    assert claimed.attempts == 2


async def test_a_job_that_ends_every_process_is_given_up(storage: Storage) -> None:
    job = await running(storage)
    assert len(await storage.jobs.requeue_running(2, "Given up.")) == 1
    await storage.jobs.claim(job.id)
    assert await storage.jobs.requeue_running(2, "Given up.") == []
    ended = await storage.jobs.get(job.id)
    assert ended is not None
    assert (ended.status, ended.error) == (JobState.FAILED, "Given up.")
    assert ended.ended is not None


async def test_clips_are_delivered_once(storage: Storage) -> None:
    job = await running(storage)
    assert not await storage.jobs.mark_delivered(job.id, Delivered.CHANNEL, 7)
    await storage.jobs.finish(job.id, [await written(storage)])
    assert [found.id for found in await storage.jobs.undelivered()] == [job.id]
    marked = await asyncio.gather(
        *(storage.jobs.mark_delivered(job.id, Delivered.DM, number) for number in range(4))
    )
    assert sorted(marked) == [False, False, False, True]
    found = await storage.jobs.get(job.id)
    assert found is not None
    assert (found.delivered, found.result_message_id) == (Delivered.DM, marked.index(True))
    assert await storage.jobs.undelivered() == []


async def test_every_job_has_a_nonce_of_its_own_that_discord_takes(storage: Storage) -> None:
    nonces = {(await storage.jobs.accept(asked())).nonce for _ in range(5)}
    assert len(nonces) == 5
    assert {len(nonce) for nonce in nonces} == {25}


async def test_the_status_message_is_remembered(storage: Storage) -> None:
    job = await storage.jobs.accept(asked())
    assert await storage.jobs.set_status_message(job.id, CHANNEL)
    found = await storage.jobs.get(job.id)
    assert found is not None
    assert found.status_message_id == CHANNEL
    assert not await storage.jobs.set_status_message("0" * 32, CHANNEL)


async def test_a_job_whose_audio_is_not_there_is_not_accepted(storage: Storage) -> None:
    with pytest.raises(StorageUnavailable, match="is gone"):
        await storage.jobs.accept(asked(audio_file=StoredFile("0" * 32 + ".wav", "", 0).name))
    clip = await made(storage)
    await storage.clips.delete(clip.id, clip.person_id)
    for parent in (clip.id, "0" * 32):
        with pytest.raises(InvalidRequest, match="has been deleted"):
            await storage.jobs.accept(asked(parent_id=parent))
    assert await storage.jobs.open() == []


async def test_a_call_that_is_cancelled_comes_to_its_end_first(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever leaves a lock behind is noticed at once.
    monkeypatch.setattr(database, "BUSY_MS", 1000)
    for accepted in range(1, 21):
        accepting = asyncio.create_task(storage.jobs.accept(asked()))
        await asyncio.sleep(accepted / 1000 - 0.001)  # at least it has begun
        for _ in range(3):
            accepting.cancel()
            await asyncio.sleep(0)
        await asyncio.wait({accepting})
        assert len(await storage.jobs.open()) == accepted
    job, *_ = await storage.jobs.open()
    assert await storage.jobs.claim(job.id)
    assert await storage.jobs.finish(job.id, [await written(storage)])


async def test_calls_that_read_before_they_write_wait_for_each_other(storage: Storage) -> None:
    parent = await made(storage)
    calls = [storage.jobs.accept(asked(parent_id=parent.id)) for _ in range(8)]
    assert len({job.id for job in await asyncio.gather(*calls)}) == 8


async def test_what_was_posted_and_never_listened_to_is_found(
    storage: Storage, clock: FakeClock
) -> None:
    began = clock.now
    rain, sun, snow = [await made(storage, title) for title in ("Rain", "Sun", "Snow")]
    places = (Delivered.CHANNEL, Delivered.DM, Delivered.INTERACTION)
    for number, (clip, where) in enumerate(zip((rain, sun, snow), places, strict=True)):
        await storage.jobs.mark_delivered(clip.job_id, where, 10 + number)
    assert {job.id for job in await storage.jobs.unheard(began, 5)} == {rain.job_id, sun.job_id}
    assert len(await storage.jobs.unheard(began, 1)) == 1
    await storage.clips.note_heard(rain.id, None, "A minor")
    assert [job.id for job in await storage.jobs.unheard(began, 5)] == [sun.job_id]
    clock.forward(hours=1)
    assert await storage.jobs.unheard(clock.now, 5) == []
    await storage.clips.delete(sun.id, sun.person_id)
    assert await storage.jobs.unheard(began, 5) == []
