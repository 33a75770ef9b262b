"""A person's clips as a list, ten a page; choosing one leads to its own page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord
from discord import ui

from bot.library import PAGE, Library
from bot.locales import Phrases
from bot.ui.clip_lines import facts, label, list_line
from bot.ui.clip_view import ClipView
from bot.ui.own_view import OwnView
from bot.ui.passing import passing_id
from bot.ui.quoting import quote
from bot.ui.text_form import TextForm
from musicgen_core.storage import ClipPage

Continue = Callable[[str, discord.Interaction], Awaitable[None]]
"""Opens the form under a result, for the clip of this id."""
LONGEST_SEARCH = 100


class ClipSelect(ui.Select[Any]):
    """Chooses one of the clips of a page."""

    def __init__(self, view: LibraryView, page: ClipPage, start: int) -> None:
        say = view.say
        super().__init__(
            custom_id=passing_id(view.kind),
            placeholder=say("library.choose"),
            options=[
                discord.SelectOption(
                    label=label(number, clip, say), value=clip.id, description=facts(clip, say)
                )
                for number, clip in enumerate(page.clips, start + 1)
            ],
            row=0,
        )
        self._home = view

    async def callback(self, interaction: discord.Interaction) -> None:
        """Lead to the clip."""
        await self._home.choose(interaction, self.values[0])


class LibraryView(OwnView):
    """One page of the list; for the person's eyes only."""

    kind = "library"

    def __init__(
        self,
        person_id: int,
        say: Phrases,
        library: Library,
        continue_clip: Continue,
        search: str = "",
        start: int = 0,
    ) -> None:
        super().__init__(person_id, say)
        self._library, self._continue = library, continue_clip
        self._search, self._start = search, start

    async def open(self, interaction: discord.Interaction) -> None:
        """Show the page as it is now, after the interaction has been deferred."""
        await self.show(interaction, await self.renewed())

    async def renewed(self) -> str:
        """Read the page anew; renew the controls and return the text."""
        self._start, page = await self._library.page(self.person_id, self._search, self._start)
        self.clear_items()
        if page.clips:
            self.add_item(ClipSelect(self, page, self._start))
        if page.total > PAGE:
            last = self._start + PAGE >= page.total
            self.button("previous", self._back, row=1, disabled=not self._start)
            self.button("next", self._forth, row=1, disabled=last)
        if page.total or self._search:
            self.button("search", self._ask, row=1)
        if self._search:
            self.button("all", self._all, row=1)
        return self._page_text(page)

    async def choose(self, interaction: discord.Interaction, clip_id: str) -> None:
        """Lead to a clip's own page."""
        await interaction.response.defer()
        clip = await self._library.clip(self.person_id, clip_id)
        view = ClipView(
            self.person_id, self.say, self._library, clip, self._continue, self._return_here
        )
        await self.give_way(interaction, view, await view.renewed())

    def _page_text(self, page: ClipPage) -> str:
        search = quote(self._search, 40)
        if not page.total:
            return (
                self.say("library.nothing_found", search=search)
                if self._search
                else self.say("library.empty")
            )
        first, last = self._start + 1, self._start + len(page.clips)
        key = "library.found" if self._search else "library.heading"
        heading = self.say(key, first=first, last=last, total=page.total, search=search)
        numbered = enumerate(page.clips, first)
        return "\n".join([heading, *(list_line(n, clip, self.say) for n, clip in numbered)])

    def _other(self, search: str, start: int = 0) -> Self:
        return type(self)(self.person_id, self.say, self._library, self._continue, search, start)

    async def _turn(self, interaction: discord.Interaction, start: int) -> None:
        await interaction.response.defer()
        self._start = max(0, start)
        await self.open(interaction)

    async def _back(self, interaction: discord.Interaction) -> None:
        await self._turn(interaction, self._start - PAGE)

    async def _forth(self, interaction: discord.Interaction) -> None:
        await self._turn(interaction, self._start + PAGE)

    async def _all(self, interaction: discord.Interaction) -> None:
        self._search = ""
        await self._turn(interaction, 0)

    async def _ask(self, interaction: discord.Interaction) -> None:
        say = self.say
        form = TextForm(say("form.search"), say("form.search_words"), self._search,
                        self._find, LONGEST_SEARCH, needed=False)  # fmt: skip
        await interaction.response.send_modal(form)

    async def _find(self, interaction: discord.Interaction, search: str) -> None:
        self._search, self._start = search, 0
        await self.open(interaction)

    async def _return_here(self, interaction: discord.Interaction, before: OwnView) -> None:
        view = self._other(self._search, self._start)
        await before.give_way(interaction, view, await view.renewed())
