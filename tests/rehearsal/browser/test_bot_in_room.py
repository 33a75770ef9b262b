"""The real bot's buttons, forms, menus and pages, as a person uses them in the room."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from playwright.async_api import Locator, Page, expect
from stage import Stage, on_stage
from test_room import type_command
from visits import OpenPage


@pytest_asyncio.fixture(loop_scope="session")
async def stage():
    async with on_stage(FakeCore()) as there:
        yield there


def hum() -> bytes:
    file = io.BytesIO()
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(32_000) / 32_000)
    soundfile.write(file, tone, 32_000, format="WAV")
    return file.getvalue()


async def composed(page: Page, command: str) -> Locator:
    """Ask for a clip by keyboard; return the message that brings it."""
    await type_command(page, command)
    await page.keyboard.press("Enter")
    return await clips(page, 1)


async def opened(page: Page, command: str, text: str) -> Locator:
    """Use a command without options; return the page that it shows."""
    await type_command(page, f"/{command} ")
    await page.keyboard.press("Enter")
    return page.locator(".message", has_text=text)


async def clips(page: Page, count: int) -> Locator:
    """Wait for so many clips; return the last one's message."""
    found = page.locator(".message", has=page.locator("audio"))
    await expect(found).to_have_count(count)
    return found.last


async def submit(page: Page, name: str) -> None:
    form = page.get_by_role("dialog", name=name)
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_be_hidden()


async def test_a_clip_is_made_again_tweaked_continued_and_deleted_by_its_buttons(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.discord.room_url)
    clip = await composed(page, "/compose rain")
    await clip.get_by_role("button", name="Again").click()
    await clips(page, 2)

    await clip.get_by_role("button", name="Tweak…").click()
    wanted = page.get_by_label("What it should sound like")
    await expect(wanted).to_have_value("rain")
    await wanted.fill("thunder")
    await page.get_by_label(re.compile("^Music")).fill("key=A minor")
    await submit(page, "Tweak and make again")
    tweaked = await clips(page, 3)
    await expect(tweaked).to_contain_text("thunder")
    await expect(tweaked).to_contain_text("A minor")

    await tweaked.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label("Music and sampling")).to_have_value(re.compile("A minor"))
    await submit(page, "Continue this clip")
    await expect(await clips(page, 4)).to_contain_text("new from")

    await tweaked.get_by_role("button", name="Delete").click()
    question = page.locator(".message", has_text="Delete this for good?")
    await question.get_by_role("button", name="Delete for good").click()
    await clips(page, 3)


async def test_an_upload_is_continued_from_its_messages_menu(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.discord.room_url)
    await stage.grace.send("my hum", files=[("hum.wav", hum())])
    upload = page.locator(".message", has_text="my hum")
    await upload.hover()
    await upload.get_by_label("What mindjam can do with this").click()
    await upload.get_by_role("button", name="Continue this clip").click()
    await page.get_by_label("What it should sound like").fill("with strings")
    await page.get_by_label("Seconds of new music").fill("2")
    await submit(page, "Continue this clip")
    answer = await clips(page, 2)
    await expect(answer).to_contain_text("with strings")
    assert await answer.locator("audio").evaluate("audio => audio.duration") == pytest.approx(3.0)


async def test_a_clip_is_found_in_the_library_and_posted_again(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.discord.room_url)
    await composed(page, "/compose rain on tape")
    pages = await opened(page, "library", "Your clips")
    await expect(pages).to_contain_text("1 to 1 of 1")
    await pages.get_by_role("combobox").select_option(index=1)
    own = page.locator(".message", has_text="Keep prevents that")
    await own.get_by_role("button", name="Post here").click()
    await expect(await clips(page, 2)).to_contain_text("rain on tape")


async def test_a_server_is_set_up_and_then_holds_people_to_it(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.discord.room_url)
    settings = await opened(page, "settings", "What this server wants of me")
    await settings.get_by_role("button", name="Limits…").click()
    await page.get_by_label("Longest clip, in seconds").fill("5")
    await page.get_by_role("button", name="Submit").click()
    await expect(settings).to_contain_text("5 s")
    await type_command(page, "/compose rain")
    await page.keyboard.press("Tab")
    await page.keyboard.type("6")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message").last).to_contain_text(
        "The duration must be from 1 to 5 s."
    )


async def test_a_person_sees_what_is_kept_and_deletes_it_all(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.discord.room_url)
    await composed(page, "/compose rain")
    kept = await opened(page, "privacy", "What I keep of you")
    await expect(kept).to_contain_text("clips: 1")
    await kept.get_by_role("button", name="Delete all of mine…").click()
    await page.get_by_role("button", name="Delete everything for good").click()
    await expect(
        page.locator(".message", has_text="Deleted. Requests: 1, clips: 1")
    ).to_be_visible()
