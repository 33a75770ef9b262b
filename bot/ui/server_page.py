"""The page of /settings: the controls that change what a server has set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import discord
from discord import SelectDefaultValue, SelectDefaultValueType, ui

from bot.locales import Phrases
from bot.ui.choices import FORMATS, UNSET, languages, options
from bot.ui.forms import FormHome
from musicgen_core.storage import ServerSettings

MOST_CHOSEN = 25
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]
"""Threads count as the channel that they are in."""


class ServerDesk(Protocol):
    """What the controls do."""

    def admit(self, interaction: discord.Interaction) -> None:
        """Refuse whoever may not manage the server."""
        ...

    async def change(self, interaction: discord.Interaction, **changes: object) -> None:
        """Store changes, None to take something back, and show the page anew."""
        ...

    async def open_limits(self, interaction: discord.Interaction) -> None:
        """Open the form of the numbers."""
        ...

    async def open_words(self, interaction: discord.Interaction) -> None:
        """Open the form of the blocked words."""
        ...

    async def open_model(self, interaction: discord.Interaction) -> None:
        """Open the form of the default model."""
        ...


class ServerPage(ui.View):
    """Five rows of controls; their ids are fixed, so that a page outlives a restart."""

    def __init__(
        self, desk: ServerDesk, rules: ServerSettings, say: Phrases, *, models: bool
    ) -> None:
        """Make the page; `models`: whether there are several to choose from."""
        super().__init__(timeout=None)
        self.desk = desk
        self.add_item(ChannelChoice(rules, say))
        self.add_item(RoleChoice(rules, say))
        self.add_item(FormatChoice(rules, say))
        self.add_item(LanguageChoice(rules, say))
        self.add_item(DeskButton("limits", say))
        self.add_item(DeskButton("words", say))
        if models:
            self.add_item(DeskButton("model", say))
        self.add_item(DeskButton("everywhere", say, disabled=rules.channels is None))
        self.add_item(DeskButton("everybody", say, disabled=rules.roles is None))

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Check at every press: rights may have been taken away since the page was opened."""
        self.desk.admit(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, _: ui.Item[Any], /
    ) -> None:
        """Say what is wrong."""
        await cast("FormHome", interaction.client).report(interaction, error)


def chosen_ids(values: Sequence[object]) -> tuple[int, ...] | None:
    """Return the ids of what was chosen; Discord sends objects where it resolves them."""
    return tuple(int(getattr(value, "id", value)) for value in values) or None  # type: ignore[call-overload]


def desk_of(item: ui.Item[ServerPage]) -> ServerDesk:
    """Return what a control of the page reports to."""
    return cast("ServerPage", item.view).desk


class ChannelChoice(ui.ChannelSelect[ServerPage]):
    """Where the bot may be used."""

    def __init__(self, rules: ServerSettings, say: Phrases) -> None:
        kind = SelectDefaultValueType.channel
        super().__init__(
            custom_id="mindjam:settings:channels",
            placeholder=say("settings.choose_channels"),
            channel_types=PLACES,
            min_values=0,
            max_values=MOST_CHOSEN,
            default_values=[SelectDefaultValue(id=i, type=kind) for i in rules.channels or ()],
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Store the channels; none: everywhere."""
        await desk_of(self).change(interaction, channels=chosen_ids(self.values))


class RoleChoice(ui.RoleSelect[ServerPage]):
    """Who may use the bot."""

    def __init__(self, rules: ServerSettings, say: Phrases) -> None:
        kind = SelectDefaultValueType.role
        super().__init__(
            custom_id="mindjam:settings:roles",
            placeholder=say("settings.choose_roles"),
            min_values=0,
            max_values=MOST_CHOSEN,
            default_values=[SelectDefaultValue(id=i, type=kind) for i in rules.roles or ()],
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Store the roles; none: everybody."""
        await desk_of(self).change(interaction, roles=chosen_ids(self.values))


class FormatChoice(ui.Select[ServerPage]):
    """How clips are sent."""

    def __init__(self, rules: ServerSettings, say: Phrases) -> None:
        chosen = (rules.formats or (None,))[0]
        unset = say("settings.format_unset")
        super().__init__(
            custom_id="mindjam:settings:format",
            options=options(chosen, [(name, name) for name in FORMATS], unset),
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Store the format."""
        (value,) = self.values
        await desk_of(self).change(interaction, formats=None if value == UNSET else (value,))


class LanguageChoice(ui.Select[ServerPage]):
    """Which language the bot speaks to all."""

    def __init__(self, rules: ServerSettings, say: Phrases) -> None:
        super().__init__(
            custom_id="mindjam:settings:language",
            options=options(rules.language, languages(), say("settings.language_unset")),
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Store the language."""
        (value,) = self.values
        await desk_of(self).change(interaction, language=None if value == UNSET else value)


class DeskButton(ui.Button[ServerPage]):
    """Opens a form, or takes back who may use the bot where."""

    def __init__(self, action: str, say: Phrases, *, disabled: bool = False) -> None:
        label, custom_id = say(f"settings.button_{action}"), f"mindjam:settings:{action}"
        super().__init__(label=label, custom_id=custom_id, disabled=disabled, row=4)
        self._action = action

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it."""
        desk = desk_of(self)
        match self._action:
            case "limits":
                await desk.open_limits(interaction)
            case "words":
                await desk.open_words(interaction)
            case "model":
                await desk.open_model(interaction)
            case "everywhere":
                await desk.change(interaction, channels=None)
            case "everybody":
                await desk.change(interaction, roles=None)
