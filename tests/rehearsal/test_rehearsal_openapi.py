"""Discord's own description of its API holds for both sides: what bots send, what we answer."""

import json
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from openapi_schema import needs_description, request_faults, response_faults
from small_bot import SmallBot, online, wav_file

from bot.rehearsal.bodies import File, Recorded
from bot.rehearsal.permissions import Permission
from bot.rehearsal.server import Rehearsal

pytestmark = needs_description
Answer = tuple[str, str, int, Any]


def recording(answers: list[Answer]) -> aiohttp.TraceConfig:
    """Return a trace that keeps every answer of the API."""

    async def keep(
        _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        path = params.url.path
        if path.startswith("/api/v10"):
            body = await params.response.read()
            parsed = json.loads(body) if body else None
            answers.append((params.method, path[8:], params.response.status, parsed))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(keep)
    return trace


class Buttons(discord.ui.View):
    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.edit_message(content="pressed", view=None)


async def test_everything_said_on_the_main_path_is_as_described(discord_: Rehearsal) -> None:
    answers: list[Answer] = []
    bot = SmallBot(http_trace=recording(answers))

    @bot.tree.context_menu(name="Continue this clip")
    async def continue_it(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message("on it", ephemeral=True, file=wav_file())

    @bot.tree.command(description="Make music", extras={})
    @app_commands.rename(prompt=app_commands.locale_str("prompt"))
    async def compose(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 100],
        duration: app_commands.Range[int, 1, 30] = 10,
        clip: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="half", attachments=[wav_file()])
        await interaction.followup.send("more", view=Buttons(), embed=discord.Embed(title="e"))
        channel = interaction.channel
        assert isinstance(channel, discord.TextChannel)
        async with channel.typing():
            original = await interaction.original_response()
        message = await channel.send(
            "done", file=wav_file(), reference=original, nonce="1",
            allowed_mentions=discord.AllowedMentions.none(),
        )  # fmt: skip
        await message.edit(content="done, edited", suppress=True)
        await interaction.delete_original_response()

    async with online(bot, discord_):
        ada = discord_.person("Ada")
        await ada.slash("compose", prompt="rain", clip=("hum.wav", b"hum"))
        done = await discord_.wait_for_message(lambda m: m["content"] == "done, edited")
        more = await discord_.wait_for_message(lambda m: m["content"] == "more")
        await ada.press(more, "Again")
        await ada.menu("Continue this clip", done)
        await (await bot.fetch_user(int(ada.id))).send("direct")
        studio = bot.studio()
        assert [message async for message in studio.history()]
        await bot.fetch_channel(studio.id)
        await studio.guild.fetch_member(int(ada.id))
        await studio.guild.fetch_channels()
        await studio.guild.fetch_roles()
        await bot.fetch_guild(studio.guild.id)
        await bot.tree.fetch_commands()
        with pytest.raises(discord.HTTPException):
            await studio.send("x" * 2001)

    sent = [request for request in discord_.requests if "x" * 2001 not in str(request.body)]
    assert len(sent) > 20
    assert [fault for request in sent for fault in request_faults(request)] == []
    faults = [fault for answer in answers for fault in response_faults(*answer)]
    assert faults == [], "\n".join(faults)


class Name(discord.ui.Modal, title="Name"):
    name = discord.ui.Label(text="Name", component=discord.ui.TextInput(custom_id="name"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("thanks", ephemeral=True)


async def test_everything_said_of_threads_forms_and_marks_is_as_described(
    discord_: Rehearsal,
) -> None:
    answers: list[Answer] = []
    bot = SmallBot(http_trace=recording(answers))

    @bot.tree.command(description="Ask for a name")
    async def name(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Name())

    async with online(bot, discord_):
        ada, studio = discord_.person("Ada"), bot.studio()
        discord_.faults.allow(
            Permission.MANAGE_THREADS | Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES,
            ada.channel("studio"),
        )
        await ada.submit(await ada.slash("name"), {"name": "Rain"})
        message = await studio.send("a clip", file=wav_file())
        thread = await message.create_thread(name="about the clip")
        other = await studio.create_thread(name="private", invitable=False)
        await other.add_user(discord.Object(int(ada.id)))
        await other.fetch_members()
        await thread.send("in it")
        await thread.edit(name="about it", archived=True, locked=True)
        assert [found async for found in studio.archived_threads()]
        await studio.guild.active_threads()
        await bot.fetch_channel(other.id)
        await message.add_reaction("🔥")
        await message.pin()
        fetched = await studio.fetch_message(message.id)
        assert [user async for user in fetched.reactions[0].users()]
        assert [pinned async for pinned in studio.pins()]
        await message.clear_reactions()
        await message.unpin()
        await message.edit(content="other", attachments=[*message.attachments, wav_file("b.wav")])
        assert [found async for found in studio.history()]
        await other.delete()
    assert [fault for r in discord_.requests for fault in request_faults(r)] == []
    faults = [fault for answer in answers for fault in response_faults(*answer)]
    assert faults == [], "\n".join(faults)


CALLBACK = "/interactions/1/token/callback"
FORM = {"title": "x" * 60, "custom_id": "c", "components": []}
LABEL = {"type": 2, "style": 1, "label": "x" * 90, "custom_id": "a"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/channels/1/messages", {"content": "x" * 4001}),
        ("POST", "/channels/1/messages", {"content": 5}),
        ("POST", "/channels/1/messages", {"attachments": [{"filename": "no id"}]}),
        ("POST", "/channels/1/messages", {"message_reference": {"channel_id": "1"}}),
        ("POST", "/channels/1/messages", {"components": [{"type": 1, "components": [LABEL]}]}),
        ("POST", "/channels/1/messages", {"allowed_mentions": {"parse": ["all"]}}),
        ("POST", "/webhooks/1/token", {"content": "x", "embeds": [{"title": "x" * 300}]}),
        ("PATCH", "/webhooks/1/token/messages/@original", {"content": "x" * 2001 * 2}),
        ("POST", CALLBACK, {"type": 99}),
        ("POST", CALLBACK, {"type": 9, "data": FORM}),
        ("PUT", "/applications/1/commands", [{"name": "x" * 40, "description": "d"}]),
        ("PUT", "/applications/1/commands", {"name": "no list"}),
        ("POST", "/channels/1/messages", None),
        ("GET", "/channels/1/message", None),
        ("POST", "/users/@me/channels", {"recipient_id": "nobody"}),
    ],
)
def test_a_wrong_body_is_caught(method: str, path: str, body: Any) -> None:
    assert request_faults(Recorded(method, path, body, [])) != []


def test_a_file_is_caught_where_none_is_taken() -> None:
    file = File("files[0]", "a.wav", b"")
    assert request_faults(Recorded("POST", "/users/@me/channels", {"recipient_id": "1"}, [file]))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/users/@me", 200, {"id": "1"}),
        ("/users/@me", 302, {}),
        ("/channels/1/messages/2", 200, {"id": "1", "content": "too little"}),
        ("/channels/1/messages/2", 404, {"code": 10008}),
    ],
)
def test_a_wrong_answer_is_caught(path: str, status: int, body: Any) -> None:
    assert response_faults("GET", path, status, body) != []
