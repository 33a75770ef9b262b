"""The gateway's frames and close codes, as a raw websocket sees them."""

import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from small_bot import SmallBot, eventually, online

from bot.rehearsal.permissions import Permission
from bot.rehearsal.server import Rehearsal

MESSAGES, CONTENT = 1 << 9, 1 << 15
Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def connected(
    discord_: Rehearsal, query: str = "v=10&encoding=json"
) -> AsyncIterator[Socket]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{discord_.gateway.url}?{query}") as socket,
    ):
        yield socket


async def identify(socket: Socket, discord_: Rehearsal, intents: int = 1 | MESSAGES) -> Any:
    assert (await socket.receive_json(timeout=5))["op"] == 10
    body = {"token": discord_.token, "intents": intents, "properties": {}}
    await socket.send_json({"op": 2, "d": body})
    return await socket.receive_json(timeout=5)


async def closed_with(socket: Socket) -> int:
    while not socket.closed:
        await socket.receive(timeout=5)
    assert socket.close_code is not None
    return socket.close_code


async def test_a_heartbeat_is_acknowledged_before_identifying(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        hello = await socket.receive_json(timeout=5)
        assert hello["d"]["heartbeat_interval"] == 41250
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json(timeout=5))["op"] == 11


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ('{"d": 1}', 4002),
        ('{"op": 99, "d": {}}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "wrong", "intents": 1}}', 4004),
        ('{"op": 6, "d": {"token": "wrong", "session_id": "s", "seq": 1}}', 4004),
        ('{"op": 2, "d": {"token": "TOKEN", "intents": -1}}', 4013),
        ('{"op": 2, "d": {"token": "TOKEN"}}', 4013),
        ('{"op": 2, "d": {"token": "TOKEN", "intents": 32769}}', 4014),
        ('{"op": 2, "d": {"token": "TOKEN", "intents": 1, "shard": [2, 2]}}', 4010),
    ],
)
async def test_a_wrong_frame_hangs_up_with_its_code(
    discord_: Rehearsal, frame: str, code: int
) -> None:
    async with connected(discord_) as socket:
        await socket.send_str(frame.replace("TOKEN", discord_.token))
        assert await closed_with(socket) == code
    assert not discord_.gateway.online


async def test_another_version_of_the_gateway_is_not_spoken(discord_: Rehearsal) -> None:
    async with connected(discord_, "v=6") as socket:
        assert await closed_with(socket) == 4012


async def test_identifying_twice_hangs_up(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        await identify(socket, discord_)
        await socket.send_json({"op": 2, "d": {"token": discord_.token, "intents": 1}})
        assert await closed_with(socket) == 4005


async def test_more_than_120_frames_a_minute_hang_up(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        assert await closed_with(socket) == 4008


async def test_a_silent_bot_is_hung_up_on() -> None:
    async with Rehearsal(heartbeat_seconds=0.05) as discord_, connected(discord_) as socket:
        assert await closed_with(socket) == 4009


async def test_the_guild_comes_without_its_other_members(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        ready = await identify(socket, discord_)
        guild = await socket.receive_json(timeout=5)
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert ready["d"]["guilds"] == [{"id": discord_.world.guild.id, "unavailable": True}]
        assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
        assert [m["user"]["username"] for m in guild["d"]["members"]] == ["mindjam"]
        assert guild["d"]["member_count"] == 4


async def test_compression_is_one_zlib_stream_over_all_frames(discord_: Rehearsal) -> None:
    async with connected(discord_, "v=10&encoding=json&compress=zlib-stream") as socket:
        unpack = zlib.decompressobj()
        first = await socket.receive_bytes(timeout=5)
        assert first.endswith(b"\x00\x00\xff\xff")
        assert json.loads(unpack.decompress(first))["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        second = await socket.receive_bytes(timeout=5)
        assert json.loads(unpack.decompress(second))["op"] == 11


async def test_events_of_intents_not_asked_for_are_not_sent(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        await identify(socket, discord_, intents=1)
        await socket.receive_json(timeout=5)
        await discord_.person("Ada").send("unheard")
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json(timeout=5))["op"] == 11


async def test_a_channel_the_bot_does_not_see_is_not_heard(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    ada = discord_.person("Ada")
    discord_.faults.deny(Permission.VIEW_CHANNEL, ada.channel("general"))
    await ada.send("secret", channel="general")
    await ada.send("open")
    await eventually(lambda: bot.heard)
    assert [message.channel.id for message in bot.heard] == [bot.studio().id]


async def test_a_resume_replays_from_the_number_it_names(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        session = (await identify(socket, discord_))["d"]["session_id"]
        await discord_.faults.drop_gateway()
    for text in ("one", "two"):
        await discord_.person("Ada").send(text)
    async with connected(discord_) as socket:
        await socket.receive_json(timeout=5)
        body = {"token": discord_.token, "session_id": session, "seq": 3}
        await socket.send_json({"op": 6, "d": body})
        missed = await socket.receive_json(timeout=5)
        assert (missed["s"], missed["d"]["author"]["username"]) == (4, "ada")
        assert (await socket.receive_json(timeout=5))["t"] == "RESUMED"


@pytest.mark.parametrize("body", [{"session_id": "nonsense", "seq": 1}, {"seq": 99}])
async def test_a_resume_of_an_unknown_session_is_invalid(
    discord_: Rehearsal, body: dict[str, Any]
) -> None:
    async with connected(discord_) as socket:
        session = (await identify(socket, discord_))["d"]["session_id"]
        await discord_.faults.drop_gateway()
    async with connected(discord_) as socket:
        await socket.receive_json(timeout=5)
        asked = {"token": discord_.token, "session_id": session} | body
        await socket.send_json({"op": 6, "d": asked})
        assert await socket.receive_json(timeout=5) == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_bot_that_says_goodbye_cannot_resume(discord_: Rehearsal) -> None:
    async with connected(discord_) as socket:
        session = (await identify(socket, discord_))["d"]["session_id"]
        await socket.close(code=1000)
    await eventually(lambda: not discord_.gateway.online)
    async with connected(discord_) as socket:
        await socket.receive_json(timeout=5)
        body = {"token": discord_.token, "session_id": session, "seq": 2}
        await socket.send_json({"op": 6, "d": body})
        assert (await socket.receive_json(timeout=5))["op"] == 9


async def test_members_can_be_asked_for_by_name(bot: SmallBot) -> None:
    (member,) = await bot.guilds[0].query_members("gra")
    assert member.display_name == "Grace"


async def test_unread_intents_without_permission_stop_discord_py(discord_: Rehearsal) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    bot = SmallBot(intents=intents)
    with discord_.attach(), pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.start(discord_.token)
    await bot.close()


async def test_without_the_content_intent_others_words_are_hidden_with_exceptions(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    ada, me = discord_.person("Ada"), discord_.world.bot.id
    regular = await bot.studio().send("my own")
    await ada.send("hidden", files=[("hum.wav", b"hum")])
    await ada.send(f"<@{me}> shown", files=[("hum.wav", b"hum")])
    await ada.send("a reply, shown", reply_to=str(regular.id))
    await ada.send("direct, shown", channel="dm")
    await eventually(lambda: len(bot.heard) == 5)
    heard = [(m.content, len(m.attachments)) for m in bot.heard[1:]]
    assert heard == [
        ("", 0), (f"<@{me}> shown", 1), ("a reply, shown", 0), ("direct, shown", 0),
    ]  # fmt: skip
    fetched = await bot.studio().fetch_message(bot.heard[1].id)
    assert (fetched.content, fetched.attachments) == ("", [])


async def test_a_reply_to_an_interactions_response_is_hidden(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Go")
    async def go(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("a response")

    async with online(bot, discord_):
        ada = discord_.person("Ada")
        handle = await ada.slash("go")
        await ada.send("make it funkier", reply_to=handle.original)
        await eventually(lambda: len(bot.heard) == 2)
        reply = bot.heard[1]
        assert reply.content == ""
        assert reply.reference is not None
        assert isinstance(reply.reference.resolved, discord.Message)
        assert reply.reference.resolved.content == "a response"


async def test_with_the_content_intent_everything_is_read() -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    async with (
        Rehearsal(privileged_intents=CONTENT) as discord_,
        online(SmallBot(intents=intents), discord_) as bot,
    ):
        await discord_.person("Ada").send("read me", files=[("hum.wav", b"hum")])
        await eventually(lambda: bot.heard)
        assert bot.heard[0].content == "read me"
        assert await bot.heard[0].attachments[0].read() == b"hum"
