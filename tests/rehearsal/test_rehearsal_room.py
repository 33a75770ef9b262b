"""The room's server side: its socket, what people do in it, and who is kept out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from small_bot import SmallBot, online

from bot.rehearsal.permissions import Permission
from bot.rehearsal.server import Rehearsal

Json = dict[str, Any]


class Page:
    """A person's open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def hear(self, kind: str) -> Json:
        """Return the next frame of a kind."""
        while True:
            frame: Json = await self._socket.receive_json(timeout=5)
            if frame["type"] == kind:
                return frame


@asynccontextmanager
async def page(discord_: Rehearsal, who: str | None = "Ada") -> AsyncIterator[tuple[Page, Json]]:
    query = f"?person={discord_.person(who).id}" if who else ""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{discord_.base}/room/socket{query}") as socket,
    ):
        opened = Page(socket)
        yield opened, await opened.hear("hello")


def form(payload: Json, *files: tuple[str, bytes]) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    data.add_field("payload_json", json.dumps(payload))
    for number, (name, content) in enumerate(files):
        data.add_field(f"files[{number}]", content, filename=name)
    return data


async def post(discord_: Rehearsal, what: str, **body: Any) -> tuple[int, Json]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{discord_.base}/room/api/{what}", **body) as response,
    ):
        return response.status, await response.json()


def composer() -> SmallBot:
    bot = SmallBot()

    @bot.tree.command(description="Make music")
    @app_commands.choices(style=[app_commands.Choice(name="Funk", value="funk")])
    async def compose(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 2, 5],
        duration: app_commands.Range[int, 1, 30] = 10,
        clip: discord.Attachment | None = None,
        style: str = "funk",
    ) -> None:
        size = clip.size if clip else 0
        await interaction.response.send_message(f"{prompt} {duration} {size} {style}")

    return bot


async def test_a_page_is_told_the_whole_state_at_first(discord_: Rehearsal) -> None:
    posted = await discord_.person("Grace").send("hello")
    async with online(composer(), discord_), page(discord_, "小林") as (opened, hello):
        assert hello["me"]["name"] == "小林"
        assert [p["name"] for p in hello["people"]] == ["mindjam", "Ada", "小林", "Grace"]
        assert [p["bot"] for p in hello["people"]] == [True, False, False, False]
        assert [c["name"] for c in hello["channels"]] == ["studio", "general", "kitchen"]
        assert [c["name"] for c in hello["commands"]] == ["compose"]
        assert [m["id"] for m in hello["messages"][posted["channel_id"]]] == [posted["id"]]
        assert (await opened.hear("bot"))["online"] is True


async def test_a_page_that_does_not_say_who_is_the_host(discord_: Rehearsal) -> None:
    async with page(discord_, None) as (_, hello):
        assert hello["me"]["name"] == "Ada"


async def test_a_command_in_the_room_reaches_the_bot_with_its_file(discord_: Rehearsal) -> None:
    async with online(composer(), discord_), page(discord_) as (opened, hello):
        payload = {
            "person": hello["me"]["id"], "channel": hello["channels"][0]["id"],
            "command": "compose", "locale": "zh-CN",
            "options": {"prompt": "rain", "duration": 5, "clip": "files[0]"},
        }  # fmt: skip
        data = form(payload, ("hum.wav", b"x" * 9))
        status, answer = await post(discord_, "interactions", data=data)
        assert status == 200
        message = (await opened.hear("message_create"))["message"]
        assert message["content"] == "rain 5 9 funk"
        assert message["interaction_metadata"]["id"] == answer["id"]


@pytest.mark.parametrize(
    ("options", "english", "chinese"),
    [
        ({}, "“prompt” is required.", "必须填写“prompt”。"),
        ({"prompt": "x"}, "“prompt” must have at least 2 characters.", "至少需要 2 个字符"),
        ({"prompt": "x" * 6}, "“prompt” must have at most 5 characters.", "不能超过 5 个字符"),
        ({"prompt": 5}, "“prompt” must be text.", "必须是文字"),
        ({"prompt": "ok", "duration": 31}, "“duration” must be at most 30.", "不能大于 30"),
        ({"prompt": "ok", "duration": 0}, "“duration” must be at least 1.", "不能小于 1"),
        ({"prompt": "ok", "duration": 1.5}, "“duration” must be a whole number.", "必须是整数"),
        ({"prompt": "ok", "duration": True}, "“duration” must be a whole number.", "必须是整数"),
        ({"prompt": "ok", "clip": "files[0]"}, "“clip” needs a file.", "需要一个文件"),
        ({"prompt": "ok", "style": "jazz"}, "“style” must be one of: Funk.", "只能是：Funk"),
        ({"prompt": "ok", "tempo": 1}, "/compose has no option “tempo”.", "没有选项“tempo”"),
    ],
)
async def test_what_does_not_fit_is_told_to_the_person_and_not_to_the_bot(
    discord_: Rehearsal, options: Json, english: str, chinese: str
) -> None:
    ada = discord_.person("Ada")
    payload = {"person": ada.id, "channel": ada.channel("studio").id, "command": "compose"}
    async with online(composer(), discord_):
        before = len(discord_.requests)
        for locale, text in (("en-US", english), ("zh-CN", chinese)):
            data = form(payload | {"options": options, "locale": locale})
            status, answer = await post(discord_, "interactions", data=data)
            assert status == 400
            assert text in answer["message"]
        assert len(discord_.requests) == before


async def test_a_file_above_the_limit_is_told_to_the_person(discord_: Rehearsal) -> None:
    discord_.world.guild.file_limit = 1 << 20
    ada = discord_.person("Ada")
    payload = {
        "person": ada.id, "channel": ada.channel("studio").id, "command": "compose",
        "options": {"prompt": "ok", "clip": "files[0]"}, "locale": "en-US",
    }  # fmt: skip
    async with online(composer(), discord_):
        data = form(payload, ("big.wav", bytes((1 << 20) + 1)))
        status, answer = await post(discord_, "interactions", data=data)
    assert (status, answer["message"]) == (400, "The file for “clip” is larger than 1 MiB.")


async def test_a_message_with_a_file_and_a_reply_is_posted(discord_: Rehearsal) -> None:
    ada = discord_.person("Ada")
    asked = await discord_.person("Grace").send("play something")
    payload = {"person": ada.id, "channel": asked["channel_id"], "reply_to": asked["id"]}
    async with page(discord_, "Grace") as (opened, _):
        data = form(payload | {"content": "this"}, ("hum.wav", b"hum"))
        status, message = await post(discord_, "messages", data=data)
        assert status == 200
        assert message["referenced_message"]["id"] == asked["id"]
        assert message["attachments"][0]["size"] == 3
        assert (await opened.hear("message_create"))["message"] == message


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "Write something or attach a file."),
     ("x" * 2001, "A message may have 2000 characters and 10 files.")],
)  # fmt: skip
async def test_a_message_that_discord_refuses_is_told_in_a_sentence(
    discord_: Rehearsal, content: str, told: str
) -> None:
    ada = discord_.person("Ada")
    payload = {"person": ada.id, "channel": ada.channel("studio").id, "content": content}
    assert await post(discord_, "messages", data=form(payload)) == (400, {"message": told})


async def test_people_need_permission_to_post_and_to_see(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    studio = grace.channel("studio")
    payload = {"person": grace.id, "channel": studio.id, "content": "hi"}
    discord_.faults.deny(Permission.SEND_MESSAGES, studio, grace.user)
    status, answer = await post(discord_, "messages", data=form(payload))
    assert (status, answer["message"]) == (400, "You may not post in #studio.")
    discord_.faults.deny(Permission.VIEW_CHANNEL, studio, grace.user)
    async with page(discord_, "Grace") as (_, hello):
        assert [c["name"] for c in hello["channels"]] == ["general", "kitchen"]


async def test_a_button_in_the_room_reaches_the_bot(discord_: Rehearsal) -> None:
    bot = SmallBot()

    class Again(discord.ui.View):
        @discord.ui.button(label="Again", custom_id="again")
        async def again(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
            await interaction.response.send_message("only you see this", ephemeral=True)

    async with online(bot, discord_), page(discord_) as (ada, hello), page(discord_, "Grace") as (
        grace, _,
    ):  # fmt: skip
        message = await bot.studio().send("press", view=Again())
        body = {"person": hello["me"]["id"], "message": str(message.id), "custom_id": "again"}
        assert (await post(discord_, "components", json=body))[0] == 200
        await ada.hear("message_create")
        told = (await ada.hear("message_create"))["message"]
        assert (told["content"], told["flags"]) == ("only you see this", 64)
        await message.edit(content="pressed")
        assert (await grace.hear("message_update"))["message"]["content"] == "pressed"
        assert [m["content"] for m in discord_.person("Grace").messages()] == ["pressed"]
        body["custom_id"] = "nothing"
        status, answer = await post(discord_, "components", json=body)
        assert (status, answer["message"]) == (400, "That button cannot be pressed.")


async def test_a_bot_that_does_not_answer_is_reported_to_the_one_who_asked() -> None:
    bot = SmallBot()

    @bot.tree.command(description="Say nothing")
    async def nothing(_: discord.Interaction) -> None: ...

    async with (
        Rehearsal(acknowledge_seconds=0.1) as discord_,
        online(bot, discord_),
        page(discord_) as (opened, hello),
    ):
        payload = {
            "person": hello["me"]["id"], "channel": hello["channels"][0]["id"],
            "command": "nothing", "options": {}, "locale": "en-US",
        }  # fmt: skip
        _, answer = await post(discord_, "interactions", data=form(payload))
        failed = await opened.hear("interaction_failed")
        assert failed["id"] == answer["id"]
        assert failed["text"] == "The application did not respond"


async def test_the_page_hears_the_bot_come_and_go_and_register(discord_: Rehearsal) -> None:
    async with page(discord_) as (opened, hello):
        assert hello["commands"] == []
        assert (await opened.hear("bot"))["online"] is False
        async with online(composer(), discord_):
            assert [c["name"] for c in (await opened.hear("commands"))["commands"]] == ["compose"]
            assert (await opened.hear("bot"))["online"] is True
        assert (await opened.hear("bot"))["online"] is False


async def test_deletions_and_typing_are_heard(bot: SmallBot, discord_: Rehearsal) -> None:
    async with page(discord_) as (opened, _):
        message = await bot.studio().send("soon gone")
        await message.delete()
        assert (await opened.hear("message_delete"))["id"] == str(message.id)
        async with bot.studio().typing():
            assert (await opened.hear("typing"))["user"]["name"] == "mindjam"


async def test_autocomplete_is_asked_of_the_bot(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Choose")
    async def style(interaction: discord.Interaction, name: str) -> None: ...

    @style.autocomplete("name")
    async def suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed.upper(), value=typed)]

    ada = discord_.person("Ada")
    async with online(bot, discord_):
        body = {
            "person": ada.id, "channel": ada.channel("studio").id, "command": "style",
            "options": {"name": "fu"}, "focused": "name", "locale": "en-US",
        }  # fmt: skip
        status, answer = await post(discord_, "autocomplete", json=body)
    assert (status, answer) == (200, {"choices": [{"name": "FU", "value": "fu"}]})


@pytest.mark.parametrize(
    ("what", "body"),
    [("components", {"person": "nobody"}), ("components", {}), ("messages", {"person": "Ada"})],
)
async def test_a_request_with_something_missing_is_told_so(
    discord_: Rehearsal, what: str, body: Json
) -> None:
    status, answer = await post(discord_, what, json=body)
    assert status == 400
    assert answer["message"].endswith(".")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "localhost.evil.example:80"},
    ],
)
@pytest.mark.parametrize("path", ["/room/", "/room/socket", "/api/v10/gateway", "/gateway"])
async def test_other_names_and_other_pages_are_kept_out(
    discord_: Rehearsal, http: aiohttp.ClientSession, headers: dict[str, str], path: str
) -> None:
    async with http.get(f"{discord_.base}{path}", headers=headers) as response:
        assert response.status == 403


async def test_the_page_of_this_server_may_post(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    headers = {"Origin": discord_.base}
    url = f"{discord_.base}/room/api/components"
    async with http.post(url, json={}, headers=headers) as response:
        assert response.status == 400


async def test_the_page_needs_nothing_from_elsewhere(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{discord_.base}/") as response:
        assert str(response.url) == discord_.room_url
        assert response.content_type == "text/html"
        policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["../server.py", "..%2fserver.py", "nothing.css", "%2e%2e/world.py"]
)
async def test_no_other_file_is_served(
    discord_: Rehearsal, http: aiohttp.ClientSession, path: str
) -> None:
    from yarl import URL

    url = URL(f"{discord_.base}/room/{path}", encoded=True)
    async with http.get(url) as response:
        assert response.status == 404


async def test_the_server_listens_on_loopback_alone(discord_: Rehearsal) -> None:
    assert [address[0] for address in discord_._runner.addresses] == ["127.0.0.1"]
