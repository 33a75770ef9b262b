"""A turn of a jam and its vote, in a real browser."""

from fake_core import FakeCore
from playwright.async_api import expect
from quiet_bench import QuietBench
from stage import on_stage
from test_room import type_command
from visits import OpenPage

MAKING_MS = 30_000


async def test_a_person_plays_a_turn_and_votes_in_the_thread(browser_page: OpenPage) -> None:
    async with on_stage(FakeCore(), bench=QuietBench()) as stage:
        page = await browser_page(stage.discord.room_url)
        await type_command(page, "/jam start Rain")
        await page.keyboard.press("Enter")
        thread = page.locator("#channels .threads .row", has_text="Rain")
        await thread.click()
        board = page.locator(".message", has_text="Jam: Rain")
        await expect(board.locator("img")).to_be_visible()
        await board.get_by_role("button", name="Play my turn").click()
        await page.get_by_label("Where should it go?").fill("now with strings")
        await page.get_by_role("button", name="Submit").click()
        vote = page.locator(".message", has_text="which take is it?")
        await expect(vote.locator("audio")).to_have_count(3, timeout=MAKING_MS)
        await vote.get_by_role("button", name="Take 2").click()
        track = page.locator(".message", has_text="The track so far, up to part 1: 10 s.")
        await expect(track.locator("audio")).to_have_count(1, timeout=MAKING_MS)
        await expect(board).to_contain_text("parts: 1")
