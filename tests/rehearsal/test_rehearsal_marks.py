"""Reactions and pins, histories in every direction, and files that an edit keeps or drops."""

import discord
import pytest
from openapi_schema import DESCRIPTION, request_faults
from small_bot import SmallBot, eventually, online, wav_file

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal


class Counting(SmallBot):
    """Keeps what it hears of reactions and pins."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        who = event.member.display_name if event.member else event.user_id
        self.told.append(f"+{event.emoji}{who}")

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        self.told.append(f"-{event.emoji}")

    async def on_raw_reaction_clear(self, _: discord.RawReactionClearEvent) -> None:
        self.told.append("clear")

    async def on_guild_channel_pins_update(self, *_: object) -> None:
        self.told.append("pins")


async def test_reactions_of_people_and_of_the_bot_are_heard_and_counted(
    discord_: Rehearsal,
) -> None:
    grace = discord_.person("Grace")
    bot = Counting()
    async with online(bot, discord_):
        message = await bot.studio().send("a clip")
        await message.add_reaction("🔥")
        grace.react(str(message.id), "🔥")
        grace.react(str(message.id), "🔥")
        await eventually(lambda: bot.told == ["+🔥mindjam", "+🔥Grace"])
        (reaction,) = (await bot.studio().fetch_message(message.id)).reactions
        assert (reaction.emoji, reaction.count, reaction.me) == ("🔥", 2, True)
        assert {user.name async for user in reaction.users()} == {"mindjam", "grace"}
        await message.remove_reaction("🔥", bot.user)  # type: ignore[arg-type]
        grace.react(str(message.id), "🔥", on=False)
        await eventually(lambda: bot.told[2:] == ["-🔥", "-🔥"])
        assert (await bot.studio().fetch_message(message.id)).reactions == []
        with pytest.raises(discord.HTTPException) as caught:
            await message.add_reaction("name:123")
        assert caught.value.code == 10014
    if DESCRIPTION.exists():
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []


async def test_clearing_reactions_needs_the_permission_to_manage_messages(
    discord_: Rehearsal,
) -> None:
    ada = discord_.person("Ada")
    bot = Counting()
    async with online(bot, discord_):
        message = await bot.studio().send("a clip")
        ada.react(str(message.id), "🎵")
        with pytest.raises(discord.Forbidden):
            await message.clear_reactions()
        with pytest.raises(discord.Forbidden):
            await message.remove_reaction("🎵", discord.Object(int(ada.id)))
        discord_.faults.allow(Permission.MANAGE_MESSAGES, ada.channel("studio"))
        await message.clear_reactions()
        await eventually(lambda: "clear" in bot.told)
        assert ada.messages()[-1].get("reactions") is None


async def test_a_first_reaction_needs_its_permission_and_joining_one_does_not(
    discord_: Rehearsal,
) -> None:
    grace, studio = discord_.person("Grace"), discord_.person("Ada").channel("studio")
    bot = Counting()
    async with online(bot, discord_):
        message = await bot.studio().send("a clip")
        for who in (None, grace.user):
            discord_.faults.deny(Permission.ADD_REACTIONS, studio, who)
        with pytest.raises(discord.Forbidden):
            await message.add_reaction("🔥")
        with pytest.raises(Declined, match="You may not react in #studio"):
            grace.react(str(message.id), "🔥")
        discord_.person("Ada").react(str(message.id), "🔥")
        await message.add_reaction("🔥")
        grace.react(str(message.id), "🔥")
        assert grace.messages()[-1]["reactions"][0]["count"] == 3


async def test_pins_are_set_listed_taken_off_and_said_in_the_channel(discord_: Rehearsal) -> None:
    ada = discord_.person("Ada")
    bot = Counting()
    async with online(bot, discord_):
        first, second = await bot.studio().send("one"), await bot.studio().send("two")
        with pytest.raises(discord.Forbidden):
            await first.pin()
        discord_.faults.allow(Permission.PIN_MESSAGES, ada.channel("studio"))
        await first.pin()
        await second.pin()
        assert [m.content async for m in bot.studio().pins()] == ["two", "one"]
        assert [m["type"] for m in ada.messages()] == [0, 0, 6, 6]
        assert ada.messages()[2]["message_reference"]["message_id"] == str(first.id)
        await first.unpin()
        assert [m.content async for m in bot.studio().pins()] == ["two"]
        assert (await bot.studio().fetch_message(first.id)).pinned is False
        await eventually(lambda: bot.told.count("pins") == 3)
    if DESCRIPTION.exists():
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []


async def test_a_history_goes_before_after_and_around(bot: SmallBot, discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    sent = [await grace.send(str(n)) for n in range(9)]
    fifth = discord.Object(int(sent[4]["id"]))
    studio = bot.studio()

    async def ids(**where: object) -> list[int]:
        found = [message async for message in studio.history(**where)]  # type: ignore[arg-type]
        known = [int(message["id"]) for message in sent]
        return [known.index(message.id) for message in found]

    assert await ids(limit=3) == [8, 7, 6]
    assert await ids(limit=2, before=fifth) == [3, 2]
    assert await ids(limit=2, after=fifth) == [5, 6]
    assert sorted(await ids(limit=5, around=fifth)) == [2, 3, 4, 5, 6]
    first = discord.Object(int(sent[0]["id"]))
    assert sorted(await ids(limit=5, around=first)) == [0, 1, 2]


async def test_an_edit_keeps_drops_and_adds_files_as_it_says(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    message = await bot.studio().send(files=[wav_file("a.wav"), wav_file("b.wav")])
    kept = message.attachments[1]
    gone = message.attachments[0].id
    edited = await message.edit(attachments=[kept, wav_file("c.wav")])
    assert [file.filename for file in edited.attachments] == ["b.wav", "c.wav"]
    assert edited.attachments[0].id == kept.id
    assert str(gone) not in discord_.world.attachments
    edited = await edited.edit(content="words only", attachments=[])
    assert edited.attachments == []
    assert discord_.world.attachments == {}
