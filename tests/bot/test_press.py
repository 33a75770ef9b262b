"""The press: what comes out of it, and what becomes of a clip when its process fails."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import numpy as np
import psutil
import pytest
import pytest_asyncio

from bot import pressing
from bot.press import Press
from bot.pressing import Print, present
from musicgen_core import audio
from musicgen_core.errors import BackendError, WorkerLost
from musicgen_core.requests import Clip, Provenance, SamplingParams

pytestmark = pytest.mark.asyncio(loop_scope="module")
RATE = 32_000
MUCH = 10 << 20


def a_clip(seconds: float = 3.0) -> Clip:
    at = np.arange(round(seconds * RATE)) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * hertz * at) for hertz in (220, 261.63, 329.63))
    made = Provenance("m", "e", "fp32", "雨中的钢琴", seconds, 7, SamplingParams())
    return Clip(np.asarray(chord, np.float32)[None], RATE, made, new_from=RATE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press():
    async with Press() as press:
        yield press


async def test_a_clip_comes_with_file_card_and_words_and_the_loop_goes_on(press) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    counting = asyncio.create_task(count())
    made = await press.present(a_clip(), preferred="WAV", limit=MUCH, say="zh-CN")
    counting.cancel()
    assert turns > 10
    assert made.sound.file_format == "WAV"
    assert audio.read(io.BytesIO(made.sound.data))[1] == RATE
    assert Provenance.of_file(made.sound.data) == a_clip().provenance
    assert made.card.startswith(b"\x89PNG")
    assert made.heard.key == "A minor"
    assert made.alt_text.startswith("《雨中的钢琴》的波形和频谱图：3 秒")


async def test_the_process_is_nice_and_stays(press) -> None:
    await press.encode(a_clip(), preferred="FLAC", limit=MUCH)
    pid = press.pid
    sound = await press.encode(a_clip(), preferred="WAV", limit=150_000)
    assert sound.file_format == "FLAC"
    assert await press.encode(a_clip(), preferred="WAV", limit=10) is None
    assert press.pid == pid
    assert psutil.Process(pid).nice() >= 5


async def test_a_process_that_died_is_replaced(press) -> None:
    await press.encode(a_clip(), preferred="WAV", limit=MUCH)
    before = psutil.Process(press.pid)
    before.kill()
    sound = await press.encode(a_clip(), preferred="WAV", limit=MUCH)
    assert sound.file_format == "WAV"
    assert press.pid != before.pid


async def test_a_clip_that_the_process_hangs_at_comes_without_its_card(caplog) -> None:
    async with Press(timeout=60) as press:
        await press.encode(a_clip(), preferred="WAV", limit=MUCH)
        hung = psutil.Process(press.pid)
        hung.suspend()
        presenting = asyncio.create_task(
            press.present(a_clip(), preferred="WAV", limit=MUCH, say="en-US")
        )
        await asyncio.sleep(0)  # the order is on its way
        hung.kill()
        made = await presenting
    assert made.sound is not None
    assert (made.card, made.alt_text) == (None, "")
    assert "without its card" in caplog.text


async def test_closing_ends_the_process() -> None:
    async with Press() as press:
        await press.encode(a_clip(), preferred="WAV", limit=MUCH)
        process = psutil.Process(press.pid)
    assert not process.is_running()


async def test_a_clip_that_cannot_be_encoded_is_ours_to_mend(press) -> None:
    broken = replace(a_clip(), sample_rate=-1)
    with pytest.raises(BackendError, match="cannot be encoded"):
        await press.encode(broken, preferred="WAV", limit=MUCH)


async def test_two_deaths_in_a_row_are_told() -> None:
    with pytest.raises(WorkerLost, match="more than 0 s"):
        await Press(timeout=0.0).present(a_clip(), preferred="WAV", limit=MUCH, say="en-US")


async def test_a_card_that_fails_costs_the_card_alone(monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no ink")

    monkeypatch.setattr(pressing, "_with_card", fail)
    made = present(Print(a_clip(), "WAV", MUCH))
    assert made.sound.file_format == "WAV"
    assert made.card is None
    assert "no ink" in caplog.text
