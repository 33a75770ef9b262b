"""/jam: a community makes one track together."""

from __future__ import annotations

import io
from collections.abc import Callable

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.jams.bandstand import Bandstand
from bot.jams.opening import Opening
from bot.jams.presses import JamPresses
from bot.locales import ENGLISH, Phrases, phrases
from bot.refusal import Refusal
from bot.ui.jam_board import draw_tree, tree_picture
from bot.ui.jam_words import alt_text, gallery_text
from musicgen_core.jams import Ending, Jam, Mode
from musicgen_core.storage import Storage
from musicgen_core.studio import Bench

GALLERY_SIZE = 10


def _text(key: str) -> locale_str:
    """Return a name or description that Discord shows in the person's language."""
    key = f"command.jam.{key}"
    return locale_str(phrases(ENGLISH)(key), key=key)


MODES = [Choice(name=_text(f"mode_{mode}"), value=mode.value) for mode in Mode]
ENDINGS = [Choice(name=_text(f"ending_{ending}"), value=ending.value) for ending in Ending]


class JamSessions(commands.Cog):
    """Begin jams, look at them, end them."""

    jam = app_commands.Group(name=_text("name"), description=_text("description"), guild_only=True)

    def __init__(
        self,
        bandstand: Bandstand,
        opening: Opening,
        presses: JamPresses,
        storage: Storage,
        bench: Bench,
        say: Callable[[discord.Interaction], Phrases],
    ) -> None:
        self._bandstand, self._opening, self._presses = bandstand, opening, presses
        self._jams, self._bench, self._say = storage.jams, bench, say

    @jam.command(name=_text("start"), description=_text("start_help"))
    @app_commands.rename(
        title=_text("title"), prompt=_text("prompt"), seconds_per_turn=_text("seconds"),
        mode=_text("mode"),
    )  # fmt: skip
    @app_commands.describe(
        title=_text("title_help"), prompt=_text("prompt_help"),
        seconds_per_turn=_text("seconds_help"), mode=_text("mode_help"),
    )  # fmt: skip
    @app_commands.choices(mode=MODES)
    async def start(
        self,
        interaction: discord.Interaction,
        title: app_commands.Range[str, 1, 80],
        prompt: app_commands.Range[str, 0, 300] = "",
        seconds_per_turn: app_commands.Range[float, 2.0, 30.0] = 10.0,
        mode: str = Mode.TURNS.value,
    ) -> None:
        """Begin a jam."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        self._bandstand.rooms.meet(interaction)
        jam = await self._opening.start(
            interaction, title, prompt, seconds_per_turn, Mode(mode)
        )  # fmt: skip
        text = self._say(interaction)("jam.answer.started", place=jam.place)
        await interaction.edit_original_response(content=text)

    @jam.command(name=_text("tree"), description=_text("tree_help"))
    async def tree(self, interaction: discord.Interaction) -> None:
        """Show every part of the jam, also what was taken back."""
        await interaction.response.defer(thinking=True)
        jam, say = await self._here(interaction), self._say(interaction)
        if not jam.takes:
            raise Refusal("jam_empty")
        names = await self._bandstand.rooms.names(jam, say)
        data = await self._bench.do(draw_tree, tree_picture(jam, names))
        about = alt_text(jam, names, say)
        file = discord.File(io.BytesIO(data), "tree.png", description=about)
        text = say("jam.answer.tree", parts=len(jam.takes))
        await interaction.edit_original_response(content=text, attachments=[file])

    @jam.command(name=_text("finish"), description=_text("finish_help"))
    @app_commands.rename(ending=_text("ending"))
    @app_commands.describe(ending=_text("ending_help"))
    @app_commands.choices(ending=ENDINGS)
    async def finish(
        self, interaction: discord.Interaction, ending: str = Ending.FADE.value
    ) -> None:
        """End the playing and make the mix."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        jam = await self._here(interaction)
        await self._presses.finish(jam.id, interaction, Ending(ending))
        text = self._say(interaction)("jam.answer.finishing")
        await interaction.edit_original_response(content=text)

    @jam.command(name=_text("gallery"), description=_text("gallery_help"))
    async def gallery(self, interaction: discord.Interaction) -> None:
        """List the server's finished jams, the most liked first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        pieces = await self._jams.gallery(interaction.guild_id or 0, count=GALLERY_SIZE)
        text = gallery_text(pieces, self._say(interaction))
        await interaction.edit_original_response(content=text)

    @jam.command(name=_text("stems"), description=_text("stems_help"))
    async def stems(self, interaction: discord.Interaction) -> None:
        """Send everybody's parts as separate files."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._presses.send_stems(await self._here(interaction), interaction)

    async def _here(self, interaction: discord.Interaction) -> Jam:
        """Return the jam of the place, else the last one there.

        Raises:
            Refusal: there never was one.
        """
        jam = await self._jams.last_in_place(interaction.channel_id or 0)
        if jam is None:
            raise Refusal("no_jam_here")
        return jam
