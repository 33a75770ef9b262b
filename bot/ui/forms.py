"""Forms: what people fill in after pressing a button; every field holds what was chosen before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol, cast

import discord
from discord import ui

from bot.acknowledgement import acknowledge
from bot.locales import Phrases, format_seconds
from bot.ui.listing import listed, listing, number
from bot.ui.passing import FORM, passing_id
from bot.wish import Wish

Take = Callable[[discord.Interaction, Wish], Awaitable[None]]
"""What happens with a wish that a form brought."""
LONGEST_PROMPT = 1000
KEPT = ("tempo", "key", "style", "model", "guidance", "temperature", "top_k")
"""What a continuation keeps, and may change, beside the words."""


class FormHome(Protocol):
    """What a form needs of the client it was sent on."""

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class Form(ui.Modal):
    """A form of text fields; what is wrong with them is said to the person."""

    def __init__(self, title: str) -> None:
        super().__init__(title=title[:45], timeout=3600, custom_id=passing_id(FORM))

    async def on_error(  # type: ignore[override] # as discord.py's own Modal has it
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        """Say what is wrong with it."""
        await cast("FormHome", interaction.client).report(interaction, error)

    def field(
        self,
        name: str,
        label: str,
        value: str,
        *,
        long: bool = False,
        help_text: str | None = None,
        most: int = LONGEST_PROMPT,
    ) -> ui.TextInput[Any]:
        """Add a text field of at most so many characters that may stay empty."""
        style = discord.TextStyle.paragraph if long else discord.TextStyle.short
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id=name,
            style=style,
            default=value or None,
            required=False,
            max_length=most,
        )
        self.add_item(ui.Label(text=label[:45], description=help_text, component=text))
        return text


class WishForm(Form):
    """A form whose fields make a wish."""

    def __init__(self, title: str, take: Take) -> None:
        super().__init__(title)
        self._take = take

    def wish(self) -> Wish:
        """Return what was filled in.

        Raises:
            Refusal: a field holds what is none.
        """
        raise NotImplementedError

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Take what was filled in."""
        await acknowledge(interaction)
        await self._take(interaction, self.wish())


class ContinueForm(WishForm):
    """What comes next, how long, and from where on."""

    def __init__(self, say: Phrases, before: Wish, take: Take, length: float | None) -> None:
        super().__init__(say("form.continue"), take)
        self._say, self._before = say, before
        self._prompt = self.field("prompt", say("form.prompt"), before.prompt or "", long=True)
        seconds = format_seconds(before.seconds) if before.seconds else ""
        self._seconds = self.field("seconds", say("form.seconds"), seconds)
        self._kept = self.field(
            "kept",
            say("form.kept"),
            listing(before, say, *KEPT),
            help_text=say("form.musical_help"),
        )
        help_text = say("form.from_help", seconds=format_seconds(length)) if length else None
        self._from = self.field("from", say("form.from"), "", help_text=help_text)
        self._hear = self.field("hear", say("form.hear"), "", help_text=say("form.hear_help"))

    def wish(self) -> Wish:
        """Return the continuation that is wanted."""
        wish = Wish(
            prompt=self._prompt.value.strip() or None,
            seconds=number(self._seconds.value),
            parent_id=self._before.parent_id,
            from_second=number(self._from.value),
            hear_seconds=number(self._hear.value),
        )
        return replace(wish, **listed(self._kept.value, self._say))


class TweakForm(WishForm):
    """Everything that was chosen, to be changed."""

    def __init__(self, say: Phrases, before: Wish, take: Take) -> None:
        super().__init__(say("form.tweak"), take)
        self._say, self._before = say, before
        self._prompt = self.field("prompt", say("form.prompt"), before.prompt or "", long=True)
        seconds = format_seconds(before.seconds) if before.seconds else ""
        self._seconds = self.field("seconds", say("form.seconds"), seconds)
        self._musical = self.field(
            "musical", say("form.musical"), listing(before, say, "tempo", "key", "style", "model"),
            help_text=say("form.musical_help"),
        )  # fmt: skip
        self._sampler = self.field(
            "sampler",
            say("form.sampler"),
            listing(before, say, "variations", "seed", "guidance", "temperature", "top_k"),
            help_text=say("form.sampler_help"),
        )
        where = listing(before, say, "from_second", "hear_seconds")
        self._where = (
            self.field("where", say("form.where"), where, help_text=say("form.where_help"))
            if before.parent_id
            else None
        )

    def wish(self) -> Wish:
        """Return what is wanted now; what is continued stays."""
        values = listed(self._musical.value, self._say) | listed(self._sampler.value, self._say)
        if self._where is not None:
            values |= listed(self._where.value, self._say)
        return Wish(
            prompt=self._prompt.value.strip() or None,
            seconds=number(self._seconds.value),
            parent_id=self._before.parent_id,
            **values,
        )
