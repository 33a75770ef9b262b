"""What every executor promises, held by both."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np
import pytest
import pytest_asyncio
from fake_core import FakeCore, sine

from musicgen_core.errors import BackendError, InvalidRequest, ModelUnavailable, WorkerLost
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.requests import AudioPrompt, GenerationRequest, Progress

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXECUTORS = [InlineExecutor, ProcessExecutor]


def no_model() -> FakeCore:
    raise ModelUnavailable("model.safetensors is truncated; download it again.")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=EXECUTORS)
async def executor(request):
    executor = request.param(partial(FakeCore, frames_per_second=500, channels=2))
    await executor.start()
    yield executor
    await executor.close()


def ignore(_: Progress) -> None:
    pass


async def make_a_short_one(executor) -> None:
    clip = await executor.generate(GenerationRequest(seconds=0.1), ignore)
    assert clip.seconds == pytest.approx(0.1)


async def test_clips_made_at_once_come_back_bit_for_bit(executor) -> None:
    requests = [
        GenerationRequest("rain", seconds=0.2),
        GenerationRequest("sun", seconds=0.5, seed=3),
    ]
    clips = await asyncio.gather(*(executor.generate(r, ignore) for r in requests))
    for request, clip in zip(requests, clips, strict=True):
        assert np.array_equal(clip.samples, sine(request, channels=2))
        assert clip.provenance.prompt == request.prompt


async def test_an_audio_prompt_arrives_whole(executor) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (2, 32_000)).astype(np.float32)
    request = GenerationRequest("go on", seconds=0.1, audio=AudioPrompt(samples, 32_000))
    clip = await executor.generate(request, ignore)
    assert clip.new_from == 32_000
    assert np.array_equal(clip.samples[:, :32_000], samples)


async def test_progress_rises_and_its_last_report_is_complete(executor) -> None:
    seen: list[Progress] = []
    await executor.generate(GenerationRequest("rain", seconds=5), seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(set(done))
    assert len(done) >= 3
    assert seen[-1] == Progress(250, 250)


async def test_cancelling_stops_within_a_step_and_keeps_the_worker(executor) -> None:
    moving = asyncio.Event()
    worker = getattr(executor, "pid", None)
    long = GenerationRequest("long", seconds=3600)
    task = asyncio.create_task(executor.generate(long, lambda _: moving.set()))
    await moving.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=5)  # of the hour that the clip would take
    assert task.cancelled()
    await make_a_short_one(executor)
    assert getattr(executor, "pid", None) == worker


async def test_cancelling_before_the_batch_has_begun_keeps_the_worker(executor) -> None:
    worker = getattr(executor, "pid", None)
    task = asyncio.create_task(executor.generate(GenerationRequest(seconds=3600), ignore))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    await make_a_short_one(executor)
    assert getattr(executor, "pid", None) == worker


@pytest.mark.parametrize(
    ("prompt", "error", "text"),
    [
        ("refuse", InvalidRequest, "The fake core refuses this prompt."),
        ("lost", WorkerLost, "The fake worker is gone."),
        ("boom", BackendError, "Making the clip failed (ValueError)."),
    ],
)
async def test_errors_keep_their_kind_and_their_text(executor, prompt, error, text) -> None:
    with pytest.raises(error) as caught:
        await executor.generate(GenerationRequest(prompt, seconds=0.1), ignore)
    assert type(caught.value) is error
    assert str(caught.value) == text
    await make_a_short_one(executor)


@pytest.mark.parametrize("kind", EXECUTORS)
async def test_a_model_that_cannot_be_loaded_says_why_at_the_start(kind) -> None:
    executor = kind(no_model)
    with pytest.raises(ModelUnavailable, match=r"^model\.safetensors is truncated; download it"):
        await executor.start()
    await executor.close()


@pytest.mark.parametrize("kind", EXECUTORS)
async def test_a_closed_executor_refuses_work(kind) -> None:
    executor = kind(FakeCore)
    await executor.close()
    with pytest.raises(BackendError, match="closed"):
        await executor.generate(GenerationRequest(seconds=0.1), ignore)


async def test_a_clip_joins_while_another_is_made_and_is_done_before_it(executor) -> None:
    moving = asyncio.Event()
    long = GenerationRequest("long", seconds=3600)
    task = asyncio.create_task(executor.generate(long, lambda _: moving.set()))
    await moving.wait()
    clip = await executor.generate(GenerationRequest("short", seconds=0.1), ignore)
    assert clip.seconds == pytest.approx(0.1)
    assert not task.done()
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()


async def test_what_breaks_a_step_is_told_to_all_whose_clips_were_in_it(executor) -> None:
    asked = [GenerationRequest(prompt, seconds=0.5) for prompt in ("refuse", "bystander")]
    ends = await asyncio.gather(
        *(executor.generate(request, ignore) for request in asked), return_exceptions=True
    )
    assert [type(end) for end in ends] == [BackendError, BackendError]
    await make_a_short_one(executor)
