"""Jobs that outlive the process: accepted once, ended once, whatever dies in between."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_core import FakeCore, sine
from migrated import lay_out

from musicgen_core.commission import Commission
from musicgen_core.errors import (
    InvalidRequest,
    JobCancelled,
    QueueFull,
    ShareUsed,
    StorageUnavailable,
)
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.executors.sandbox import AudioSandbox
from musicgen_core.jobs import JobState
from musicgen_core.requests import GenerationRequest
from musicgen_core.service import MusicService
from musicgen_core.storage import ClipRecord, Delivered, NewJob, Storage
from musicgen_core.workshop import GIVEN_UP, MOST_STARTS, Limits, Workshop

ADA, BO, SERVER = 1, 2, 7
RAIN = NewJob(person_id=ADA, server_id=SERVER, prompt="rain", seconds=1, seed=5)
SLOW = FakeCore(frames_per_second=100)


@asynccontextmanager
async def process(
    folder: Path, core: FakeCore | None = None, *, grace: float = 0.0, **options: object
) -> AsyncIterator[Workshop]:
    """A start of the bot: all that lives as long as its process."""
    service = MusicService(InlineExecutor(lambda: core or FakeCore()), AudioSandbox(), max_queue=10)
    await lay_out(address := f"sqlite:///{folder}/mindjam.db")
    async with Storage(address, folder / "clips") as storage, service:
        workshop = Workshop(service, storage, **options)
        try:
            yield workshop
        finally:
            await workshop.close(grace)


async def end_of(workshop: Workshop, job_id: str) -> Commission:
    async for commission in workshop.watch(job_id):
        last = commission
    return last


async def begun(workshop: Workshop, job_id: str) -> None:
    async for commission in workshop.watch(job_id):
        if commission.share:
            return


async def samples_of(workshop: Workshop, clip: ClipRecord) -> np.ndarray:
    data = await workshop.source.wav(clip)
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0].T


def wav(seconds: float) -> bytes:
    buffer = io.BytesIO()
    wave = 0.3 * np.sin(np.arange(int(seconds * 32000)) / 20)
    soundfile.write(buffer, wave, 32000, format="WAV")
    return buffer.getvalue()


async def test_what_is_accepted_is_made_kept_and_recorded(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        record = await workshop.accept(RAIN)
        last = await end_of(workshop, record.id)
        assert last.state is JobState.DONE
        (clip,) = last.clips
        wanted = sine(GenerationRequest(prompt="rain", seconds=1, seed=5))
        assert np.abs(await samples_of(workshop, clip) - wanted).max() < 2 / 32768
        assert (clip.person_id, clip.title, clip.seconds) == (ADA, "rain", 1.0)
        stored = await workshop.storage.jobs.get(record.id)
        assert stored.status is JobState.DONE
        assert stored.attempts == 1


async def test_it_gets_on_for_those_who_watch(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(RAIN)
        seen = [commission async for commission in workshop.watch(record.id)]
    shares = [c.share for c in seen if c.state is JobState.RUNNING and c.share is not None]
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert seen[0].state is JobState.QUEUED
    assert [c.state.ended for c in seen] == [False] * (len(seen) - 1) + [True]


async def test_variations_are_one_job_with_a_seed_each(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        last = await end_of(workshop, (await workshop.accept(replace(RAIN, variations=3))).id)
        assert [made.provenance.seed for made in last.made] == [5, 6, 7]
        assert [clip.number for clip in last.clips] == [1, 2, 3]
        sounds = [await samples_of(workshop, clip) for clip in last.clips]
        assert not np.array_equal(sounds[0], sounds[1])


async def test_a_job_that_names_no_seed_gets_one_that_stays(tmp_path: Path) -> None:
    async with process(tmp_path, draw=lambda: 77) as workshop:
        record = await workshop.accept(replace(RAIN, seed=None))
        assert record.seed == 77
        assert (await end_of(workshop, record.id)).made[0].provenance.seed == 77


async def test_musical_wishes_are_worded_for_the_model(tmp_path: Path) -> None:
    wish = replace(RAIN, style="jazz", tempo=92.0, key="D minor")
    async with process(tmp_path) as workshop:
        (made,) = (await end_of(workshop, (await workshop.accept(wish)).id)).made
    words = "rain, jazz with upright bass, piano and brushes, 92 bpm, in D minor"
    assert made.provenance.prompt == words


async def test_what_was_not_done_when_the_process_ended_is_done_by_the_next(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        running = await workshop.accept(replace(RAIN, seconds=5))
        waiting = await workshop.accept(replace(RAIN, prompt="sun"))
        await begun(workshop, running.id)
    async with process(tmp_path) as workshop:
        assert {r.id for r in await workshop.resume()} == {running.id, waiting.id}
        for record in (running, waiting):
            last = await end_of(workshop, record.id)
            assert last.state is JobState.DONE
            assert last.made[0].provenance.seed == 5
        assert (await workshop.storage.jobs.get(running.id)).attempts == 2


async def test_a_grace_lets_what_runs_end(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW, grace=20) as workshop:
        record = await workshop.accept(RAIN)
        await begun(workshop, record.id)
    async with process(tmp_path) as workshop:
        assert (await workshop.storage.jobs.get(record.id)).status is JobState.DONE


async def test_an_attached_file_is_heard_again_after_a_restart(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(RAIN, wav(0.5))
    async with process(tmp_path) as workshop:
        await workshop.resume()
        (made,) = (await end_of(workshop, record.id)).made
    assert made.new_from == 16000
    assert made.seconds == 1.5


async def test_a_job_that_ends_every_process_is_given_up(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(replace(RAIN, seconds=20))
        await begun(workshop, record.id)
    for _ in range(MOST_STARTS - 1):
        async with process(tmp_path, SLOW) as workshop:
            assert [r.id for r in await workshop.resume()] == [record.id]
            await begun(workshop, record.id)
    async with process(tmp_path) as workshop:
        assert [r.id for r in await workshop.resume()] == [record.id], "to be told"
        last = await end_of(workshop, record.id)
    assert (last.state, str(last.error)) == (JobState.FAILED, str(GIVEN_UP))


async def test_what_is_done_but_not_delivered_is_handed_to_the_next_process(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        record = await workshop.accept(RAIN)
        await end_of(workshop, record.id)
    async with process(tmp_path) as workshop:
        assert [r.id for r in await workshop.resume()] == [record.id]


async def test_a_cancelled_job_ends_at_once_and_stays_cancelled(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(replace(RAIN, seconds=20, variations=2))
        await begun(workshop, record.id)
        assert await workshop.cancel(record.id)
        last = await end_of(workshop, record.id)
        assert last.state is JobState.CANCELLED
        assert isinstance(last.error, JobCancelled)
        assert not await workshop.cancel(record.id)
    async with process(tmp_path) as workshop:
        assert [r.status for r in await workshop.resume()] == [JobState.CANCELLED], "to be told"
        await workshop.storage.jobs.mark_delivered(record.id, Delivered.TOLD)
        assert await workshop.resume() == []


async def test_a_clip_is_continued_from_any_second_bit_for_bit(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        first = await end_of(workshop, (await workshop.accept(RAIN)).id)
        (parent,) = first.clips
        more = replace(RAIN, prompt="more", parent_id=parent.id, from_second=0.5)
        last = await end_of(workshop, (await workshop.accept(more)).id)
        (made,), (clip,) = last.made, last.clips
        assert made.new_from == 16000
        before = await samples_of(workshop, parent)
        assert np.array_equal(made.samples[:, :16000], before[:, :16000])
        assert (clip.parent_id, clip.from_second) == (parent.id, 0.5)
        with pytest.raises(InvalidRequest, match="cannot be continued from 9 s"):
            await workshop.accept(replace(more, from_second=9.0))


async def test_a_deleted_clip_is_not_continued(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        (parent,) = (await end_of(workshop, (await workshop.accept(RAIN)).id)).clips
        await workshop.storage.clips.delete(parent.id, ADA)
        with pytest.raises(InvalidRequest, match="has been deleted"):
            await workshop.accept(replace(RAIN, parent_id=parent.id))


async def test_nobody_has_more_on_their_way_than_their_share(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW, limits=Limits(per_person=2, per_server=3)) as workshop:
        wishes = [replace(RAIN, seconds=20)] * 3
        found = await asyncio.gather(*map(workshop.accept, wishes), return_exceptions=True)
        (refused,) = [f for f in found if isinstance(f, ShareUsed)]
        assert (refused.whose, refused.count) == ("person", 2)
        await workshop.accept(replace(RAIN, person_id=BO, seconds=20))
        with pytest.raises(ShareUsed) as caught:
            await workshop.accept(replace(RAIN, person_id=BO, seconds=20))
        assert (caught.value.whose, caught.value.count) == ("server", 3)
        await workshop.accept(replace(RAIN, person_id=BO, server_id=8, seconds=20))


async def test_sound_that_waits_to_be_continued_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicgen_core.workshop.MOST_SOUND", 6 * 32000)
    song = io.BytesIO()
    soundfile.write(song, sine(GenerationRequest(seconds=1))[0], 32000, format="FLAC")
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(replace(RAIN, seconds=20), song.getvalue())
        with pytest.raises(QueueFull):
            await workshop.accept(RAIN, song.getvalue())
        await workshop.accept(RAIN)
        await workshop.cancel(record.id)
        await end_of(workshop, record.id)
        await workshop.accept(RAIN, song.getvalue())


async def test_a_pause_refuses_what_is_new_and_goes_on_with_the_rest(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(RAIN)
        workshop.paused = True
        with pytest.raises(InvalidRequest, match="nothing new"):
            await workshop.accept(RAIN)
        assert (await end_of(workshop, record.id)).state is JobState.DONE


async def test_a_model_that_refuses_ends_the_job_with_its_sentence(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        record = await workshop.accept(replace(RAIN, prompt="refuse"))
        last = await end_of(workshop, record.id)
        assert last.state is JobState.FAILED
        assert str(last.error) == "The fake core refuses this prompt."
        assert (await workshop.storage.jobs.get(record.id)).error == str(last.error)


async def test_a_disk_that_is_full_does_not_cost_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(tmp_path) as workshop:

        async def full(*_: object) -> None:
            raise StorageUnavailable("The disk is full.")

        monkeypatch.setattr(workshop.storage.files, "write", full)
        last = await end_of(workshop, (await workshop.accept(RAIN)).id)
        assert last.state is JobState.DONE
        assert last.clips == ()
        assert last.made[0].seconds == 1.0


async def test_a_bug_ends_the_job_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with process(tmp_path) as workshop:

        async def bug(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(workshop.service, "submit", bug)
        record = await workshop.accept(RAIN)
        assert (await end_of(workshop, record.id)).state is JobState.FAILED
        assert workshop.on_its_way() == []


async def test_the_workshop_tells_when_nothing_is_on_its_way_any_more(tmp_path: Path) -> None:
    async with process(tmp_path) as workshop:
        assert await workshop.emptied()
        records = [await workshop.accept(RAIN) for _ in range(2)]
        assert await workshop.emptied()
        assert workshop.on_its_way() == []
        stored = [await workshop.storage.jobs.get(record.id) for record in records]
        assert [record.status for record in stored] == [JobState.DONE] * 2


async def test_a_workshop_that_is_closed_was_not_emptied(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        record = await workshop.accept(replace(RAIN, seconds=20))
        await begun(workshop, record.id)
        waiting = asyncio.create_task(workshop.emptied())
        await asyncio.sleep(0)
    assert await waiting is False


async def test_limits_may_be_replaced_while_jobs_are_on_their_way(tmp_path: Path) -> None:
    async with process(tmp_path, SLOW) as workshop:
        await workshop.accept(replace(RAIN, seconds=20))
        workshop.limits = Limits(per_person=1)
        with pytest.raises(ShareUsed):
            await workshop.accept(RAIN)
