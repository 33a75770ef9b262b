"""Threads: what a stock bot can do with them, what it hears, and who may what in them."""

import asyncio
from typing import Any

import discord
import pytest
from openapi_schema import DESCRIPTION, request_faults
from small_bot import SmallBot, eventually, online

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal

PUBLIC = discord.ChannelType.public_thread


class Listening(SmallBot):
    """Keeps what it hears of threads."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, Any]] = []

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self.told.append(("create", thread.name))

    async def on_thread_join(self, thread: discord.Thread) -> None:
        self.told.append(("join", thread.name))

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        self.told.append(("update", (before.archived, after.archived, after.name)))

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self.told.append(("delete", event.thread_id))

    async def on_thread_remove(self, thread: discord.Thread) -> None:
        self.told.append(("remove", thread.name))


async def test_a_thread_lives_its_whole_life_with_a_stock_bot(discord_: Rehearsal) -> None:
    ada = discord_.person("Ada")
    async with online(Listening(), discord_) as bot:
        assert isinstance(bot, Listening)
        studio = bot.studio()
        thread = await studio.create_thread(name="takes", type=PUBLIC, auto_archive_duration=60)
        assert (thread.parent, thread.owner_id, thread.archived) == (studio, bot.user.id, False)  # type: ignore[union-attr]
        await eventually(lambda: studio.threads)
        await thread.send("first take")
        await ada.send("again", channel=str(thread.id))
        await eventually(lambda: any(m.channel == thread for m in bot.heard))
        assert [m["content"] for m in ada.messages(str(thread.id))] == ["first take", "again"]
        assert (
            await anext(m.content async for m in thread.history(oldest_first=True)) == "first take"
        )
        await thread.edit(name="all takes", archived=True)
        await eventually(lambda: ("update", (False, True, "all takes")) in bot.told)
        fetched = await bot.fetch_channel(thread.id)
        assert isinstance(fetched, discord.Thread)
        assert (fetched.archived, fetched.auto_archive_duration) == (True, 60)
        assert [t.id async for t in studio.archived_threads()] == [thread.id]
        assert len(await fetched.fetch_members()) == 2
        with pytest.raises(discord.Forbidden):
            await fetched.delete()
        discord_.faults.allow(Permission.MANAGE_THREADS, ada.channel("studio"))
        await fetched.delete()
        await eventually(lambda: ("delete", thread.id) in bot.told)
        with pytest.raises(discord.NotFound):
            await bot.fetch_channel(thread.id)
    if DESCRIPTION.exists():
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []


async def test_a_thread_on_a_message_has_its_id_and_the_message_names_it(
    discord_: Rehearsal,
) -> None:
    async with online(Listening(), discord_) as bot:
        message = await bot.studio().send("a clip")
        thread = await message.create_thread(name="about the clip")
        assert thread.id == message.id
        fetched = await bot.studio().fetch_message(message.id)
        assert fetched.flags.has_thread
        assert fetched.thread is not None
        assert fetched.thread.name == "about the clip"
        with pytest.raises(discord.HTTPException) as caught:
            await message.create_thread(name="another")
        assert caught.value.code == 160004
        assert [thread.id for thread in await bot.studio().guild.active_threads()] == [message.id]


async def test_a_message_opens_an_archived_thread_unless_it_is_locked(
    discord_: Rehearsal,
) -> None:
    grace = discord_.person("Grace")
    async with online(Listening(), discord_) as bot:
        assert isinstance(bot, Listening)
        thread = await bot.studio().create_thread(name="takes", type=PUBLIC)
        posted = await thread.send("one")
        await thread.edit(archived=True)
        with pytest.raises(discord.HTTPException) as caught:
            await posted.edit(content="two")
        assert caught.value.code == 50083
        await grace.send("wake up", channel=str(thread.id))
        await eventually(lambda: ("update", (True, False, "takes")) in bot.told or
                         ("join", "takes") in bot.told)  # fmt: skip
        assert discord_.world.channel(str(thread.id)).thread.archived is False  # type: ignore[union-attr]
        discord_.faults.allow(Permission.MANAGE_THREADS, grace.channel("studio"))
        await thread.edit(archived=True, locked=True)
        discord_.faults.deny(Permission.MANAGE_THREADS, grace.channel("studio"))
        with pytest.raises(Declined, match="You may not post in #takes"):
            await grace.send("hello?", channel=str(thread.id))
        with pytest.raises(discord.HTTPException) as caught:
            await thread.send("hello?")
        assert caught.value.code == 50083


async def test_a_private_thread_is_for_those_who_were_added(discord_: Rehearsal) -> None:
    grace, lin = discord_.person("Grace"), discord_.person("小林")
    async with online(Listening(), discord_) as bot:
        assert isinstance(bot, Listening)
        thread = await bot.studio().create_thread(name="secret")
        await thread.add_user(discord.Object(int(grace.id)))
        assert await grace.send("I am in", channel=str(thread.id))
        assert lin.messages(str(thread.id)) == []
        with pytest.raises(Declined):
            await lin.send("me too", channel=str(thread.id))
        await thread.remove_user(discord.Object(int(grace.id)))
        assert not grace.sees(discord_.world.channel(str(thread.id)))
        theirs = grace.start_thread("no bots", private=True)
        with pytest.raises(discord.Forbidden):
            await bot.fetch_channel(int(theirs.id))
        assert ("create", "no bots") not in bot.told


@pytest.mark.parametrize(
    ("denied", "private"),
    [(Permission.CREATE_PUBLIC_THREADS, False), (Permission.CREATE_PRIVATE_THREADS, True)],
)
async def test_starting_a_thread_needs_its_permission(
    discord_: Rehearsal, denied: Permission, private: bool
) -> None:
    grace = discord_.person("Grace")
    studio = grace.channel("studio")
    kind = discord.ChannelType.private_thread if private else PUBLIC
    async with online(Listening(), discord_) as bot:
        discord_.faults.deny(denied, studio)
        with pytest.raises(discord.Forbidden) as caught:
            await bot.studio().create_thread(name="no", type=kind)
        assert caught.value.code == 50013
        discord_.faults.deny(denied, studio, grace.user)
        with pytest.raises(Declined, match="You may not start threads in #studio"):
            grace.start_thread("no", private=private)


async def test_writing_in_threads_is_a_permission_of_its_own(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    studio = grace.channel("studio")
    async with online(Listening(), discord_) as bot:
        thread = await bot.studio().create_thread(name="takes", type=PUBLIC)
        for who in (None, grace.user):
            discord_.faults.deny(Permission.SEND_MESSAGES_IN_THREADS, studio, who)
        with pytest.raises(discord.Forbidden):
            await thread.send("no")
        with pytest.raises(Declined):
            await grace.send("no", channel=str(thread.id))
        assert await bot.studio().send("yes")
        assert await grace.send("yes")


async def test_a_bot_that_comes_later_finds_the_threads_that_are_open(
    discord_: Rehearsal,
) -> None:
    grace = discord_.person("Grace")
    grace.start_thread("open")
    closed = grace.start_thread("closed")
    closed.thread.archived = True  # type: ignore[union-attr]
    async with online(Listening(), discord_) as bot:
        assert [thread.name for thread in bot.studio().threads] == ["open"]


async def test_commands_work_in_threads(discord_: Rehearsal) -> None:
    bot = Listening()

    @bot.tree.command(description="Where")
    async def where(interaction: discord.Interaction) -> None:
        assert isinstance(interaction.channel, discord.Thread)
        await interaction.response.send_message(f"in {interaction.channel.name}")

    async with online(bot, discord_):
        thread = discord_.person("Grace").start_thread("takes")
        handle = await discord_.person("Ada").slash("where", channel=thread.id)
        assert handle.original is not None
        assert handle.original["content"] == "in takes"


@pytest.mark.parametrize(
    "body",
    [{"name": ""}, {"name": "x" * 101}, {"name": "x", "auto_archive_duration": 5},
     {"name": "x", "type": 0}],
)  # fmt: skip
async def test_a_thread_that_discord_would_not_start_is_refused(
    discord_: Rehearsal, body: dict[str, Any]
) -> None:
    async with online(Listening(), discord_) as bot:
        route = discord.http.Route("POST", "/channels/{id}/threads", id=bot.studio().id)
        with pytest.raises(discord.HTTPException) as caught:
            await asyncio.wait_for(bot.http.request(route, json=body), 5)
        assert caught.value.code == 50035
