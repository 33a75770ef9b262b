"""Forms of jams: a turn, a suggestion, a fork."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

import discord
from discord import ui

from bot.locales import Phrases
from bot.refusal import Refusal
from bot.ui.passing import FORM, passing_id
from musicgen_core.jams import Jam

Take = Callable[[discord.Interaction], Awaitable[None]]
LONGEST_WORDS = 300
LONGEST_TITLE = 80


class FormHome(Protocol):
    """What a form needs of the client it was sent on."""

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class JamForm(ui.Modal):
    """A form of a jam; `take` is called once it is sent, and reads its fields."""

    def __init__(self, title: str, take: Take) -> None:
        super().__init__(title=title[:45], timeout=3600, custom_id=passing_id(FORM))
        self._take = take

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Take what was filled in."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._take(interaction)

    async def on_error(  # type: ignore[override] # as discord.py's own Modal has it
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        """Say what is wrong with it."""
        await cast("FormHome", interaction.client).report(interaction, error)

    def text(
        self,
        name: str,
        label: str,
        *,
        default: str = "",
        help_text: str | None = None,
        required: bool = True,
        most: int = LONGEST_WORDS,
    ) -> ui.TextInput[Any]:
        """Add a text field."""
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=name, default=default or None, required=required, max_length=most
        )
        self.add_item(ui.Label(text=label[:45], description=help_text, component=field))
        return field


class TurnForm(JamForm):
    """Where a turn goes, and perhaps a clip of the player's own."""

    def __init__(self, say: Phrases, take: Callable[..., Awaitable[None]]) -> None:
        super().__init__(say("jam.form.turn"), self._taken)
        self._played = take
        self._direction = self.text(
            "direction", say("jam.form.direction"), required=False,
            help_text=say("jam.form.direction_help"),
        )  # fmt: skip
        self._clip: ui.FileUpload[Any] = ui.FileUpload(
            custom_id="clip", required=False, max_values=1
        )
        self.add_item(
            ui.Label(
                text=say("jam.form.clip")[:45],
                description=say("jam.form.clip_help"),
                component=self._clip,
            )
        )
        self._splice: ui.Checkbox[Any] = ui.Checkbox(custom_id="splice")
        self.add_item(
            ui.Label(
                text=say("jam.form.splice")[:45],
                description=say("jam.form.splice_help"),
                component=self._splice,
            )
        )

    async def _taken(self, interaction: discord.Interaction) -> None:
        clip = self._clip.values[0] if self._clip.values else None
        await self._played(interaction, self._direction.value, clip, splice=self._splice.value)


class WordsForm(JamForm):
    """What should come next."""

    def __init__(self, say: Phrases, take: Callable[..., Awaitable[None]]) -> None:
        super().__init__(say("jam.form.suggest"), self._taken)
        self._suggested = take
        self._words = self.text(
            "words", say("jam.form.words"), help_text=say("jam.form.direction_help")
        )

    async def _taken(self, interaction: discord.Interaction) -> None:
        await self._suggested(interaction, self._words.value)


class ForkForm(JamForm):
    """From which part a new jam goes on, and what it is called."""

    def __init__(self, say: Phrases, jam: Jam, take: Callable[..., Awaitable[None]]) -> None:
        super().__init__(say("jam.form.fork"), self._taken)
        self._forked = take
        title = say("jam.form.forked_title", title=jam.title)[:LONGEST_TITLE]
        self._title = self.text("title", say("jam.form.title"), default=title, most=LONGEST_TITLE)
        self._part = self.text(
            "part", say("jam.form.part"), default=str(jam.head or len(jam.takes)), most=6,
            help_text=say("jam.form.part_help", last=len(jam.takes)),
        )  # fmt: skip

    async def _taken(self, interaction: discord.Interaction) -> None:
        text = self._part.value.strip()
        if not (text.isascii() and text.isdigit()):
            raise Refusal("not_a_number", text=text[:40])
        await self._forked(interaction, self._title.value, int(text))
