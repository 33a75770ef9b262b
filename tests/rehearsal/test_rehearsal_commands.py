"""Registering commands: what Discord takes, what it keeps, and what it refuses."""

from typing import Any

import discord
import pytest
from small_bot import SmallBot, online

from bot.rehearsal.command_rules import check_commands
from bot.rehearsal.refusals import Refusal
from bot.rehearsal.server import Rehearsal

TEXT = {"name": "prompt", "description": "What", "type": 3}


def command(*options: Any, **fields: Any) -> dict[str, Any]:
    return {"name": "compose", "description": "Make", "options": list(options)} | fields


def option(**fields: Any) -> dict[str, Any]:
    return TEXT | fields


def places(tree: dict[str, Any], at: str = "") -> list[str]:
    """Return the dotted paths of an errors tree."""
    found = []
    for key, value in tree.items():
        found += [at.lstrip(".")] if key == "_errors" else places(value, f"{at}.{key}")
    return found


GROUP = {"name": "jam", "description": "Jam", "type": 2}
SUB = {"name": "start", "description": "Start", "type": 1}


@pytest.mark.parametrize(
    "good",
    [
        command(),
        command(option(required=True), option(name="clip", type=11)),
        command(option(min_length=0, max_length=6000)),
        command(option(type=4, min_value=1, max_value=30)),
        command(option(choices=[{"name": str(n), "value": str(n)} for n in range(25)])),
        command(GROUP | {"options": [SUB | {"options": [TEXT]}]}),
        command(name="作曲", name_localizations={"zh-CN": "作曲"}),
        {"name": "Continue this clip", "type": 3},
    ],
)
def test_a_proper_command_is_taken(good: dict[str, Any]) -> None:
    check_commands([good])


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (command(name="Compose"), "0.name"),
        (command(name="com pose"), "0.name"),
        (command(name="x" * 33), "0.name"),
        (command(name=""), "0.name"),
        (command(description=""), "0.description"),
        (command(description="x" * 101), "0.description"),
        (command(name_localizations={"xx": "y"}), "0.name_localizations.xx"),
        (command(name_localizations={"de": "Gross"}), "0.name_localizations.de"),
        (command(*(option(name=f"o{n}") for n in range(26))), "0.options"),
        (command(option(), option()), "0.options.1.name"),
        (command(option(), option(name="late", required=True)), "0.options.1"),
        (command(option(type=12)), "0.options.0.type"),
        (command(option(name="Prompt")), "0.options.0.name"),
        (command(option(description="x" * 101)), "0.options.0.description"),
        (command(option(choices=[{"name": "x", "value": "x"}] * 26)), "0.options.0.choices"),
        (
            command(option(choices=[{"name": "", "value": "x"}])),
            "0.options.0.choices.0.name",
        ),
        (
            command(option(type=4, choices=[{"name": "x", "value": "x"}])),
            "0.options.0.choices.0.value",
        ),
        (command(option(choices=[{"name": "x", "value": "x"}], autocomplete=True)), "0.options.0"),
        (command(option(type=11, autocomplete=True)), "0.options.0"),
        (command(option(min_value=1)), "0.options.0.min_value"),
        (command(option(type=4, min_value=0.5)), "0.options.0.min_value"),
        (command(option(type=4, min_value=3, max_value=2)), "0.options.0"),
        (command(option(max_length=0)), "0.options.0.max_length"),
        (command(option(type=4, max_length=5)), "0.options.0.max_length"),
        (command(GROUP | {"options": [GROUP]}), "0.options.0.options"),
        (command(SUB | {"options": [SUB]}), "0.options.0.options"),
        (command(GROUP | {"options": [TEXT]}), "0.options.0.options"),
        (command(SUB, TEXT), "0.options"),
        ({"name": "Continue", "type": 3, "description": "no"}, "0.description"),
        ({"name": "Continue", "type": 3, "options": [TEXT]}, "0.options"),
        (command(type=9), "0.type"),
    ],
)
def test_an_improper_command_is_refused_with_the_place(bad: dict[str, Any], place: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_commands([bad])
    assert caught.value.code == 50035
    assert place in places(caught.value.errors or {})


def test_names_are_unique_within_their_kind() -> None:
    with pytest.raises(Refusal):
        check_commands([command(), command()])
    check_commands([command(), {"name": "compose", "type": 3}])


def test_there_are_at_most_a_hundred_commands() -> None:
    check_commands([command(name=f"c{n}") for n in range(100)])
    with pytest.raises(Refusal):
        check_commands([command(name=f"c{n}") for n in range(101)])


def test_a_command_has_at_most_eight_thousand_characters() -> None:
    choices = [{"name": "x", "value": "x" * 100} for _ in range(25)]
    big = command(*(option(name=f"o{n}", choices=choices) for n in range(4)))
    with pytest.raises(Refusal) as caught:
        check_commands([big])
    assert places(caught.value.errors or {}) == ["0"]


async def test_a_refused_command_reaches_the_bot_as_a_form_error(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(name="fine", description="x" * 100)
    async def fine(_: discord.Interaction) -> None: ...

    async with online(bot, discord_):
        application = bot.application_id
        assert application is not None
        with pytest.raises(discord.HTTPException) as caught:
            await bot.http.bulk_upsert_global_commands(application, [command(name="No")])  # type: ignore[list-item]
        assert caught.value.code == 50035
        assert [c["name"] for c in discord_.commands] == ["fine"]


async def test_commands_keep_their_ids_over_a_second_registration(discord_: Rehearsal) -> None:
    async with online(SmallBot(), discord_) as bot:

        @bot.tree.command(description="Make music")
        async def compose(_: discord.Interaction) -> None: ...

        (first,) = await bot.tree.sync()
        (second,) = await bot.tree.sync()
        assert first.id == second.id
        assert [c.name for c in await bot.tree.fetch_commands()] == ["compose"]


async def test_a_guilds_own_command_hides_its_global_namesake(discord_: Rehearsal) -> None:
    bot, used = SmallBot(), []
    guild = discord.Object(int(discord_.world.guild.id))

    @bot.tree.command(name="go", description="Global")
    async def everywhere(interaction: discord.Interaction) -> None:
        used.append("global")
        await interaction.response.send_message("global")

    @bot.tree.command(name="go", description="Here", guild=guild)
    async def here(interaction: discord.Interaction) -> None:
        used.append("guild")
        await interaction.response.send_message("guild")

    async with online(bot, discord_):
        await discord_.person("Ada").slash("go")
        await bot.tree.sync(guild=guild)
        await discord_.person("Ada").slash("go")
    assert used == ["global", "guild"]


async def test_one_command_can_be_fetched_edited_and_deleted(discord_: Rehearsal) -> None:
    bot = SmallBot()

    @bot.tree.command(description="Make music")
    async def compose(_: discord.Interaction) -> None: ...

    async with online(bot, discord_):
        (known,) = await bot.tree.fetch_commands()
        edited = await known.edit(description="Make more music")
        assert (await bot.tree.fetch_command(known.id)).description == edited.description
        await known.delete()
        with pytest.raises(discord.NotFound) as caught:
            await bot.tree.fetch_command(known.id)
        assert caught.value.code == 10063
        assert discord_.commands == []
