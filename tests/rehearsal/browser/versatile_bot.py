"""A stock discord.py bot with a form, suggestions, letters and threads, for tests in the room."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands
from small_bot import SmallBot, online

from bot.rehearsal.server import Rehearsal

STYLES = ("funk", "fusion", "folk", "jazz", "dub")


class JamForm(discord.ui.Modal, title="Open a jam"):
    """One field of each kind that a person meets."""

    intro = discord.ui.TextDisplay("Everybody in the channel can **join** once it is open.")
    name = discord.ui.Label(
        text="Name",
        description="What the track will be called",
        component=discord.ui.TextInput(custom_id="name", min_length=2, max_length=20),
    )
    style = discord.ui.Label(
        text="Styles",
        component=discord.ui.Select(
            custom_id="style",
            min_values=1,
            max_values=2,
            required=False,
            options=[
                discord.SelectOption(label="Funk", value="funk", description="Tight and bouncy"),
                discord.SelectOption(label="Jazz", value="jazz"),
                discord.SelectOption(label="Dub", value="dub", default=True),
            ],
        ),
    )
    host = discord.ui.Label(
        text="Host", component=discord.ui.UserSelect(custom_id="host", required=False)
    )
    clips = discord.ui.Label(
        text="Clips",
        description="Up to two things to start from",
        component=discord.ui.FileUpload(custom_id="clips", max_values=2, required=False),
    )

    def __init__(self) -> None:
        super().__init__(custom_id="jam")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, style, host, clips = (
            part.component for part in (self.name, self.style, self.host, self.clips)
        )
        assert isinstance(name, discord.ui.TextInput)
        assert isinstance(style, discord.ui.Select)
        assert isinstance(host, discord.ui.UserSelect)
        assert isinstance(clips, discord.ui.FileUpload)
        sizes = [(clip.filename, len(await clip.read())) for clip in clips.values]
        hosts = [member.display_name for member in host.values]
        text = f"{name.value} {sorted(style.values)} {hosts} {sizes}"
        await interaction.response.send_message(text)


class Hello(discord.ui.View):
    """A button that works wherever its message is."""

    @discord.ui.button(label="Say hello", custom_id="hello")
    async def hello(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        place = "in private" if interaction.guild is None else "in the studio"
        await interaction.response.send_message(f"Hello {place}, {interaction.user.display_name}!")


class VersatileBot(SmallBot):
    """`asked` holds what autocomplete was asked; hold `answering` to keep it from answering."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answering = asyncio.Lock()
        self.failing = False
        self._add_commands()

    def _add_commands(self) -> None:
        @self.tree.command(description="Open a jam")
        async def jam(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(JamForm())

        @self.tree.command(description="Choose a style")
        @app_commands.describe(name="What it should sound like", loud="Whether it is loud")
        async def style(interaction: discord.Interaction, name: str, loud: bool = False) -> None:
            await interaction.response.send_message(f"style {name} {loud}")

        @style.autocomplete("name")
        async def suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            self.asked.append(typed)
            if self.failing:
                raise RuntimeError("the test asked for it")
            async with self.answering:
                known = [name for name in STYLES if name.startswith(typed)]
                return [app_commands.Choice(name=name.title(), value=name) for name in known]

        @self.tree.context_menu(name="Applaud")
        async def applaud(interaction: discord.Interaction, member: discord.Member) -> None:
            await interaction.response.send_message(f"Applause for {member.display_name}")

        @self.tree.command(description="Use me anywhere")
        @app_commands.allowed_installs(guilds=True, users=True)
        async def brought(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("brought along")

        @self.tree.command(description="Write to me in private")
        async def letter(interaction: discord.Interaction) -> None:
            file = discord.File(io.BytesIO(b"words"), "words.txt")
            await interaction.user.send("A letter for you", file=file, view=Hello())
            await interaction.response.send_message("Sent.", ephemeral=True)


@asynccontextmanager
async def versatile_stage() -> AsyncIterator[tuple[Rehearsal, VersatileBot]]:
    """Yield an embedded Discord with the bot online, its forms answering at once."""
    async with (
        Rehearsal(acknowledge_seconds=2.0) as discord_,
        online(VersatileBot(), discord_) as bot,
    ):
        assert isinstance(bot, VersatileBot)
        yield discord_, bot
