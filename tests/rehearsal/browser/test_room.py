"""The room in a real browser, with a stock discord.py bot behind it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect
from singing_bot import PROMPT_CHARS, SingingBot, tone
from visits import OpenPage

from bot.rehearsal.server import Rehearsal

DIGEST = """async (audio) => {
  const bytes = await (await fetch(audio.src)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}"""
SIDEWAYS = """() => [...document.querySelectorAll("html, .scroller, #composer, .top")]
  .map((node) => node.scrollWidth - node.clientWidth)"""
PLAYED = "() => [...document.querySelectorAll('audio')].at(-1).currentTime > 0.3"
DROPPED = """() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["a song"], "words.txt"));
  return transfer;
}"""
WRONG_ANSWERS = [
    ("rain", "31", "“duration” has to be between 1 and 30."),
    ("rain", "soon", "“duration” has to be a number."),
    ("x" * (PROMPT_CHARS + 1), "5", f"“prompt” can have at most {PROMPT_CHARS} characters."),
    ("", "5", "Please fill in “prompt”."),
]
GATHERED = [
    ("boss", "Bossa nova"),
    ("y", "Yes"),
    ("4", None),
    ("Gra", "Grace"),
    ("gen", "#general"),
    ("every", "@everyone"),
    ("Ad", "Ada"),
    ("ve", "velvet"),
]
BREAKOUT = "<img src=x onerror=alert(1)> **bold** [here](javascript:alert(1)) `a*b*` <b>not</b>"


class Stage:
    """The embedded Discord and the bot that is logged in to it."""

    def __init__(self, discord_: Rehearsal, bot: SingingBot) -> None:
        self.discord, self.bot, self.url = discord_, bot, discord_.room_url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    async with Rehearsal() as discord_:
        with discord_.attach():
            bot = SingingBot()
            async with bot:
                running = asyncio.create_task(bot.start(discord_.token))
                await asyncio.wait_for(bot.ready.wait(), 15)
                yield Stage(discord_, bot)
            await asyncio.wait([running], timeout=5)


async def type_command(page: Page, text: str) -> None:
    """Type at the message box, which has the focus of a room just opened."""
    await page.locator("#text").focus()
    await page.keyboard.type(text)


async def test_a_slash_offers_what_the_bot_registered(stage: Stage, browser_page: OpenPage) -> None:
    page = await browser_page(stage.url)
    await type_command(page, "/")
    offered = page.get_by_role("option")
    await expect(offered).to_have_count(3)
    await expect(offered.first).to_contain_text("/compose")
    await expect(offered.first).to_contain_text("Make music")
    await page.keyboard.press("ArrowDown")
    await expect(offered.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator(".option-name")).to_have_text(["prompt", "duration", "clip"])
    await expect(page.locator("#option-prompt")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#text")).to_be_focused()


async def test_compose_by_keyboard_alone_ends_in_a_clip_that_plays(
    stage: Stage,
    browser_page: OpenPage,
    choose_file: Callable[[Page, Path], None],
    tmp_path: Path,
) -> None:
    hum = tmp_path / "hum.wav"
    hum.write_bytes(tone(0.5, 330.0))
    page = await browser_page(stage.url)
    choose_file(page, hum)

    await type_command(page, "/comp")
    await page.keyboard.press("Tab")
    await page.keyboard.type("rain on tape")
    await page.keyboard.press("Tab")
    await page.keyboard.type("2.5")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".option .file-name")).to_have_text("hum.wav")
    await page.keyboard.press("Enter")

    status = page.locator(".message", has_text="Ada used /compose").last
    await expect(status).to_contain_text("mindjam is thinking…")
    for percent in (0, 45, 100):
        stage.bot.percents.put_nowait(percent)
        await expect(status).to_contain_text(f"{percent} %")
    await expect(status).to_contain_text("(edited)")
    wanted = {"prompt": "rain on tape", "duration": 2.5, "clip": hum.read_bytes()}
    assert stage.bot.heard == wanted

    audio = page.locator("audio").last
    await expect(page.locator(".message").last).to_contain_text("song.wav")
    assert await audio.evaluate(DIGEST) == hashlib.sha256(stage.bot.song).hexdigest()
    await expect(page.locator(".waveform").last).to_have_class("waveform drawn")
    await audio.evaluate("audio => audio.play()")
    await page.wait_for_function(PLAYED)
    assert await audio.evaluate("audio => !audio.paused && !audio.error && audio.duration") == 3.0


async def test_every_type_of_option_can_be_answered_by_keyboard(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url)
    await type_command(page, "/gather ")
    for typed, suggestion in GATHERED:
        await page.keyboard.type(typed)
        if suggestion:
            chosen = page.locator("[role=option][aria-selected=true]")
            await expect(chosen).to_contain_text(suggestion)
        await page.keyboard.press("Tab")
    await expect(page.locator(".command .send")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message").last).to_contain_text("gathered")
    assert stage.bot.heard == {
        "style": "bossa",
        "secret": True,
        "turns": 4,
        "partner": "grace",
        "place": "general",
        "role": "@everyone",
        "anyone": "ada",
        "word": "velvet",
    }


async def test_an_ephemeral_message_is_for_its_addressee_alone(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url)
    await type_command(page, "/whisper")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    secret = page.locator(".message.ephemeral")
    await expect(secret).to_contain_text("psst")
    await expect(secret).to_contain_text("Only you can see this")

    await page.locator('[data-person="Grace"]').click()
    await expect(page.locator('[data-person="Grace"]')).to_have_attribute("aria-current", "true")
    await expect(secret).to_have_count(0)
    await page.locator('[data-person="Ada"]').click()
    await secret.get_by_role("button", name="Louder").click()
    await expect(secret).to_contain_text("PSST")
    await secret.get_by_role("button", name="Dismiss").click()
    await expect(secret).to_have_count(0)


async def test_a_wrong_answer_is_refused_in_one_sentence_and_never_sent(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url)
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    await type_command(page, "/compose ")
    for prompt, duration, sentence in WRONG_ANSWERS:
        await page.locator("#option-prompt").fill(prompt)
        await page.locator("#option-duration").fill(duration)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text(sentence)
        await expect(page.locator("[aria-invalid=true]")).to_be_focused()
    assert "POST" not in methods


async def test_the_room_and_its_commands_speak_chinese(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url)
    await expect(page.locator("html")).to_have_attribute("lang", "en-US")
    await page.locator("#language").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    placeholder = "发到 #studio，或输入 / 使用命令"
    await expect(page.locator("#text")).to_have_attribute("placeholder", placeholder)
    await type_command(page, "/作")
    await expect(page.get_by_role("option")).to_have_count(1)
    await expect(page.get_by_role("option")).to_contain_text("生成音乐")
    await page.keyboard.press("Enter")
    await expect(page.locator(".option-name").first).to_have_text("描述")
    await page.locator("#option-prompt").fill("雨")
    await page.locator("#option-duration").fill("99")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("“秒数”必须在 1 到 30 之间。")


async def test_a_chinese_browser_finds_the_room_in_chinese(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url, locale="zh-CN")
    await expect(page.locator(".welcome h2")).to_have_text("欢迎来到 #studio")


async def test_a_phone_never_scrolls_sideways(stage: Stage, browser_page: OpenPage) -> None:
    page = await browser_page(stage.url, width=390, height=844)
    await type_command(page, "w" * 300)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message").last).to_contain_text("www")
    assert await page.evaluate(SIDEWAYS) == [0, 0, 0, 0]
    await page.locator("#open-sidebar").click()
    await expect(page.locator('[data-person="Grace"]')).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sidebar")).to_be_hidden()
    await type_command(page, "/compose ")
    await expect(page.locator("#option-duration")).to_be_in_viewport()
    assert await page.evaluate(SIDEWAYS) == [0, 0, 0, 0]


async def test_what_people_write_never_becomes_markup(stage: Stage, browser_page: OpenPage) -> None:
    page = await browser_page(stage.url)
    await stage.discord.person("Grace").send(BREAKOUT)
    text = page.locator(".message").last.locator(".text")
    await expect(text).to_have_text(
        "<img src=x onerror=alert(1)> bold [here](javascript:alert(1)) a*b* <b>not</b>"
    )
    await expect(text.locator("strong")).to_have_text("bold")
    await expect(text.locator("code")).to_have_text("a*b*")
    await expect(text.locator("img, a, b")).to_have_count(0)


async def test_a_reply_shows_what_it_answers_and_leads_there(
    stage: Stage, browser_page: OpenPage
) -> None:
    grace = stage.discord.person("Grace")
    question = await grace.send("Anybody for a slow one?")
    for number in range(25):
        await grace.send(f"line {number}")
    page = await browser_page(stage.url)
    asked = page.locator(f'.message[data-id="{question["id"]}"]')
    await asked.hover()
    await asked.get_by_role("button", name="Reply to Grace").click()
    await page.keyboard.type("Me!")
    await page.keyboard.press("Enter")
    answer = page.locator(".message").last
    await expect(answer.locator(".text")).to_have_text("Me!")
    await expect(answer.locator(".excerpt")).to_have_text("Anybody for a slow one?")
    await expect(asked).not_to_be_in_viewport()
    await answer.locator(".origin").click()
    await expect(asked).to_be_in_viewport()


async def test_a_dropped_file_goes_along_with_the_message(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = await browser_page(stage.url)
    transfer = await page.evaluate_handle(DROPPED)
    await page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    await expect(page.locator(".tray .file-name")).to_have_text("words.txt")
    await page.keyboard.press("Enter")
    card = page.locator(".message").last.locator("a.file-card")
    await expect(card).to_contain_text("words.txt")
    fetched = await card.evaluate("async (link) => (await fetch(link.href)).text()")
    assert fetched == "a song"


async def test_the_room_comes_back_when_its_server_does(browser_page: OpenPage) -> None:
    async with Rehearsal() as first:
        port = int(first.base.rsplit(":", 1)[1])
        page = await browser_page(first.room_url, allow=("WebSocket connection",))
        await expect(page.locator("[data-notice=offline]")).to_contain_text("mindjam is not here")
    await expect(page.locator("[data-notice=lost]")).to_be_visible()
    async with Rehearsal(port) as second:
        await expect(page.locator("[data-notice=lost]")).to_be_hidden()
        await second.person("Grace").send("Still here?")
        await expect(page.locator(".message").last).to_contain_text("Still here?")
