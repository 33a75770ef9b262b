"""Threads, direct messages and a server without the bot, as people meet them in the room."""

import discord
from playwright.async_api import expect
from test_room import SIDEWAYS, type_command
from versatile_bot import Hello, versatile_stage
from visits import OpenPage

PUBLIC = discord.ChannelType.public_thread


async def test_a_letter_of_the_bot_appears_unread_and_its_button_works_there(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url)
        directs = page.get_by_role("navigation", name="Direct messages")
        await expect(directs).to_be_hidden()
        await type_command(page, "/letter ")
        await page.keyboard.press("Enter")
        await expect(directs.get_by_label("new messages")).to_be_visible()
        await directs.get_by_role("button", name="mindjam").click()
        await expect(directs.get_by_label("new messages")).to_have_count(0)
        letter = page.locator(".message").last
        await expect(letter).to_contain_text("A letter for you")
        await expect(letter.locator("a.file-card")).to_contain_text("words.txt")
        await letter.get_by_role("button", name="Say hello").click()
        await expect(page.locator(".message").last).to_contain_text("Hello in private, Ada!")
        await page.locator('[data-person="Grace"]').click()
        await expect(directs).to_be_hidden()


async def test_a_person_opens_their_own_channel_and_uses_a_command_there(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url, width=390, height=844)
        await page.locator("#open-sidebar").click()
        await page.get_by_title("Write to mindjam in private").click()
        await expect(page.locator("#channel-name")).to_have_text("@mindjam")
        await type_command(page, "/style funk")
        await expect(page.get_by_role("option", name="Funk")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message").last).to_contain_text("style funk False")
        assert discord_.person("Ada").messages("studio") == []
        assert len(discord_.person("Ada").messages("dm")) == 1


async def test_a_thread_stands_under_its_channel_and_a_message_opens_it_again(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        message = await bot.studio().send("a clip")
        thread = await message.create_thread(name="about the clip")
        await thread.send("What do you think?")
        row = page.locator("#channels .threads .row")
        await expect(row).to_contain_text("about the clip")
        await expect(row.get_by_label("new messages")).to_be_visible()
        await page.get_by_role("button", name="Open the thread about the clip").click()
        await expect(page.locator("#channel-topic")).to_have_text("A thread in #studio")
        await expect(page.locator(".message").last).to_contain_text("What do you think?")
        await thread.edit(archived=True)
        await expect(row).to_contain_text("archived")
        await type_command(page, "Lovely")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message").last).to_contain_text("Lovely")
        await expect(row).not_to_contain_text("archived")
        discord_.faults.delete_channel(discord_.world.channel(str(thread.id)))
        await expect(row).to_have_count(0)
        await expect(page.locator("#channel-name")).to_have_text("#studio")


async def test_a_phone_shows_long_thread_names_and_reactions_without_scrolling_sideways(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url, width=390, height=844)
        message = await bot.studio().send("a clip", view=Hello())
        await message.create_thread(name="long " * 19)
        for emoji in "🔥🎵👍👎😂🎸🥁🎷🎺🎻":
            discord_.person("Grace").react(str(message.id), emoji)
        await expect(page.locator(".reaction")).to_have_count(10)
        assert await page.evaluate(SIDEWAYS) == [0, 0, 0, 0]


async def test_a_reaction_is_given_and_taken_back(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        message = await bot.studio().send("a clip")
        shown = page.locator(".message").last
        await expect(shown).to_contain_text("a clip")
        await shown.hover()
        await shown.get_by_label("React", exact=True).click()
        await shown.get_by_role("button", name="React with 🔥").click()
        chip = shown.get_by_role("button", name="🔥 by Ada")
        await expect(chip).to_have_attribute("aria-pressed", "true")
        discord_.person("Grace").react(str(message.id), "🔥")
        await expect(shown.locator(".reaction")).to_contain_text("2")
        await shown.locator(".reaction").click()
        await expect(shown.get_by_role("button", name="🔥 by Grace")).to_be_visible()


async def test_where_the_bot_is_no_member_only_what_was_brought_along_is_offered(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url)
        await page.locator("#elsewhere .row").click()
        await expect(page.locator("#channel-topic")).to_contain_text("mindjam is no member here")
        await type_command(page, "/")
        await expect(page.get_by_role("option")).to_have_count(1)
        await expect(page.get_by_role("option")).to_contain_text("/brought")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message").last).to_contain_text("brought along")


async def test_what_somebody_may_is_switched_and_shown(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url, allow=("400 (Bad Request)",))
        await page.get_by_role("button", name="What Grace may do").click()
        dialog = page.get_by_role("dialog", name="What Grace may do")
        await dialog.get_by_label("Write messages").uncheck()
        await dialog.get_by_label("Role: moderator").check()
        await expect(dialog.get_by_label("Manage messages")).to_be_checked()
        await page.keyboard.press("Escape")
        grace = page.locator('[data-person="Grace"]')
        await expect(grace).to_contain_text("moderator · not: Write messages · Manage messages")
        await grace.click()
        placeholder = "You may not write in #studio"
        await expect(page.locator("#text")).to_have_attribute("placeholder", placeholder)
        await type_command(page, "Hello?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("You may not post in #studio.")


async def test_a_reply_says_whether_it_mentions(browser_page: OpenPage) -> None:
    async with versatile_stage() as (discord_, bot):
        page = await browser_page(discord_.room_url)
        await bot.studio().send("a clip")
        shown = page.locator(".message").last
        await expect(shown).to_contain_text("a clip")
        for words, silent in (("loud", False), ("quiet", True)):
            await shown.hover()
            await shown.get_by_role("button", name="Reply to mindjam").click()
            if silent:
                await page.get_by_role("button", name="With a mention").click()
            await type_command(page, words)
            await page.keyboard.press("Enter")
            await expect(page.locator(".message").last).to_contain_text(words)
            shown = page.locator(".message").first
        mentions = [len(m["mentions"]) for m in discord_.person("Ada").messages()]
        assert mentions == [0, 1, 0]


async def test_a_command_for_people_is_used_on_who_wrote_a_message(
    browser_page: OpenPage,
) -> None:
    async with versatile_stage() as (discord_, _):
        page = await browser_page(discord_.room_url)
        await discord_.person("Grace").send("I played this")
        shown = page.locator(".message").last
        await expect(shown).to_contain_text("I played this")
        await shown.hover()
        await shown.get_by_label("What mindjam can do with this").click()
        await shown.get_by_role("button", name="Applaud · @Grace").click()
        await expect(page.locator(".message").last).to_contain_text("Applause for Grace")
