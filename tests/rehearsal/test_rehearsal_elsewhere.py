"""A server where the bot is no member: a person brings it along, and only interactions work."""

from collections.abc import Awaitable, Callable

import discord
import pytest
from discord import app_commands
from openapi_schema import DESCRIPTION, request_faults
from small_bot import SmallBot, eventually, online, wav_file

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal

Act = Callable[[discord.Interaction], Awaitable[None]]


def bringing(act: Act) -> SmallBot:
    """Return a bot whose /go can be brought along and does this; /stay cannot."""
    bot = SmallBot()

    @bot.tree.command(description="Go")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def go(interaction: discord.Interaction) -> None:
        await act(interaction)

    @bot.tree.command(description="Stay")
    async def stay(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("here")

    return bot


async def test_a_command_that_was_not_brought_along_is_not_there(discord_: Rehearsal) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("went")

    async with online(bringing(act), discord_):
        ada = discord_.person("Ada")
        assert (await ada.slash("go", channel="kitchen")).acked
        with pytest.raises(Declined, match=r"You may not use /stay here\."):
            await ada.slash("stay", channel="kitchen")
        discord_.person("Grace").user.installed = False
        with pytest.raises(Declined):
            await discord_.person("Grace").slash("go", channel="kitchen")
        assert (await discord_.person("Grace").slash("go")).acked


async def test_an_interaction_says_by_which_installation_it_came(discord_: Rehearsal) -> None:
    seen: list[tuple[bool, bool, int | None, bool]] = []
    permissions: list[discord.Permissions] = []

    async def act(interaction: discord.Interaction) -> None:
        seen.append(
            (
                interaction.is_guild_integration(),
                interaction.is_user_integration(),
                interaction.guild_id,
                interaction.context.dm_channel,
            )
        )
        permissions.append(interaction.app_permissions)
        await interaction.response.send_message("went")

    async with online(bringing(act), discord_):
        ada = discord_.person("Ada")
        for channel in ("studio", "kitchen", "dm"):
            await ada.slash("go", channel=channel)
    studio, kitchen = int(discord_.world.guild.id), int(discord_.world.elsewhere.id)
    assert seen == [
        (True, True, studio, False), (False, True, kitchen, False), (False, True, None, True)
    ]  # fmt: skip
    assert permissions[0].send_messages
    assert permissions[1].attach_files
    assert not permissions[1].send_messages
    assert not permissions[1].view_channel


async def test_only_five_follow_ups_are_taken_and_nothing_else_works(discord_: Rehearsal) -> None:
    codes: list[int] = []

    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="working", attachments=[wav_file()])
        for number in range(5):
            await interaction.followup.send(f"part {number}", file=wav_file())
        for attempt in (
            lambda: interaction.followup.send("one too many"),
            lambda: interaction.channel.send("by token"),  # type: ignore[union-attr]
            lambda: interaction.client.fetch_channel(interaction.channel_id or 0),
        ):
            with pytest.raises(discord.HTTPException) as caught:
                await attempt()
            codes.append(caught.value.code)
        await interaction.edit_original_response(content="done")

    bot = bringing(act)
    async with online(bot, discord_):
        ada = discord_.person("Ada")
        handle = await ada.slash("go", channel="kitchen")
        await discord_.wait_for_message(lambda m: m["content"] == "done")
        shown = [message["content"] for message in ada.messages("kitchen")]
        assert shown == ["done", *(f"part {number}" for number in range(5))]
        assert handle.acked
        assert codes == [40094, 50001, 50001]
        await ada.send(f"<@{discord_.world.bot.id}> hello?", channel="kitchen")
        await ada.send("hello?", channel="studio")
        await eventually(lambda: bot.heard)
        assert [message.guild.id for message in bot.heard if message.guild] == [
            int(discord_.world.guild.id)
        ]
        assert [guild.name for guild in bot.guilds] == ["Blue Hour Studio"]
    if DESCRIPTION.exists():
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []


async def test_in_the_studio_there_is_no_such_limit(discord_: Rehearsal) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("first")
        for number in range(7):
            await interaction.followup.send(f"part {number}")

    async with online(bringing(act), discord_):
        await discord_.person("Ada").slash("go")
        await discord_.wait_for_message(lambda m: m["content"] == "part 6")


async def test_who_may_not_use_apps_from_elsewhere_alone_sees_the_answer(
    discord_: Rehearsal,
) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("went")

    ada = discord_.person("Ada")
    discord_.faults.deny(Permission.USE_EXTERNAL_APPS, ada.channel("kitchen"), ada.user)
    async with online(bringing(act), discord_):
        await ada.slash("go", channel="kitchen")
        assert len(ada.messages("kitchen")) == 1
        assert discord_.person("Grace").messages("kitchen") == []
        await ada.slash("go", channel="studio")
        assert len(discord_.person("Grace").messages("studio")) == 1


async def test_a_button_of_a_brought_message_stays_brought(discord_: Rehearsal) -> None:
    seen: list[dict[int, int]] = []

    class Again(discord.ui.View):
        @discord.ui.button(label="Again", custom_id="again")
        async def again(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
            seen.append(dict(interaction._integration_owners))
            await interaction.response.edit_message(content="again")

    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("went", view=Again())

    async with online(bringing(act), discord_):
        handle = await discord_.person("Ada").slash("go", channel="kitchen")
        assert handle.original is not None
        owners = handle.original["interaction_metadata"]["authorizing_integration_owners"]
        assert owners == {"1": discord_.person("Ada").id}
        await discord_.person("Grace").press(handle.original, "Again")
    assert seen == [{1: int(discord_.person("Ada").id)}]
