"""The press: what comes out of it, and what becomes of a clip when its process fails."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio

from bot import pressing
from bot.press import Press
from bot.pressing import Presentation, Print, present
from musicgen_core.requests import Clip, Provenance, SamplingParams

pytestmark = pytest.mark.asyncio(loop_scope="module")
RATE = 32_000
PATIENCE = 30.0


def a_clip(seconds: float = 3.0) -> Clip:
    at = np.arange(round(seconds * RATE)) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * hertz * at) for hertz in (220, 261.63, 329.63))
    made = Provenance("m", "e", "fp32", "雨中的钢琴", seconds, 7, SamplingParams())
    return Clip(np.asarray(chord, np.float32)[None], RATE, made, new_from=RATE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press():
    async with Press() as press:
        yield press


async def test_a_clip_has_a_card_and_words_and_the_loop_goes_on(press) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    counting = asyncio.create_task(count())
    made = await press.present(a_clip(), say="zh-CN")
    counting.cancel()
    assert turns > 10
    assert made.card.startswith(b"\x89PNG")
    assert made.heard.key == "A minor"
    assert made.alt_text.startswith("《雨中的钢琴》的波形和频谱图：3 秒")


async def test_the_process_makes_way_and_stays(press) -> None:
    await press.present(a_clip(1), say="en-US")
    pid = press.pid
    named = await press.present(a_clip(1), say="en-US", title="Our song")
    assert "Our song" in named.alt_text
    assert press.pid == pid
    assert psutil.Process(pid).nice() >= 10


async def test_a_process_that_died_is_replaced(press) -> None:
    await press.present(a_clip(1), say="en-US")
    before = psutil.Process(press.pid)
    before.kill()
    before.wait()
    made = [await press.present(a_clip(1), say="en-US") for _ in range(2)]
    assert made[-1].card is not None
    assert press.pid != before.pid


async def test_a_clip_that_the_process_hangs_at_has_no_card(caplog) -> None:
    async with Press(timeout=120) as press:
        await press.present(a_clip(1), say="en-US")
        hung = psutil.Process(press.pid)
        hung.suspend()
        presenting = asyncio.create_task(press.present(a_clip(), say="en-US"))
        await asyncio.sleep(0)  # the order is on its way
        hung.kill()
        assert await presenting == Presentation()
        assert "A clip has no card" in caplog.text
        assert (await press.present(a_clip(1), say="en-US")).card is not None


async def test_closing_ends_the_process() -> None:
    async with Press() as press:
        await press.present(a_clip(1), say="en-US")
        process = psutil.Process(press.pid)
    assert not process.is_running()


async def test_a_press_that_takes_too_long_costs_the_card_alone(caplog) -> None:
    assert await Press(timeout=0.0).present(a_clip(), say="en-US") == Presentation()
    assert "more than 0 s" in caplog.text


async def test_a_card_that_fails_costs_the_card_alone(monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no ink")

    monkeypatch.setattr(pressing, "_with_card", fail)
    assert present(Print(a_clip(), "en-US")) == Presentation()
    assert "no ink" in caplog.text


HANGING = """
import threading, time
from multiprocessing import Pipe
from bot import pressing
from musicgen_core.executors.pipes import send

pressing.present = lambda order: time.sleep(600)
(orders, bot), (heard, reports) = Pipe(duplex=False), Pipe(duplex=False)
send(bot, "a clip")
threading.Timer(0.5, bot.close).start()  # as if the bot were gone
pressing.serve(orders, reports, 30)
"""


async def test_a_press_leaves_soon_after_its_bot_whatever_it_is_at() -> None:
    press = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HANGING, cwd=Path(__file__).parents[2]
    )
    assert await asyncio.wait_for(press.wait(), PATIENCE) == -signal.SIGALRM
