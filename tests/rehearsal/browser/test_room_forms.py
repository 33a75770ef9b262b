"""Forms in a real browser: filled in by keyboard, refused beside the field, sent with files."""

from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Page, expect
from test_room import SIDEWAYS, type_command
from versatile_bot import versatile_stage
from visits import OpenPage

INSIDE = "() => Boolean(document.activeElement.closest('#form'))"


async def open_form(page: Page) -> None:
    await type_command(page, "/jam ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Open a jam")).to_be_visible()


async def test_a_form_is_filled_in_and_reaches_the_bot_with_its_files(
    browser_page: OpenPage, choose_file: Callable[[Page, Path], None], tmp_path: Path
) -> None:
    hum = tmp_path / "hum.wav"
    hum.write_bytes(b"hum!")
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url)
        choose_file(page, hum)
        await open_form(page)
        await expect(page.get_by_label("Name")).to_be_focused()
        await page.keyboard.type("Rain")
        await page.get_by_label("Funk").check()
        await page.get_by_label("Host").select_option("小林")
        await page.get_by_role("button", name="choose files").click()
        await expect(page.locator("#form .file-name")).to_have_text("hum.wav")
        await page.get_by_role("button", name="Submit").click()
        await expect(page.locator("#form")).to_be_hidden()
        text = "Rain ['dub', 'funk'] ['小林'] [('hum.wav', 4)]"
        await expect(page.locator(".message").last).to_contain_text(text)


async def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_sent(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url)
        await open_form(page)
        posts: list[str] = []
        page.on("request", lambda request: posts.append(request.method))
        await page.keyboard.press("Enter")
        name = page.get_by_label("Name")
        await expect(name).to_have_accessible_description(
            "What the track will be called Please fill in “Name”."
        )
        await expect(name).to_be_focused()
        await expect(name).to_have_attribute("aria-invalid", "true")
        await page.keyboard.type("x" * 21)
        await expect(name).to_have_attribute("aria-invalid", "false")
        await page.get_by_label("Funk").check()
        await page.get_by_label("Jazz").check()
        await page.get_by_role("button", name="Submit").click()
        errors = page.locator(".form-error:visible")
        await expect(errors).to_have_text(
            ["“Name” can have at most 20 characters.", "“Styles” takes 1 to 2."]
        )
        assert "POST" not in posts


async def test_the_focus_stays_in_a_form_and_escape_closes_it_unsent(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url, width=390, height=844)
        await open_form(page)
        for _ in range(14):
            await page.keyboard.press("Tab")
            outside = await page.evaluate("() => document.activeElement === document.body")
            assert outside or await page.evaluate(INSIDE)
        assert await page.evaluate(SIDEWAYS) == [0, 0, 0, 0]
        await page.locator("#form input").first.focus()
        await page.keyboard.press("Escape")
        await expect(page.locator("#form")).to_be_hidden()
        # Tab may have left the page for the browser's own controls: then the page is not active.
        assert await page.evaluate("() => document.activeElement.id") == "text"
        assert discord_.person("Ada").messages() == []


async def test_a_form_that_the_bot_does_not_take_stays_open_and_says_so(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        await open_form(page)
        await page.keyboard.type("Rain")
        bot._connection._view_store._modals.clear()
        await page.keyboard.press("Enter")
        alert = page.locator("#form [role=alert]")
        await expect(alert).to_have_text("The application did not respond")
        await expect(page.get_by_label("Name")).to_have_value("Rain")
