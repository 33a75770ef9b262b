"""The forms of /settings; a field that is left empty takes its setting back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot import server_values
from bot.locales import Phrases, format_seconds
from bot.ui.choices import UNSET, options
from bot.ui.forms import Form
from bot.ui.server_page import ServerDesk
from musicgen_core.storage import ServerSettings

LONGEST_LIST = 4000
"""Characters; Discord's limit for a field."""


class LimitsForm(Form):
    """The longest clip, clips an hour, the longest jam, and days that clips are kept."""

    def __init__(self, desk: ServerDesk, rules: ServerSettings, most: float, say: Phrases) -> None:
        super().__init__(say("settings.button_limits"))
        self._desk, self._most = desk, most
        empty = say("settings.empty_takes_back")
        longest = "" if rules.longest_seconds is None else format_seconds(rules.longest_seconds)
        self._longest = self.field("longest", say("settings.longest"), longest, help_text=empty)
        hour = str(rules.clips_an_hour or "")
        self._hour = self.field("hour", say("settings.hour"), hour, help_text=empty)
        jam = "" if rules.jam_seconds is None else format_seconds(rules.jam_seconds)
        self._jam = self.field("jam", say("settings.jam"), jam, help_text=empty)
        kept = str(rules.retention_days or "")
        help_text = say("settings.days_help")
        self._days = self.field("days", say("settings.days"), kept, help_text=help_text)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Store all four, or none where one is wrong."""
        self._desk.admit(interaction)
        await self._desk.change(
            interaction,
            longest_seconds=server_values.longest(self._longest.value, self._most),
            clips_an_hour=server_values.clips_an_hour(self._hour.value),
            jam_seconds=server_values.jam_length(self._jam.value),
            retention_days=server_values.days(self._days.value),
        )


class ModelForm(Form):
    """What plays where nobody chooses a model."""

    def __init__(
        self, desk: ServerDesk, rules: ServerSettings, models: Sequence[str], say: Phrases
    ) -> None:
        super().__init__(say("settings.button_model"))
        self._desk = desk
        chosen = rules.model if rules.model in models else None
        known = [(name, name) for name in models]
        self._choice: ui.Select[Any] = ui.Select(
            custom_id="model", options=options(chosen, known, say("settings.model_unset"))
        )
        label, help_text = say("settings.choose_model"), say("settings.model_help")
        self.add_item(ui.Label(text=label[:45], description=help_text, component=self._choice))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Store the model."""
        self._desk.admit(interaction)
        (value,) = self._choice.values
        await self._desk.change(interaction, model=None if value == UNSET else value)


class WordsForm(Form):
    """The words that are not wanted in prompts."""

    def __init__(self, desk: ServerDesk, rules: ServerSettings, say: Phrases) -> None:
        super().__init__(say("settings.button_words"))
        self._desk = desk
        self._words = self.field(
            "words",
            say("settings.words"),
            "\n".join(rules.blocked_words or ())[:LONGEST_LIST],
            long=True,
            help_text=say("settings.words_help"),
            most=LONGEST_LIST,
        )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Store the words."""
        self._desk.admit(interaction)
        await self._desk.change(interaction, blocked_words=server_values.words(self._words.value))
