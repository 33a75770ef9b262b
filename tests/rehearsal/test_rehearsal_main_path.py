"""Stock discord.py against the embedded Discord, over real sockets: the way of one request."""

import discord
import pytest
from discord import app_commands
from small_bot import WAV, SmallBot, eventually, online, wav_file

from bot.rehearsal.server import Rehearsal


def with_compose(bot: SmallBot) -> SmallBot:
    """Add a /compose that defers, edits, follows up and posts."""

    @bot.tree.command(description="Make music")
    @app_commands.describe(prompt="What it sounds like", duration="Seconds", clip="Continue this")
    async def compose(
        interaction: discord.Interaction,
        prompt: str,
        duration: app_commands.Range[int, 1, 30] = 10,
        clip: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        heard = await clip.read() if clip else b""
        await interaction.edit_original_response(content=f"{len(heard)} bytes heard")
        await interaction.followup.send("second", file=wav_file("followup.wav"))
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.channel.send(f"{prompt}, {duration} s", file=wav_file())

    return bot


async def test_a_slash_command_with_a_file_ends_in_a_file_of_equal_bytes(
    discord_: Rehearsal,
) -> None:
    async with online(with_compose(SmallBot()), discord_) as bot:
        ada = discord_.person("Ada")
        handle = await ada.slash("compose", prompt="rain", duration=5, clip=("hum.wav", b"x" * 77))
        assert handle.acked
        assert handle.error is None
        posted = await discord_.wait_for_message(lambda m: m["content"] == "rain, 5 s")

        message = await bot.studio().fetch_message(int(posted["id"]))
        (attachment,) = message.attachments
        assert await attachment.read() == WAV
        assert attachment.filename == "clip.wav"
        assert attachment.content_type == "audio/wav"
        assert handle.original is not None
        assert handle.original["content"] == "77 bytes heard"
        assert not handle.original["flags"] & 128
    assert [r.path for r in discord_.requests].count("/users/@me") == 1
    assert discord_.refusals == []


async def test_a_deferred_response_says_thinking_until_it_is_edited(discord_: Rehearsal) -> None:
    seen: list[int] = []
    discord_.events.subscribe(
        lambda event: seen.append(int(event.message.flags)) if hasattr(event, "message") else None
    )
    async with online(with_compose(SmallBot()), discord_):
        await discord_.person("Grace").slash("compose", prompt="rain")
        await discord_.wait_for_message(lambda m: m["content"] == "rain, 10 s")
    assert seen[:2] == [128, 0]


async def test_an_interaction_brings_guild_channel_member_and_permissions(
    discord_: Rehearsal,
) -> None:
    bot, got = SmallBot(), []

    @bot.tree.command(description="Look around")
    async def look(interaction: discord.Interaction) -> None:
        got.append(interaction)
        await interaction.response.send_message("seen")

    async with online(bot, discord_):
        handle = await discord_.person("小林").slash("look")
        (interaction,) = got
        assert interaction.guild is not None
        assert interaction.guild.me.id == bot.user.id  # type: ignore[union-attr]
        assert interaction.channel.name == "studio"
        assert interaction.user.display_name == "小林"
        assert interaction.locale is discord.Locale.chinese
        assert interaction.app_permissions.attach_files
        assert not interaction.app_permissions.manage_messages
        assert interaction.filesize_limit == 10 << 20
        assert (await interaction.original_response()).content == "seen"
        assert handle.original is not None
        assert handle.original["interaction_metadata"]["user"]["id"] == str(interaction.user.id)


async def test_options_of_every_type_arrive_resolved(discord_: Rehearsal) -> None:
    bot, got = SmallBot(), []

    @bot.tree.command(description="Take all")
    async def take(
        interaction: discord.Interaction, text: str, whole: int, broken: float, yes: bool,
        who: discord.Member, where: discord.TextChannel, role: discord.Role,
    ) -> None:  # fmt: skip
        got.append((text, whole, broken, yes, who.id, where.name, role.name))
        await interaction.response.send_message("ok")

    async with online(bot, discord_):
        grace, world = discord_.person("Grace"), discord_.world
        await discord_.person("Ada").slash(
            "take", text="a", whole=3, broken=0.5, yes=True, who=grace,
            where=grace.channel("general").id, role=world.guild.id,
        )  # fmt: skip
    assert got == [("a", 3, 0.5, True, int(grace.id), "general", "@everyone")]


async def test_a_subcommand_in_a_group_is_reached_by_its_path(discord_: Rehearsal) -> None:
    bot, got = SmallBot(), []
    jam = app_commands.Group(name="jam", description="Play together")

    @jam.command(description="Begin")
    async def start(interaction: discord.Interaction, bars: int) -> None:
        got.append(bars)
        await interaction.response.send_message("go")

    bot.tree.add_command(jam)
    async with online(bot, discord_):
        handle = await discord_.person("Ada").slash("jam start", bars=8)
    assert handle.acked
    assert got == [8]


async def test_a_button_press_updates_its_message(discord_: Rehearsal) -> None:
    bot = SmallBot()

    class Again(discord.ui.View):
        @discord.ui.button(label="Again", custom_id="again")
        async def again(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
            await interaction.response.edit_message(content="pressed", view=None)
            await interaction.followup.send("and told", ephemeral=True)

    async with online(bot, discord_):
        message = await bot.studio().send("press", view=Again())
        handle = await discord_.person("Grace").press(str(message.id), "Again")
        assert handle.acked
        told = await discord_.wait_for_message(lambda m: m["content"] == "and told")
        assert told["flags"] & 64
        assert (await bot.studio().fetch_message(message.id)).content == "pressed"
        assert (await bot.studio().fetch_message(message.id)).components == []


async def test_choosing_from_a_select_brings_its_values(discord_: Rehearsal) -> None:
    bot, got = SmallBot(), []

    class Moods(discord.ui.View):
        @discord.ui.select(
            custom_id="mood", options=[discord.SelectOption(label=m) for m in ("calm", "wild")]
        )
        async def mood(self, interaction: discord.Interaction, select: discord.ui.Select) -> None:
            got.extend(select.values)
            await interaction.response.defer()

    async with online(bot, discord_):
        message = await bot.studio().send("choose", view=Moods())
        await discord_.person("Ada").press(str(message.id), "mood", ["wild"])
    assert got == ["wild"]


async def test_autocomplete_offers_what_the_bot_suggests(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Choose")
    async def style(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(name)

    @style.autocomplete("name")
    async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = [word for word in ("funk", "fugue", "jazz") if word.startswith(current)]
        return [app_commands.Choice(name=word, value=word) for word in found]

    async with online(bot, discord_):
        choices = await discord_.person("Ada").complete("style", "name", name="fu")
    assert [choice["value"] for choice in choices] == ["funk", "fugue"]


async def test_autocomplete_works_inside_a_subcommand(discord_: Rehearsal) -> None:
    bot = SmallBot()
    jam = app_commands.Group(name="jam", description="Play together")

    @jam.command(description="Begin")
    async def start(interaction: discord.Interaction, key: str, bars: int) -> None: ...

    @start.autocomplete("key")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current} {interaction.namespace.bars}", value="x")]

    bot.tree.add_command(jam)
    async with online(bot, discord_):
        choices = await discord_.person("Ada").complete("jam start", "key", key="F#", bars=8)
    assert choices == [{"name": "F# 8", "value": "x"}]


async def test_a_context_menu_hands_over_the_whole_message(discord_: Rehearsal) -> None:
    bot, got = SmallBot(), []

    @bot.tree.context_menu(name="Continue this clip")
    async def continue_it(interaction: discord.Interaction, message: discord.Message) -> None:
        got.append((message.content, await message.attachments[0].read()))
        await interaction.response.send_message("on it", ephemeral=True)

    async with online(bot, discord_):
        message = await discord_.person("Grace").send("mine", files=[("hum.wav", b"hum")])
        handle = await discord_.person("Ada").menu("Continue this clip", message)
    assert handle.acked
    assert got == [("mine", b"hum")]


async def test_a_form_comes_back_with_its_texts(discord_: Rehearsal) -> None:
    bot, got = SmallBot(), []

    class Name(discord.ui.Modal, title="Name it"):
        title_ = discord.ui.TextInput(label="Title", custom_id="title")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            got.append(self.title_.value)
            await interaction.response.send_message("named")

    @bot.tree.command(description="Name")
    async def name(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Name())

    async with online(bot, discord_):
        ada = discord_.person("Ada")
        opened = await ada.slash("name")
        sent = await ada.submit(opened, {"title": "Blue rain"})
    assert sent.acked
    assert got == ["Blue rain"]


async def test_the_bot_writes_to_a_person_directly(bot: SmallBot, discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    await (await bot.fetch_user(int(grace.id))).send("for you", file=wav_file())
    (received,) = grace.messages("dm")
    assert received["content"] == "for you"
    assert discord_.person("Ada").messages("dm") == []
    await grace.send("thanks", channel="dm")
    await eventually(
        lambda: [m.content for m in bot.heard if m.author.id == int(grace.id)] == ["thanks"]
    )


@pytest.mark.parametrize("compress", [True, False])
async def test_the_gateway_speaks_compressed_and_plain(
    discord_: Rehearsal, compress: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from discord.gateway import DiscordWebSocket

    plain = DiscordWebSocket.from_client
    monkeypatch.setattr(
        DiscordWebSocket,
        "from_client",
        lambda client, **options: plain(client, compress=compress, **options),
    )
    async with online(SmallBot(), discord_) as bot:
        await discord_.person("Ada").send("hello")
        await eventually(lambda: len(bot.heard) == 1)


async def test_a_sharded_client_finds_its_guild(discord_: Rehearsal) -> None:
    class Sharded(discord.AutoShardedClient):
        pass

    client = Sharded(intents=discord.Intents.default(), guild_ready_timeout=0.05)
    with discord_.attach():
        import asyncio

        await client.login(discord_.token)
        task = asyncio.create_task(client.connect())
        await asyncio.wait_for(client.wait_until_ready(), 10)
        assert [guild.name for guild in client.guilds] == [discord_.world.guild.name]
        await client.close()
        await task


async def test_a_wrong_token_is_turned_away(discord_: Rehearsal) -> None:
    bot = SmallBot()
    with discord_.attach(), pytest.raises(discord.LoginFailure):
        await bot.login("not.the.token")
    await bot.close()
