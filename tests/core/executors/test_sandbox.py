"""Files that nobody vouches for: what is read, what is refused, and what a bad one costs."""

from __future__ import annotations

import asyncio
import io
import signal
import struct

import numpy as np
import psutil
import pytest
import pytest_asyncio
import soundfile

from musicgen_core.errors import InvalidRequest
from musicgen_core.executors.sandbox import AudioSandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")
RATE = 32_000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)
NOT_AUDIO = r"^This file is not audio I can read; send WAV, FLAC, OGG, MP3 or AIFF\.$"


def encoded(samples=TONE, rate=RATE, file_format="WAV", subtype=None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=file_format, subtype=subtype)
    return buffer.getvalue()


def patched(data: bytes, offset: int, layout: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, offset, value)
    return bytes(changed)


def with_value(value: float) -> bytes:
    samples = TONE.copy()
    samples[100] = value
    return encoded(samples, subtype="FLOAT")


def silence(file_format: str, minutes: int) -> bytes:
    """Much of nothing in a few kilobytes."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", RATE, 1, format=file_format) as file:
        minute = np.zeros(60 * RATE, np.int16)
        for _ in range(minutes):
            file.write(minute)
    return buffer.getvalue()


def noise(start: bytes) -> bytes:
    return start + np.random.default_rng(0).bytes(20_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox():
    sandbox = AudioSandbox()
    yield sandbox
    await sandbox.close()


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
async def test_every_accepted_format_is_read(sandbox, file_format: str) -> None:
    prompt = await sandbox.read(encoded(file_format=file_format), 60)
    assert prompt.sample_rate == RATE
    assert prompt.samples.shape[0] == 1
    assert abs(prompt.seconds - 1) < 0.1
    assert 0.4 < np.abs(prompt.samples).max() < 0.6


async def test_samples_cross_unchanged_and_only_the_first_two_channels(sandbox) -> None:
    channels = np.random.default_rng(2).uniform(-1, 1, (4800, 6)).astype(np.float32)
    prompt = await sandbox.read(encoded(channels, 48_000, subtype="FLOAT"), 60)
    assert np.array_equal(prompt.samples, channels[:, :2].T)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
async def test_of_a_truncated_wav_what_there_is_is_taken(sandbox, kept: float) -> None:
    data = encoded()
    prompt = await sandbox.read(data[: int(kept * len(data))], 60)
    assert abs(prompt.seconds - kept) < 0.01


async def test_a_header_that_promises_more_than_there_is_is_not_believed(sandbox) -> None:
    lying = patched(patched(encoded(), 4, "<I", 2**32 - 1), 40, "<I", 2**32 - 16)
    prompt = await sandbox.read(lying, 60)
    assert prompt.samples.shape == (1, RATE)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", r"^The file is empty \(0 bytes\)", id="empty"),
        pytest.param(b"These are the lyrics.\n" * 99, NOT_AUDIO, id="text"),
        pytest.param(noise(b"\0\0\0\x20ftypisom\0\0\2\0isomavc1mp41"), NOT_AUDIO, id="video"),
        pytest.param(noise(b"PK\3\4"), NOT_AUDIO, id="archive"),
        pytest.param(noise(b"ID3\4\0\0\0\0\0\0"), NOT_AUDIO, id="only the tag of an MP3"),
        pytest.param(bytes(20_000), NOT_AUDIO, id="zeros"),
        pytest.param(encoded()[:20], NOT_AUDIO, id="part of a header"),
        pytest.param(encoded()[:44], "holds no sound", id="header alone"),
        pytest.param(encoded(file_format="FLAC")[:7000], "is damaged", id="half a FLAC"),
        pytest.param(encoded(TONE * 0), "is silent", id="silent"),
        pytest.param(with_value(np.nan), "not numbers", id="not a number"),
        pytest.param(with_value(np.inf), "not numbers", id="infinite"),
        pytest.param(patched(encoded(), 24, "<I", 3999), "4000 to 192000", id="rate too low"),
        pytest.param(patched(encoded(), 24, "<I", 2**31 - 1), "4000 to", id="rate absurd"),
        pytest.param(encoded(np.ones((99, 9)) / 2), "9 channels", id="too many channels"),
        pytest.param(encoded(np.tile(TONE, 3)), "longer than 2 s", id="too long"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_the_reason(sandbox, data, sentence) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        await sandbox.read(data, 2.0)


@pytest.mark.parametrize("file_format", ["FLAC", "OGG"])
async def test_a_small_file_of_too_many_minutes_is_refused(sandbox, file_format: str) -> None:
    bomb = silence(file_format, minutes=2)
    assert len(bomb) < 20_000
    with pytest.raises(InvalidRequest, match="longer than 60 s"):
        await sandbox.read(bomb, 60)


async def test_refusals_leave_the_process_in_place(sandbox) -> None:
    await sandbox.read(encoded(), 60)
    before = sandbox.pid
    for data in (b"nothing", encoded(TONE * 0)):
        with pytest.raises(InvalidRequest):
            await sandbox.read(data, 60)
    assert sandbox.pid == before


async def test_a_file_larger_than_the_limit_is_not_even_looked_at() -> None:
    sandbox = AudioSandbox(max_bytes=1 << 20)
    with pytest.raises(InvalidRequest, match="larger than 1 MB"):
        await sandbox.read(bytes((1 << 20) + 1), 60)
    assert sandbox.pid is None


async def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read() -> None:
    sandbox = AudioSandbox(memory=64 << 20)
    with pytest.raises(InvalidRequest, match="too much memory"):
        await sandbox.read(silence("FLAC", minutes=10), 3600)  # 77 MB of float32
    assert (await sandbox.read(encoded(), 60)).seconds == 1
    await sandbox.close()


async def test_ten_minutes_of_stereo_fit_into_the_usual_limits(sandbox) -> None:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", 48_000, 2, format="FLAC") as file:
        second = np.tile(TONE[:24_000, None], (2, 2))
        for _ in range(600):
            file.write(second)
    prompt = await sandbox.read(buffer.getvalue(), 601)
    assert round(prompt.seconds) == 600
    assert prompt.samples.shape[0] == 2


async def test_a_decoder_that_hangs_is_killed_and_replaced() -> None:
    sandbox = AudioSandbox(timeout=1.0)
    await sandbox.read(encoded(), 60)
    hung = psutil.Process(sandbox.pid)
    hung.suspend()
    with pytest.raises(InvalidRequest, match="takes more than 1 s"):
        await sandbox.read(encoded(), 60)
    assert (await sandbox.read(encoded(), 60)).seconds == 1
    assert sandbox.pid != hung.pid
    assert not hung.is_running()
    await sandbox.close()


async def test_a_decoder_that_crashes_costs_one_file() -> None:
    sandbox = AudioSandbox()
    await sandbox.read(encoded(), 60)
    crashing = psutil.Process(sandbox.pid)
    crashing.suspend()
    reading = asyncio.create_task(sandbox.read(encoded(), 60))
    await asyncio.sleep(0.1)
    crashing.send_signal(signal.SIGSEGV)
    crashing.resume()
    with pytest.raises(InvalidRequest, match=r"cannot be decoded; send WAV"):
        await reading
    assert (await sandbox.read(encoded(), 60)).seconds == 1
    await sandbox.close()


async def test_a_cancelled_read_does_not_answer_the_next_one(sandbox) -> None:
    await sandbox.read(encoded(), 60)
    reading = asyncio.create_task(sandbox.read(encoded(np.tile(TONE, 5)), 60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await sandbox.read(encoded(), 60)).seconds == 1


async def test_the_process_is_small_and_limited(sandbox) -> None:
    await sandbox.read(encoded(), 60)
    process = psutil.Process(sandbox.pid)
    assert process.rlimit(psutil.RLIMIT_CORE)[0] == 0
    assert 5 < process.rlimit(psutil.RLIMIT_CPU)[0] < 60
    assert process.rlimit(psutil.RLIMIT_AS)[0] - process.memory_info().vms < 700 << 20
    libraries = " ".join(mapping.path for mapping in process.memory_maps())
    assert "libsndfile" in libraries
    assert not any(name in libraries for name in ("mindspore", "scipy", "openvino"))


async def test_closing_ends_the_process() -> None:
    sandbox = AudioSandbox()
    await sandbox.read(encoded(), 60)
    process = psutil.Process(sandbox.pid)
    await sandbox.close()
    assert not process.is_running()
