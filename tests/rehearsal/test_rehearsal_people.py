"""Simulated people: what they may do, what they see, and waiting for what they wait for."""

import asyncio

import discord
import pytest
from small_bot import SmallBot, online

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.server import Rehearsal


def answering() -> SmallBot:
    bot = SmallBot()

    @bot.tree.command(description="Say where and to whom")
    async def where(interaction: discord.Interaction) -> None:
        place = "guild" if interaction.guild else "direct"
        await interaction.response.send_message(f"{place} {interaction.user.display_name}")

    @bot.tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"hello {member.display_name}")

    return bot


async def test_a_command_works_in_direct_messages(discord_: Rehearsal) -> None:
    async with online(answering(), discord_):
        handle = await discord_.person("Grace").slash("where", channel="dm")
        assert handle.original is not None
        assert handle.original["content"] == "direct Grace"
        assert discord_.person("Ada").messages("dm") == []


async def test_a_context_menu_works_on_a_person(discord_: Rehearsal) -> None:
    async with online(answering(), discord_):
        handle = await discord_.person("Ada").menu("Greet", discord_.person("小林"))
        assert handle.original is not None
        assert handle.original["content"] == "hello 小林"


@pytest.mark.parametrize(
    ("who", "told"), [("Ada", "There is no command /x."), ("小林", "没有命令 /x。")]
)
async def test_an_unknown_command_is_declined(discord_: Rehearsal, who: str, told: str) -> None:
    with pytest.raises(Declined, match=f"^{told}$"):
        await discord_.person(who).slash("x")
    with pytest.raises(Declined):
        await discord_.person(who).slash("")


async def test_commands_need_their_permission(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    async with online(answering(), discord_):
        studio = grace.channel("studio")
        discord_.faults.deny(Permission.USE_APPLICATION_COMMANDS, studio, grace.user)
        with pytest.raises(Declined, match=r"You may not use commands in #studio\."):
            await grace.slash("where")
        assert (await grace.slash("where", channel="general")).acked


async def test_files_need_their_permission(discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    discord_.faults.deny(Permission.ATTACH_FILES, grace.channel("studio"), grace.user)
    assert await grace.send("words")
    with pytest.raises(Declined, match=r"You may not attach files in #studio\."):
        await grace.send("music", files=[("hum.wav", b"hum")])


async def test_buttons_are_pressed_by_those_who_see_them_while_they_work(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Off", custom_id="off", disabled=True))
    message = await bot.studio().send("look", view=view)
    grace = discord_.person("Grace")
    with pytest.raises(Declined, match=r"That button cannot be pressed\."):
        await grace.press(str(message.id), "Off")
    discord_.faults.delete_message(str(message.id))
    with pytest.raises(Declined, match=r"That message is not there\."):
        await grace.press(str(message.id), "Off")


@pytest.mark.parametrize(
    ("values", "told"),
    [([], "Choose 1 to 1."), (["a", "b"], "Choose 1 to 1."), (["c"], "not among the choices")],
)
async def test_a_select_takes_only_what_it_offers(
    bot: SmallBot, discord_: Rehearsal, values: list[str], told: str
) -> None:
    view = discord.ui.View()
    options = [discord.SelectOption(label=label) for label in "ab"]
    view.add_item(discord.ui.Select(custom_id="one", options=options))
    message = await bot.studio().send("choose", view=view)
    with pytest.raises(Declined, match=told):
        await discord_.person("Ada").press(str(message.id), "one", values)


async def test_there_is_nobody_else(discord_: Rehearsal) -> None:
    with pytest.raises(Declined, match=r"There is nobody called Linus\."):
        discord_.person("Linus")


async def test_waiting_counts_what_is_there_what_comes_and_what_is_edited(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    first = await bot.studio().send("one")
    found = await discord_.wait_for_message(lambda m: m["content"] == "one")
    assert found["id"] == str(first.id)
    waiting = asyncio.create_task(discord_.wait_for_message(lambda m: m["content"] == "two"))
    await first.edit(content="two")
    assert (await waiting)["id"] == str(first.id)
    later = asyncio.create_task(discord_.wait_for_message(lambda _: True, after=found))
    second = await bot.studio().send("three")
    assert (await later)["id"] == str(second.id)


async def test_waiting_in_vain_tells_what_was_there(discord_: Rehearsal) -> None:
    await discord_.person("Ada").send("only this", files=[("hum.wav", b"hum")])
    with pytest.raises(TimeoutError, match=r"Ada: 'only this' \[hum.wav\]"):
        await discord_.wait_for_message(lambda m: m["content"] == "that", timeout=0.05)


async def test_a_mistake_in_the_condition_is_raised_at_once(discord_: Rehearsal) -> None:
    await discord_.person("Ada").send("hello")
    with pytest.raises(KeyError):
        await discord_.wait_for_message(lambda m: m["contents"])


async def test_discord_py_is_let_go_after_the_rehearsal(discord_: Rehearsal) -> None:
    from discord.http import Route

    before = Route.BASE
    with discord_.attach():
        assert f"{discord_.base}/api/v10" == Route.BASE
    assert before == Route.BASE
