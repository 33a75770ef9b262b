"""All of mindjam in a real browser: the room, the real bot, its worker, the built-in model."""

import hashlib
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.async_api import Page, expect
from stage import on_stage
from test_room import DIGEST, PLAYED, type_command
from visits import OpenPage

from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.musicgen import MusicGen

pytestmark = pytest.mark.models
LOADING_MS = 120_000


def hum(path: Path) -> None:
    time = np.arange(44_100) / 44_100
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * 220 * time), 44_100)


async def test_a_person_types_compose_with_a_clip_and_plays_what_the_bot_posts(
    browser_page: OpenPage, choose_file: Callable[[Page, Path], None], tmp_path: Path
) -> None:
    hum(tmp_path / "hum.wav")
    executor = ProcessExecutor(partial(MusicGen.load, "builtin"))
    async with on_stage(executor=executor, edit_interval=0.2) as stage:
        page = await browser_page(stage.discord.room_url)
        choose_file(page, tmp_path / "hum.wav")
        await type_command(page, "/comp")
        await page.keyboard.press("Tab")
        await page.keyboard.type("80s pop track with bassy drums and synth")
        await page.keyboard.press("Tab")
        await page.keyboard.type("5")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".option .file-name")).to_have_text("hum.wav")
        await page.keyboard.press("Enter")

        status = page.locator(".message", has_text="80s pop track").first
        await expect(status).to_contain_text("continuing", timeout=10_000)
        await expect(status).to_contain_text("5 s", timeout=10_000)
        await expect(page.locator("audio")).to_have_count(1, timeout=LOADING_MS)
        await expect(status).to_contain_text("Done.")
        moved = {edit for edit in stage.status_edits() if "%" in edit}

        audio = page.locator("audio").last
        uploads = [upload.content for r in stage.discord.requests for upload in r.files]
        assert len(uploads) == 1
        assert await audio.evaluate(DIGEST) == hashlib.sha256(uploads[0]).hexdigest()
        await audio.evaluate("audio => audio.play()")
        await page.wait_for_function(PLAYED)
        assert await audio.evaluate("audio => audio.duration") == pytest.approx(6.0, abs=0.01)
    assert len(moved) >= 3, "progress was seen to move"
    samples, rate = soundfile.read(io.BytesIO(uploads[0]), dtype="float32")
    assert rate == 32_000
    assert len(samples) == 32_000 + 250 * 640
    resampled = 0.4 * np.sin(2 * np.pi * 220 * np.arange(32_000) / 32_000)
    assert np.abs(samples[100:31_900] - resampled[100:31_900]).max() < 0.01
    assert np.sqrt(np.mean(samples[32_000:] ** 2)) > 0.01, "the new part is no silence"
