"""One clip of the library, and what its owner may do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.library import Library
from bot.locales import Phrases
from bot.ui.clip_lines import details, title_of
from bot.ui.own_view import OwnView
from bot.ui.text_form import TextForm
from musicgen_core.storage import ClipRecord

LONGEST_TITLE = 100


class ClipView(OwnView):
    """Reads the clip anew at every press: it may have been deleted meanwhile."""

    kind = "library"

    def __init__(
        self,
        person_id: int,
        say: Phrases,
        library: Library,
        clip: ClipRecord,
        continue_clip: Callable[[str, discord.Interaction], Awaitable[None]],
        leave: Callable[[discord.Interaction, OwnView], Awaitable[None]],
    ) -> None:
        super().__init__(person_id, say)
        self._library, self._clip = library, clip
        self._continue, self._leave = continue_clip, leave

    async def renewed(self) -> str:
        """Read the clip anew; renew the controls and return the text.

        Raises:
            Refusal: it has been deleted.
        """
        clip = await self._read()
        text = details(clip, await self._library.job(clip), self.say)
        self.clear_items()
        self.button("play", self._play, row=0, style=discord.ButtonStyle.primary)
        self.button("post", self._post, row=0)
        self.button("continue", self._go_on, row=0)
        self.button("let_go" if clip.kept else "keep", self._keep, row=1)
        self.button("rename", self._ask_title, row=1)
        self.button("delete", self._ask, row=1)
        self.button("to_list", self._to_list, row=2)
        return text

    async def _read(self) -> ClipRecord:
        self._clip = await self._library.clip(self.person_id, self._clip.id)
        return self._clip

    async def _open(self, interaction: discord.Interaction) -> None:
        await self.show(interaction, await self.renewed())

    async def _play(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self._library.play(interaction, await self._read())

    async def _post(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        link = await self._library.post(interaction, await self._read())
        await interaction.followup.send(self.say("library.posted", link=link), ephemeral=True)

    async def _go_on(self, interaction: discord.Interaction) -> None:
        await self._continue(self._clip.id, interaction)

    async def _keep(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        clip = await self._read()
        await self._library.keep(clip, kept=not clip.kept)
        await self._open(interaction)

    async def _ask_title(self, interaction: discord.Interaction) -> None:
        say = self.say
        form = TextForm(say("form.rename"), say("form.title"), self._clip.title,
                        self._rename, LONGEST_TITLE, needed=True)  # fmt: skip
        await interaction.response.send_modal(form)

    async def _rename(self, interaction: discord.Interaction, title: str) -> None:
        await self._library.rename(await self._read(), title)
        await self._open(interaction)

    async def _ask(self, interaction: discord.Interaction) -> None:
        """Ask whether it is meant, in the place of the clip's page."""
        await interaction.response.defer()
        clip = await self._read()
        alone = await self._library.stands_alone(clip)
        self.clear_items()
        self.button("erase", self._delete, style=discord.ButtonStyle.danger)
        self.button("not_now", self._stay)
        key = "library.really_delete" if alone else "library.really_delete_one"
        await self.show(interaction, self.say(key, title=title_of(clip, self.say)))

    async def _stay(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self._open(interaction)

    async def _delete(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self._library.delete(await self._read())
        await self._leave(interaction, self)

    async def _to_list(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self._leave(interaction, self)
