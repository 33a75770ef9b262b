"""Replies with and without a mention, and what a bot without the content intent reads in them."""

import discord
import pytest
from small_bot import SmallBot, eventually, online

from bot.rehearsal.refusals import Json
from bot.rehearsal.server import Rehearsal

FILE = [("hum.wav", b"hum")]


def responding() -> SmallBot:
    bot = SmallBot()

    @bot.tree.command(description="Respond")
    async def respond(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("a response")

    return bot


async def heard(bot: SmallBot, sent: Json) -> discord.Message:
    await eventually(lambda: any(str(message.id) == sent["id"] for message in bot.heard))
    return next(message for message in bot.heard if str(message.id) == sent["id"])


@pytest.mark.parametrize(
    ("target", "ping", "readable"),
    [
        ("regular", True, True),
        ("regular", False, False),
        ("response", True, False),
        ("response", False, False),
        ("person", True, False),
    ],
)
async def test_a_reply_with_a_file_is_read_when_it_mentions_the_bot(
    discord_: Rehearsal, target: str, ping: bool, readable: bool
) -> None:
    ada, bot = discord_.person("Ada"), responding()
    async with online(bot, discord_):
        asked = await discord_.person("Grace").send("play")
        posted = await bot.studio().send("a clip")
        response = (await ada.slash("respond")).original
        assert response is not None
        answered = {"regular": str(posted.id), "response": response["id"], "person": asked["id"]}
        sent = await ada.send("funkier", files=FILE, reply_to=answered[target], ping=ping)
        message = await heard(bot, sent)
        assert bool(message.content) is readable
        assert len(message.attachments) == int(readable)
        assert (bot.user in message.mentions) is readable
        assert message.reference is not None
        assert str(message.reference.message_id) == answered[target]
        assert ada.messages()[-1]["content"] == "funkier"


async def test_a_mention_in_the_words_is_read_even_in_a_silent_reply(
    discord_: Rehearsal,
) -> None:
    ada, bot = discord_.person("Ada"), responding()
    async with online(bot, discord_):
        posted = await bot.studio().send("a clip")
        words = f"<@{discord_.world.bot.id}> funkier"
        sent = await ada.send(words, files=FILE, reply_to=str(posted.id), ping=False)
        message = await heard(bot, sent)
        assert message.content == words
        assert len(message.attachments) == 1


async def test_everything_is_read_in_direct_messages(discord_: Rehearsal) -> None:
    ada, bot = discord_.person("Ada"), responding()
    async with online(bot, discord_):
        sent = await ada.send("funkier", channel="dm", files=FILE)
        message = await heard(bot, sent)
        assert (message.content, len(message.attachments)) == ("funkier", 1)


async def test_what_is_fetched_is_as_empty_as_what_is_heard(discord_: Rehearsal) -> None:
    ada, bot = discord_.person("Ada"), responding()
    async with online(bot, discord_):
        posted = await bot.studio().send("a clip")
        loud = await ada.send("loud", files=FILE, reply_to=str(posted.id))
        quiet = await ada.send("quiet", files=FILE, reply_to=str(posted.id), ping=False)
        fetched = [await bot.studio().fetch_message(int(sent["id"])) for sent in (loud, quiet)]
        assert [(m.content, len(m.attachments)) for m in fetched] == [("loud", 1), ("", 0)]
