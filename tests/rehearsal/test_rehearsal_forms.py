"""Forms: what a bot may open, what a person may send, and what the bot then receives."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
from openapi_schema import DESCRIPTION, request_faults
from small_bot import SmallBot, eventually, online

from bot.rehearsal.form_rules import checked_form
from bot.rehearsal.handle import Handle
from bot.rehearsal.refusals import Declined, Refusal
from bot.rehearsal.server import Rehearsal

Json = dict[str, Any]
Submitted = Callable[[discord.Interaction, "Everything"], Awaitable[None]]


class Everything(discord.ui.Modal, title="A new jam"):
    """One field of each kind that fits into five."""

    about = discord.ui.TextDisplay("Tell the band what to play.")
    name = discord.ui.Label(
        text="Name", description="What to call it", component=discord.ui.TextInput(
            custom_id="name", min_length=2, max_length=8
        ),
    )  # fmt: skip
    style = discord.ui.Label(
        text="Style", component=discord.ui.Select(
            custom_id="style", max_values=2, required=False,
            options=[discord.SelectOption(label=label) for label in ("funk", "jazz", "dub")],
        ),
    )  # fmt: skip
    clips = discord.ui.Label(
        text="Clips", component=discord.ui.FileUpload(
            custom_id="clips", min_values=1, max_values=2, required=False
        ),
    )  # fmt: skip
    people = discord.ui.Label(
        text="People", component=discord.ui.UserSelect(
            custom_id="people", max_values=3, required=False
        ),
    )  # fmt: skip

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(custom_id="jam")
        self.submitted = submitted

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await self.submitted(interaction, self)


class Places(discord.ui.Modal, title="Where"):
    """The selects that the other one has no room for."""

    place = discord.ui.Label(
        text="Place", component=discord.ui.ChannelSelect(
            custom_id="place", channel_types=[discord.ChannelType.text]
        ),
    )  # fmt: skip
    role = discord.ui.Label(text="Role", component=discord.ui.RoleSelect(custom_id="role"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        place, role = self.place.component, self.role.component
        assert isinstance(place, discord.ui.ChannelSelect)
        assert isinstance(role, discord.ui.RoleSelect)
        await interaction.response.send_message(f"{place.values[0].name} {role.values[0].name}")


async def describe(interaction: discord.Interaction, form: Everything) -> None:
    """Answer with everything that arrived, files by their first bytes."""
    name, style = form.name.component, form.style.component
    clips, people = form.clips.component, form.people.component
    assert isinstance(name, discord.ui.TextInput)
    assert isinstance(style, discord.ui.Select)
    assert isinstance(clips, discord.ui.FileUpload)
    assert isinstance(people, discord.ui.UserSelect)
    files = [f"{clip.filename}={(await clip.read())[:3].decode()}" for clip in clips.values]
    who = [member.display_name for member in people.values]
    assert all(isinstance(member, discord.Member) for member in people.values)
    await interaction.response.send_message(f"{name.value} {style.values} {files} {who}")


def opening(make: Callable[[], discord.ui.Modal]) -> SmallBot:
    bot = SmallBot()

    @bot.tree.command(description="Open a form")
    async def jam(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(make())

    return bot


async def opened(discord_: Rehearsal) -> Handle:
    handle = await discord_.person("Ada").slash("jam")
    assert handle.modal is not None
    return handle


async def test_a_form_of_labels_comes_back_to_a_stock_modal_with_files_and_people(
    discord_: Rehearsal,
) -> None:
    ada = discord_.person("Ada")
    async with online(opening(lambda: Everything(describe)), discord_):
        form = await opened(discord_)
        values = {
            "name": "Rain",
            "style": ["dub", "funk"],
            "clips": [("hum.wav", b"hum"), ("la la.wav", b"lala")],
            "people": [discord_.person("Grace"), discord_.person("小林")],
        }
        sent = await ada.submit(form, values)
        assert sent.original is not None
        expected = "Rain ['dub', 'funk'] ['hum.wav=hum', 'la_la.wav=lal'] ['Grace', '小林']"
        assert sent.original["content"] == expected
        again = await ada.submit(await opened(discord_), {"name": "Rain"})
        assert again.original is not None
        assert again.original["content"] == "Rain [] [] []"
    if DESCRIPTION.exists():
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []


async def test_channel_and_role_selects_of_a_form_come_back_resolved(discord_: Rehearsal) -> None:
    ada = discord_.person("Ada")
    async with online(opening(Places), discord_):
        form = await opened(discord_)
        studio, everyone = ada.channel("studio").id, discord_.world.guild.id
        sent = await ada.submit(form, {"place": [studio], "role": [everyone]})
        assert sent.original is not None
        assert sent.original["content"] == "studio @everyone"
        with pytest.raises(Declined, match="not among the choices"):
            await ada.submit(form, {"place": [ada.channel("dm").id], "role": [everyone]})


async def test_a_form_is_submitted_as_discord_sends_it(discord_: Rehearsal) -> None:
    payloads: list[Json] = []
    bot = opening(lambda: Everything(describe))

    @bot.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        payloads.append(dict(interaction.data or {}))

    async with online(bot, discord_):
        ada, form = discord_.person("Ada"), await opened(discord_)
        await ada.submit(form, {"name": "Rain", "clips": [("hum.wav", b"hum")]})
    data = payloads[-1]
    (file_id,) = data["resolved"]["attachments"]
    assert data["custom_id"] == "jam"
    assert [part["type"] for part in data["components"]] == [10, 18, 18, 18, 18]
    assert [part["component"] for part in data["components"][1:]] == [
        {"type": 4, "id": 3, "custom_id": "name", "value": "Rain"},
        {"type": 3, "id": 5, "custom_id": "style", "values": []},
        {"type": 19, "id": 7, "custom_id": "clips", "values": [file_id]},
        {"type": 5, "id": 9, "custom_id": "people", "values": []},
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "“Name” is required."),
        ({"name": "x"}, "“Name” must have at least 2 characters."),
        ({"name": "x" * 9}, "“Name” must have at most 8 characters."),
        ({"name": "ok", "style": ["dub", "jazz", "funk"]}, "“Style” takes 1 to 2."),
        ({"name": "ok", "style": ["waltz"]}, "That is not among the choices."),
        ({"name": "ok", "people": ["5"]}, "That is not among the choices."),
        ({"name": "ok", "clips": ["files[7]"]}, "“Clips” needs a file."),
        ({"name": "ok", "clips": [("a", b"x")] * 3}, "“Clips” takes 1 to 2."),
        ({"name": "ok", "clips": [("a", bytes(2 << 20))]}, "“Clips” is larger than 1 MiB."),
    ],
)
async def test_what_does_not_fit_a_form_is_told_and_not_sent(
    discord_: Rehearsal, values: Json, told: str
) -> None:
    discord_.world.guild.file_limit = 1 << 20
    async with online(opening(lambda: Everything(describe)), discord_):
        form = await opened(discord_)
        with pytest.raises(Declined) as caught:
            await discord_.person("Ada").submit(form, values)
        assert told.split(" ", 1)[1] in str(caught.value)
        with pytest.raises(Declined, match="no form to send"):
            await discord_.person("Grace").submit(form, {"name": "mine"})
        assert sum("callback" in request.path for request in discord_.requests) == 1


TEXT: Json = {"type": 4, "custom_id": "a", "style": 1}
LABEL: Json = {"type": 18, "label": "A", "component": TEXT}
OPTION = {"label": "x", "value": "x"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": "x" * 46}, "data.title"),
        ({"custom_id": "x" * 101}, "data.custom_id"),
        ({"components": []}, "data.components"),
        ({"components": [LABEL] * 6}, "data.components"),
        ({"components": [LABEL] * 2}, "data.components.1.component.custom_id"),
        ({"components": [{"type": 17}]}, "data.components.0.type"),
        ({"components": [LABEL | {"label": "x" * 46}]}, "data.components.0.label"),
        ({"components": [LABEL | {"component": {"type": 2}}]}, "data.components.0.component.type"),
        ({"components": [LABEL | {"component": TEXT | {"style": 3}}]},
         "data.components.0.component.style"),
        ({"components": [LABEL | {"component": TEXT | {"min_length": 5, "max_length": 4}}]},
         "data.components.0.component.min_length"),
        ({"components": [LABEL | {"component": TEXT | {"max_length": 4001}}]},
         "data.components.0.component.max_length"),
        ({"components": [LABEL | {"component": {"type": 3, "custom_id": "a", "options": []}}]},
         "data.components.0.component.options"),
        ({"components": [LABEL | {"component": {"type": 19, "custom_id": "a", "max_values": 11}}]},
         "data.components.0.component.max_values"),
        ({"components": [LABEL | {"component": {"type": 5, "custom_id": "a", "disabled": True}}]},
         "data.components.0.component.disabled"),
    ],
)  # fmt: skip
def test_a_form_that_discord_would_not_open_is_refused(change: Json, path: str) -> None:
    good: Json = {"title": "T", "custom_id": "c", "components": [LABEL]}
    assert checked_form(good)["components"][0]["id"] == 1
    with pytest.raises(Refusal) as caught:
        checked_form(good | change)
    node: Any = caught.value.errors
    for key in path.split("."):
        node = node[key]
    assert node["_errors"]


async def test_a_user_select_under_a_message_gives_the_bot_members(discord_: Rehearsal) -> None:
    chosen: list[Any] = []

    class Choose(discord.ui.View):
        @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
        async def who(
            self, interaction: discord.Interaction, select: discord.ui.UserSelect[Any]
        ) -> None:
            chosen.extend(select.values)
            await interaction.response.defer()

    bot = SmallBot()
    async with online(bot, discord_):
        message = await bot.studio().send("who?", view=Choose())
        grace = discord_.person("Grace")
        await discord_.person("Ada").press(str(message.id), "who", [grace.id])
        await eventually(lambda: chosen)
    assert isinstance(chosen[0], discord.Member)
    assert chosen[0].display_name == "Grace"
