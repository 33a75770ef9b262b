"""What is kept of a person, and the buttons to have it or to delete it."""

from __future__ import annotations

from collections.abc import Callable

import discord

from bot.departure import Holdings, forget
from bot.handout import HandedOut, Handout
from bot.incident import tell
from bot.languages import Languages
from bot.locales import Phrases
from bot.refusal import Refusal
from bot.ui.own_view import OwnView
from musicgen_core.workshop import Workshop

MEBIBYTE = 1 << 20


class PrivacyView(OwnView):
    """The page itself, then the question whether deletion is meant, then what came of it."""

    kind = "privacy"

    def __init__(
        self,
        person_id: int,
        say: Phrases,
        workshop: Workshop,
        page: Callable[[Holdings], str],
        exporting: set[int],
        languages: Languages,
    ) -> None:
        super().__init__(person_id, say)
        self._workshop, self._page, self._languages = workshop, page, languages
        self._exporting = exporting
        """People whose export is being made: it keeps a core and the disk busy."""

    async def open(self, interaction: discord.Interaction) -> None:
        """Show the page, after the interaction has been deferred."""
        self.clear_items()
        self.button("export", self._export, style=discord.ButtonStyle.primary)
        self.button("forget", self._ask)
        await self.show(interaction, self._page(await self._held()))

    async def _held(self) -> Holdings:
        return Holdings.of(await self._workshop.storage.people.export(self.person_id))

    async def _export(self, interaction: discord.Interaction) -> None:
        if self.person_id in self._exporting:
            raise Refusal("export_running")
        self._exporting.add(self.person_id)
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
            handed = await Handout(interaction).give(self._workshop.storage)
        finally:
            self._exporting.discard(self.person_id)
        await tell(interaction, handed_text(handed, self.say))

    async def _ask(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        self.clear_items()
        self.button("forget_all", self._forget, style=discord.ButtonStyle.danger)
        self.button("not_now", self._stay)
        held = await self._held()
        await self.show(interaction, self.say("privacy.really", **counted(held)))

    async def _stay(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self.open(interaction)

    async def _forget(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        gone = await forget(self._workshop, self.person_id)
        self._languages.learn(self.person_id, None)
        # Their turn is over in every jam; JamEvents sees to what comes next there.
        interaction.client.dispatch("jams_left", gone.jams)
        self.clear_items()
        await self.show(interaction, self.say("privacy.deleted", **counted(gone)))
        self.stop()


def counted(held: Holdings) -> dict[str, object]:
    """Return the numbers that sentences name."""
    size = f"{held.bytes / MEBIBYTE:.1f}"
    return {"jobs": held.jobs, "clips": held.clips, "size": size}


def handed_text(handed: HandedOut, say: Phrases) -> str:
    """Return what came of an export."""
    key = "privacy.sent" if handed.directly else "privacy.sent_here"
    lines = [say(key, files=handed.files, clips=handed.clips)]
    if handed.smaller:
        lines.append("-# " + say("privacy.smaller", formats=", ".join(handed.smaller)))
    if handed.missing:
        lines.append("-# " + say("privacy.missing", count=handed.missing))
    return "\n".join(lines)
