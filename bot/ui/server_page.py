"""The page of /settings: what a server has set, and the controls that change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

import discord
from discord import SelectDefaultValue, SelectDefaultValueType, SelectOption, ui

from bot.locales import LOCALES, Phrases, format_seconds, phrases
from bot.settings import Settings
from bot.ui.forms import FormHome
from bot.ui.quoting import quote
from musicgen_core.storage import ServerSettings

FORMATS = ("WAV", "FLAC", "OGG", "MP3")
UNSET = "-"
"""The value of what is left to the bot or the server."""
MOST_CHOSEN = 25
WORDS_SHOWN = 150
"""Characters, so that the page fits into a message."""
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


class ServerPage(ui.View):
    """Five rows of controls; their ids are fixed, so that a page outlives a restart."""

    def __init__(self, desk: ServerDesk, rules: ServerSettings, say: Phrases) -> None:
        super().__init__(timeout=None)
        self.desk = desk
        self.add_item(ChannelChoice(rules, say))
        self.add_item(RoleChoice(rules, say))
        self.add_item(FormatChoice(rules, say))
        self.add_item(LanguageChoice(rules, say))
        self.add_item(DeskButton("limits", say))
        self.add_item(DeskButton("words", say))
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


def page_text(rules: ServerSettings, settings: Settings, most: float, say: Phrases) -> str:
    """Return every setting with its value, on one page; `most` seconds is the bot's longest."""

    def line(name: str, value: str | None, default: str) -> str:
        shown = value if value is not None else say("settings.default", value=default)
        return f"**{say(f'settings.{name}')}** {shown}"

    hour, kept = settings.clips_an_hour, settings.keep_days
    any_number, for_ever = say("settings.any_number"), say("settings.for_ever")
    return "\n".join(
        [
            say("settings.title"),
            line("channels", _mentions("<#{}>", rules.channels), say("settings.everywhere")),
            line("roles", _mentions("<@&{}>", rules.roles), say("settings.everybody")),
            line("longest", seconds(rules.longest_seconds, say), seconds(most, say) or ""),
            line("hour", _count(rules.clips_an_hour), _count(hour) or any_number),
            line("format", (rules.formats or (None,))[0], settings.clip_format),
            line("language", language_name(rules.language), say("settings.each_their_own")),
            line("words", _words(rules.blocked_words), say("settings.no_words")),
            line("days", _count(rules.retention_days), _count(kept) or for_ever),
        ]
    )


def seconds(value: float | None, say: Phrases) -> str | None:
    """Say a length, None for none."""
    return None if value is None else say("settings.seconds_value", seconds=format_seconds(value))


def language_name(locale: str | None) -> str | None:
    """Return what a language calls itself."""
    return phrases(locale)("language.name") if locale in LOCALES else None


def _count(number: int | None) -> str | None:
    return str(number) if number else None


def _mentions(form: str, ids: Sequence[int] | None) -> str | None:
    return " ".join(form.format(number) for number in ids) if ids else None


def _words(words: Sequence[str] | None) -> str | None:
    return quote(", ".join(words), WORDS_SHOWN) if words else None


def options(chosen: str | None, known: Iterable[tuple[str, str]], unset: str) -> list[SelectOption]:
    """Return a select's options, values with their labels, behind the one that sets nothing."""
    choices = [(UNSET, unset), *known]
    return [
        SelectOption(label=label, value=value, default=value == (chosen or UNSET))
        for value, label in choices
    ]


def languages() -> list[tuple[str, str]]:
    """Return the languages there are, each with its own name."""
    return [(locale, phrases(locale)("language.name")) for locale in LOCALES]


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
            case "everywhere":
                await desk.change(interaction, channels=None)
            case "everybody":
                await desk.change(interaction, roles=None)
