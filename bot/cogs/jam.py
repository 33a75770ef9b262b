"""/jam: a community makes one track together."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.command_text import command_text
from bot.jams.bandstand import Bandstand
from bot.jams.opening import Opening
from bot.jams.presses import JamPresses
from bot.locales import Phrases
from bot.model_option import offer_where_several
from bot.refusal import Refusal
from bot.ui.choices import offered
from bot.ui.jam_board import draw_tree, tree_picture
from bot.ui.jam_words import alt_text, gallery_text
from musicgen_core.jams import Ending, Jam, Mode
from musicgen_core.storage import Storage
from musicgen_core.studio import Bench

GALLERY_SIZE = 10


MODES = [Choice(name=command_text(f"jam.mode_{mode}"), value=mode.value) for mode in Mode]
ENDINGS = [
    Choice(name=command_text(f"jam.ending_{ending}"), value=ending.value) for ending in Ending
]


class JamSessions(commands.Cog):
    """Begin jams, look at them, end them."""

    jam = app_commands.Group(
        name=command_text("jam.name"), description=command_text("jam.description"), guild_only=True
    )

    def __init__(
        self,
        bandstand: Bandstand,
        opening: Opening,
        presses: JamPresses,
        storage: Storage,
        bench: Bench,
        models: Sequence[str],
        say: Callable[[discord.Interaction], Phrases],
    ) -> None:
        self._bandstand, self._opening, self._presses = bandstand, opening, presses
        self._jams, self._bench, self._say = storage.jams, bench, say
        self._models = models
        offer_where_several(self.start, models)

    @jam.command(name=command_text("jam.start"), description=command_text("jam.start_help"))
    @app_commands.rename(
        title=command_text("jam.title"), prompt=command_text("jam.prompt"),
        seconds_per_turn=command_text("jam.seconds"), mode=command_text("jam.mode"),
        takes=command_text("jam.takes"), hear_seconds=command_text("compose.hear_seconds"),
        model=command_text("compose.model"),
    )  # fmt: skip
    @app_commands.describe(
        title=command_text("jam.title_help"), prompt=command_text("jam.prompt_help"),
        seconds_per_turn=command_text("jam.seconds_help"), mode=command_text("jam.mode_help"),
        takes=command_text("jam.takes_help"), hear_seconds=command_text("jam.hear_help"),
        model=command_text("compose.model_help"),
    )  # fmt: skip
    @app_commands.choices(mode=MODES)
    async def start(
        self,
        interaction: discord.Interaction,
        title: app_commands.Range[str, 1, 80],
        prompt: app_commands.Range[str, 0, 300] = "",
        seconds_per_turn: app_commands.Range[float, 2.0, 30.0] = 10.0,
        mode: str = Mode.TURNS.value,
        takes: app_commands.Range[int, 2, 4] | None = None,
        hear_seconds: app_commands.Range[float, 1.0, 30.0] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Begin a jam."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        self._bandstand.rooms.meet(interaction)
        jam = await self._opening.start(
            interaction, title, prompt, seconds_per_turn, Mode(mode), model, takes, hear_seconds
        )
        text = self._say(interaction)("jam.answer.started", place=jam.place)
        await interaction.edit_original_response(content=text)

    @start.autocomplete("model")
    async def offer_models(self, _: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer the models there are."""
        return offered(typed, self._models)

    @jam.command(name=command_text("jam.tree"), description=command_text("jam.tree_help"))
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

    @jam.command(name=command_text("jam.finish"), description=command_text("jam.finish_help"))
    @app_commands.rename(ending=command_text("jam.ending"))
    @app_commands.describe(ending=command_text("jam.ending_help"))
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

    @jam.command(name=command_text("jam.gallery"), description=command_text("jam.gallery_help"))
    async def gallery(self, interaction: discord.Interaction) -> None:
        """List the server's finished jams, the most liked first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        pieces = await self._jams.gallery(interaction.guild_id or 0, count=GALLERY_SIZE)
        text = gallery_text(pieces, self._say(interaction))
        await interaction.edit_original_response(content=text)

    @jam.command(name=command_text("jam.stems"), description=command_text("jam.stems_help"))
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
