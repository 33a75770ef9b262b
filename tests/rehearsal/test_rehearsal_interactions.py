"""The life of an interaction: three seconds, one acknowledgement, fifteen minutes."""

import asyncio
from collections.abc import Awaitable, Callable

import discord
import pytest
from small_bot import SmallBot, SteppedClock, eventually, online, wav_file

from bot.rehearsal.interactions import ACKNOWLEDGE_SECONDS, TOKEN_SECONDS
from bot.rehearsal.server import Rehearsal

Act = Callable[[discord.Interaction], Awaitable[None]]


def doing(act: Act) -> SmallBot:
    """Return a bot whose /go does this, and which keeps what went wrong in `bot.errors`."""
    bot = SmallBot()

    @bot.tree.command(description="Go")
    async def go(interaction: discord.Interaction) -> None:
        await act(interaction)

    bot.errors = []  # type: ignore[attr-defined]

    @bot.tree.error
    async def keep(_: discord.Interaction, error: discord.app_commands.AppCommandError) -> None:
        bot.errors.append(getattr(error, "original", error))  # type: ignore[attr-defined]

    return bot


def code_of(bot: SmallBot) -> int:
    (error,) = bot.errors  # type: ignore[attr-defined]
    assert isinstance(error, discord.HTTPException)
    return error.code


def test_the_times_are_those_of_discord() -> None:
    assert (ACKNOWLEDGE_SECONDS, TOKEN_SECONDS) == (3, 15 * 60)


async def test_a_second_acknowledgement_is_refused(discord_: Rehearsal) -> None:
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        again = discord.InteractionResponse(interaction)
        await again.send_message("again")

    bot = doing(twice)
    async with online(bot, discord_):
        await discord_.person("Ada").slash("go")
        await eventually(lambda: bot.errors)  # type: ignore[attr-defined]
    assert code_of(bot) == 40060


@pytest.mark.parametrize(
    ("who", "text"), [("Ada", "The application did not respond"), ("小林", "该应用未响应")]
)
async def test_who_waits_too_long_reads_that_the_bot_did_not_respond(who: str, text: str) -> None:
    async def late(interaction: discord.Interaction) -> None:
        await asyncio.sleep(0.4)
        await interaction.response.send_message("too late")

    bot = doing(late)
    async with Rehearsal(acknowledge_seconds=0.2) as discord_, online(bot, discord_):
        handle = await discord_.person(who).slash("go")
        assert (handle.acked, handle.error, handle.original) == (False, text, None)
        await eventually(lambda: bot.errors)  # type: ignore[attr-defined]
        assert code_of(bot) == 10062
        assert discord_.person(who).messages() == []


async def test_the_clock_alone_ends_the_time_to_acknowledge(
    discord_: Rehearsal, clock: SteppedClock
) -> None:
    async def late(interaction: discord.Interaction) -> None:
        clock.forward(3.1)
        await interaction.response.send_message("too late")

    bot = doing(late)
    async with online(bot, discord_):
        ada = discord_.person("Ada")
        ada.type_command("go", {}, {}, "studio")
        await eventually(lambda: bot.errors)  # type: ignore[attr-defined]
    assert code_of(bot) == 10062


async def test_nobody_answers_while_the_bot_is_away() -> None:
    async with Rehearsal(acknowledge_seconds=0.1) as discord_:
        async with online(doing(lambda _: asyncio.sleep(0)), discord_):
            pass
        assert (await discord_.person("Ada").slash("go")).error is not None


async def test_after_fifteen_minutes_the_token_is_dead_and_the_channel_is_not(
    discord_: Rehearsal, clock: SteppedClock
) -> None:
    codes = []

    async def slowly(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        clock.forward(14 * 60)
        await interaction.edit_original_response(content="still here")
        clock.forward(61)
        for attempt in (
            lambda: interaction.followup.send("late"),
            lambda: interaction.edit_original_response(content="late"),
            interaction.delete_original_response,
            lambda: discord.InteractionResponse(interaction).send_message("late"),
        ):
            with pytest.raises(discord.HTTPException) as caught:
                await attempt()
            codes.append((caught.value.status, caught.value.code))
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.channel.send("by the bot's own token", file=wav_file())

    async with online(doing(slowly), discord_):
        handle = await discord_.person("Ada").slash("go")
        await discord_.wait_for_message(lambda m: m["attachments"])
    assert codes == [(401, 50027)] * 3 + [(404, 10062)]
    assert handle.original is not None
    assert handle.original["content"] == "still here"


async def test_a_follow_up_right_after_a_defer_edits_the_original(discord_: Rehearsal) -> None:
    async def follow(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        first = await interaction.followup.send("first", wait=True)
        second = await interaction.followup.send("second", wait=True)
        assert first.id == (await interaction.original_response()).id
        await second.edit(content="second, edited")

    bot = doing(follow)
    async with online(bot, discord_):
        handle = await discord_.person("Ada").slash("go")
        await discord_.wait_for_message(lambda m: m["content"] == "second, edited")
        assert [m["content"] for m in discord_.person("Ada").messages()] == [
            "first", "second, edited",
        ]  # fmt: skip
    assert handle.original is not None
    assert handle.original["content"] == "first"


async def test_an_ephemeral_answer_is_seen_by_its_addressee_alone(discord_: Rehearsal) -> None:
    async def whisper(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("psst")

    async with online(doing(whisper), discord_) as bot:
        await discord_.person("Ada").slash("go")
        message = await discord_.wait_for_message(lambda m: m["content"] == "psst")
        assert message["flags"] == 64
        assert [m["id"] for m in discord_.person("Ada").messages()] == [message["id"]]
        assert discord_.person("Grace").messages() == []
        assert [m.content async for m in bot.studio().history()] == []
        with pytest.raises(discord.NotFound):
            await bot.studio().fetch_message(int(message["id"]))


async def test_the_original_response_can_be_deleted_once(discord_: Rehearsal) -> None:
    async def gone(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("here")
        await interaction.delete_original_response()
        await interaction.delete_original_response()

    bot = doing(gone)
    async with online(bot, discord_):
        handle = await discord_.person("Ada").slash("go")
        assert handle.acked
        await eventually(lambda: bot.errors)  # type: ignore[attr-defined]
        assert discord_.person("Ada").messages() == []
    assert code_of(bot) == 10008


async def test_a_refused_answer_leaves_the_interaction_open(discord_: Rehearsal) -> None:
    async def retry(interaction: discord.Interaction) -> None:
        with pytest.raises(discord.HTTPException) as caught:
            await interaction.response.send_message("x" * 2001)
        assert caught.value.code == 50035
        await interaction.response.send_message("short")

    async with online(doing(retry), discord_):
        handle = await discord_.person("Ada").slash("go")
    assert handle.original is not None
    assert handle.original["content"] == "short"


async def test_an_update_of_a_deleted_message_is_refused(discord_: Rehearsal) -> None:
    async def offer(interaction: discord.Interaction) -> None:
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="Go", custom_id="go"))
        await interaction.response.send_message("press", view=view)

    bot, codes = doing(offer), []

    async with online(bot, discord_):

        @bot.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            if interaction.type is discord.InteractionType.component:
                await interaction.message.delete()  # type: ignore[union-attr]
                try:
                    await interaction.response.edit_message(content="new")
                except discord.NotFound as error:
                    codes.append(error.code)
                    await interaction.response.defer()

        handle = await discord_.person("Ada").slash("go")
        assert handle.original is not None
        await discord_.person("Ada").press(handle.original, "go")
    assert codes == [10008]
