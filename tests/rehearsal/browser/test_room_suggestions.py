"""Autocomplete in a real browser: asked while typing, chosen by keys or pointer, not in the way."""

from playwright.async_api import expect
from test_room import type_command
from versatile_bot import versatile_stage
from visits import OpenPage


async def test_suggestions_follow_what_is_typed_and_are_chosen_by_keys(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        await type_command(page, "/style ")
        offered = page.get_by_role("option")
        await expect(offered).to_have_text(["Funk", "Fusion", "Folk", "Jazz", "Dub"])
        await page.keyboard.type("fu")
        await expect(offered).to_have_text(["Funk", "Fusion"])
        await page.keyboard.press("ArrowDown")
        await expect(offered.nth(1)).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await expect(page.locator("#option-name")).to_have_value("Fusion")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message").last).to_contain_text("style fusion False")
        assert bot.asked[0] == ""
        assert bot.asked[-1] == "fu"


async def test_a_suggestion_is_taken_by_the_pointer(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url, width=390, height=844)
        await type_command(page, "/style ")
        await page.get_by_role("option", name="Jazz").click()
        await expect(page.locator("#option-name")).to_have_value("Jazz")
        await expect(page.locator("#option-name")).to_be_focused()
        await expect(page.locator("#picker")).to_be_hidden()


async def test_a_slow_bot_keeps_nobody_from_sending(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        async with bot.answering:
            await type_command(page, "/style ")
            await expect(page.locator("#picker")).to_contain_text("Asking for suggestions…")
            await page.keyboard.type("waltz")
            await page.keyboard.press("Enter")
            await expect(page.locator(".message").last).to_contain_text("style waltz False")
            await expect(page.locator("#picker")).to_be_hidden()
        await expect(page.locator("#picker")).to_be_hidden()


async def test_suggestions_for_earlier_words_are_not_taken_by_enter(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        await type_command(page, "/style f")
        offered = page.get_by_role("option")
        await expect(offered).to_have_text(["Funk", "Fusion", "Folk"])
        async with bot.answering:
            await page.keyboard.type("ado")
            await page.keyboard.press("Enter")
            await expect(page.locator(".message").last).to_contain_text("style fado False")


async def test_a_bot_that_fails_is_told_and_the_words_still_count(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, bot):
        bot.failing = True
        page = await browser_page(discord_.room_url)
        await type_command(page, "/style ska")
        await expect(page.locator("#picker")).to_contain_text("No suggestions came.")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message").last).to_contain_text("style ska False")
