"""Faults on demand, and what stock discord.py does about them."""

import asyncio
import time

import discord
import pytest
from small_bot import WAV, SmallBot, eventually, online, wav_file

from bot.rehearsal.server import Rehearsal


def posts(discord_: Rehearsal) -> int:
    return sum(r.method == "POST" and r.path.endswith("/messages") for r in discord_.requests)


async def test_a_429_is_waited_for_and_the_file_sent_again(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    discord_.faults.rate_limit("POST", "/messages$", retry_after=0.2, times=2)
    began = time.monotonic()
    posted = await bot.studio().send("patience", file=wav_file())
    assert time.monotonic() - began >= 0.4
    assert posts(discord_) == 3
    assert await posted.attachments[0].read() == WAV


async def test_a_429_on_an_interactions_webhook_is_waited_for(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Go")
    async def go(interaction: discord.Interaction) -> None:
        discord_.faults.rate_limit("PATCH", "/webhooks/", retry_after=0.1)
        await interaction.response.defer()
        await interaction.edit_original_response(content="edited at last")

    async with online(bot, discord_):
        await discord_.person("Ada").slash("go")
        await discord_.wait_for_message(lambda m: m["content"] == "edited at last")
    assert [r.method for r in discord_.requests].count("PATCH") == 2


async def test_a_500_is_tried_again(bot: SmallBot, discord_: Rehearsal) -> None:
    discord_.faults.fail(500, "POST", "/messages$")
    await bot.studio().send("second try", file=wav_file())
    assert posts(discord_) == 2
    assert len(discord_.person("Ada").messages()) == 1


async def test_a_503_is_told_to_the_bot(bot: SmallBot, discord_: Rehearsal) -> None:
    discord_.faults.fail(503, "POST", "/messages$")
    with pytest.raises(discord.DiscordServerError):
        await bot.studio().send("not today")
    assert discord_.person("Ada").messages() == []


async def test_a_post_whose_answer_was_lost_appears_once(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    discord_.faults.fail(500, "POST", "/messages$", after=True)
    await bot.studio().send("once", nonce="once")
    assert posts(discord_) == 2
    assert len(discord_.person("Ada").messages()) == 1


async def test_a_fault_after_the_fact_leaves_the_message_posted(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    discord_.faults.fail(503, "POST", "/messages$", after=True)
    with pytest.raises(discord.DiscordServerError):
        await bot.studio().send("posted all the same")
    assert [m["content"] for m in discord_.person("Ada").messages()] == ["posted all the same"]


async def test_cleared_faults_do_not_strike(bot: SmallBot, discord_: Rehearsal) -> None:
    discord_.faults.fail(503, "POST", "/messages$", times=9)
    discord_.faults.clear()
    assert await bot.studio().send("fine")


@pytest.mark.parametrize("code", [4000, 1000, None], ids=["closed", "politely", "cut"])
async def test_a_dropped_socket_is_resumed_and_what_was_missed_is_replayed(
    bot: SmallBot, discord_: Rehearsal, code: int | None
) -> None:
    ada = discord_.person("Ada")
    await ada.send("before")
    await eventually(lambda: len(bot.heard) == 1)
    await discord_.faults.drop_gateway(code)
    assert not discord_.gateway.online
    await ada.send("meanwhile")
    await asyncio.wait_for(bot.resumed.wait(), 10)
    await ada.send("after")
    await eventually(lambda: len(bot.heard) == 3)
    sent = [message["id"] for message in ada.messages()]
    assert [str(message.id) for message in bot.heard] == sent
    assert discord_.gateway.resumes == 1


async def test_a_bot_asked_to_reconnect_resumes(bot: SmallBot, discord_: Rehearsal) -> None:
    discord_.faults.ask_to_reconnect()
    await asyncio.wait_for(bot.resumed.wait(), 10)
    assert discord_.gateway.resumes == 1


async def test_a_command_typed_while_the_socket_is_down_is_answered_after_the_resume(
    discord_: Rehearsal,
) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Go")
    async def go(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("back")

    async with online(bot, discord_):
        await discord_.faults.drop_gateway()
        handle = await discord_.person("Ada").slash("go")
    assert handle.acked


async def test_a_lost_session_is_identified_anew(bot: SmallBot, discord_: Rehearsal) -> None:
    again = asyncio.create_task(bot.wait_for("ready"))
    await asyncio.sleep(0)
    await discord_.faults.drop_gateway(resumable=False)
    await asyncio.wait_for(again, 10)
    assert discord_.gateway.resumes == 0
    await discord_.person("Ada").send("hello again")
    await eventually(lambda: len(bot.heard) == 1)


async def test_a_slow_cdn_delivers_late_and_whole(bot: SmallBot, discord_: Rehearsal) -> None:
    posted = await bot.studio().send(file=wav_file(content=bytes(50_000)))
    discord_.faults.slow_cdn(0.1, bytes_per_second=250_000)
    began = time.monotonic()
    assert await posted.attachments[0].read() == bytes(50_000)
    assert time.monotonic() - began >= 0.25


async def test_a_request_can_be_made_slow(bot: SmallBot, discord_: Rehearsal) -> None:
    discord_.faults.slow(0.2, "POST", "/typing$")
    began = time.monotonic()
    async with bot.studio().typing():
        pass
    assert time.monotonic() - began >= 0.2


async def test_a_deleted_channel_is_gone_with_its_messages_and_files(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    studio = bot.studio()
    posted = await studio.send(file=wav_file())
    discord_.faults.delete_channel(discord_.world.channel(str(studio.id)))
    with pytest.raises(discord.NotFound) as caught:
        await studio.send("anybody?")
    assert caught.value.code == 10003
    with pytest.raises(discord.NotFound):
        await posted.attachments[0].read()
    await eventually(lambda: [c.name for c in bot.get_all_channels()] == ["general"])


async def test_a_channel_deleted_in_the_middle_ends_follow_ups(discord_: Rehearsal) -> None:
    bot, codes = SmallBot(), []

    @bot.tree.command(description="Go")
    async def go(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        discord_.faults.delete_channel(discord_.world.channel(str(interaction.channel_id)))
        for attempt in (interaction.edit_original_response, interaction.followup.send):
            try:
                await attempt(content="late")
            except discord.NotFound as error:
                codes.append(error.code)

    async with online(bot, discord_):
        await discord_.person("Ada").slash("go")
        await eventually(lambda: len(codes) == 2)
    assert codes == [10008, 10003]
