"""What single people may do: roles and permissions given and taken, and commands meant for few."""

import discord
import pytest
from discord import app_commands
from small_bot import SmallBot, online

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal


def restricted() -> SmallBot:
    bot = SmallBot()

    @bot.tree.command(description="For those who manage the server")
    @app_commands.default_permissions(manage_guild=True)
    async def settings(interaction: discord.Interaction) -> None:
        held = interaction.permissions
        await interaction.response.send_message(f"{held.manage_guild} {held.attach_files}")

    @bot.tree.command(description="For administrators")
    @app_commands.default_permissions()
    async def danger(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("done")

    @bot.tree.command(description="In servers only")
    @app_commands.guild_only()
    async def jam(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("jamming")

    return bot


async def answer(discord_: Rehearsal, who: str, command: str, channel: str = "studio") -> str:
    handle = await discord_.person(who).slash(command, channel=channel)
    assert handle.original is not None
    return str(handle.original["content"])


async def test_a_command_is_refused_to_whom_it_is_not_meant_for_until_they_may(
    discord_: Rehearsal,
) -> None:
    grace = discord_.person("Grace").user
    async with online(restricted(), discord_):
        assert await answer(discord_, "Ada", "settings") == "True True"
        with pytest.raises(Declined, match=r"You may not use /settings here\."):
            await answer(discord_, "Grace", "settings")
        discord_.grants.give(grace, Permission.MANAGE_GUILD)
        assert await answer(discord_, "Grace", "settings") == "True True"
        discord_.grants.deny(grace, Permission.ATTACH_FILES)
        assert await answer(discord_, "Grace", "settings") == "True False"
        discord_.grants.give(grace, Permission.ATTACH_FILES)
        assert await answer(discord_, "Grace", "settings") == "True True"
        discord_.grants.deny(grace, Permission.MANAGE_GUILD)
        with pytest.raises(Declined, match="你不能在这里使用 /settings。"):
            await answer(discord_, "小林", "settings")
        with pytest.raises(Declined):
            await answer(discord_, "Grace", "settings")


async def test_a_command_for_nobody_is_for_administrators(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace").user
    async with online(restricted(), discord_):
        assert await answer(discord_, "Ada", "danger") == "done"
        discord_.grants.give(grace, Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES)
        with pytest.raises(Declined):
            await answer(discord_, "Grace", "danger")
        discord_.grants.give(grace, Permission.ADMINISTRATOR)
        assert await answer(discord_, "Grace", "danger") == "done"


async def test_a_command_for_servers_is_not_offered_in_direct_messages(
    discord_: Rehearsal,
) -> None:
    async with online(restricted(), discord_):
        assert await answer(discord_, "Grace", "jam") == "jamming"
        with pytest.raises(Declined, match=r"You may not use /jam here\."):
            await answer(discord_, "Grace", "jam", "dm")


async def test_the_bot_knows_the_roles_and_who_has_them(discord_: Rehearsal) -> None:
    discord_.grants.give_role(discord_.person("Grace").user, "moderator")
    async with online(SmallBot(), discord_) as bot:
        guild = bot.studio().guild
        names = [role.name for role in guild.roles]
        assert names == ["@everyone", "mindjam", "dj", "moderator"]
        member = await guild.fetch_member(int(discord_.person("Grace").id))
        assert member.get_role(guild.roles[3].id) is not None
        assert bot.studio().permissions_for(member).manage_messages
        discord_.grants.take_role(discord_.person("Grace").user, "moderator")
        member = await guild.fetch_member(member.id)
        assert not bot.studio().permissions_for(member).manage_messages


async def test_what_is_denied_to_a_person_is_denied_in_every_channel(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    discord_.grants.give_role(grace.user, "moderator")
    discord_.grants.deny(grace.user, Permission.SEND_MESSAGES | Permission.MANAGE_MESSAGES)
    for channel in ("studio", "general"):
        with pytest.raises(Declined, match="You may not post"):
            await grace.send("hi", channel=channel)
    assert await grace.send("hi", channel="kitchen")
    held = discord_.grants.held(grace.user)
    assert held & Permission.MANAGE_THREADS
    assert not held & Permission.MANAGE_MESSAGES


async def test_the_owner_can_be_denied_nothing(discord_: Rehearsal) -> None:
    with pytest.raises(Declined, match="The owner of the server may do everything"):
        discord_.grants.deny(discord_.person("Ada").user, Permission.SEND_MESSAGES)


async def test_a_bot_that_may_know_members_hears_of_their_roles() -> None:
    intents = discord.Intents.default()
    intents.members = True
    told: list[list[str]] = []
    bot = SmallBot(intents=intents)

    @bot.event
    async def on_member_update(_: discord.Member, after: discord.Member) -> None:
        told.append([role.name for role in after.roles[1:]])

    async with Rehearsal(privileged_intents=1 << 1) as discord_, online(bot, discord_):
        heard = bot.wait_for("member_update", timeout=5)
        discord_.grants.give_role(discord_.person("Grace").user, "dj")
        await heard
    assert told == [["dj"]]
