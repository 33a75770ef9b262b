"""A stock discord.py bot that answers /compose with a tone, one step whenever a test says so."""

from __future__ import annotations

import asyncio
import io
import math
import struct
import wave

import discord
from discord import app_commands

RATE = 8000
PROMPT_CHARS = 100
Duration = app_commands.Range[float, 1, 30]
STYLES = [
    app_commands.Choice(name="Lo-fi", value="lofi"),
    app_commands.Choice(name="Bossa nova", value="bossa"),
]
CHINESE = {
    "compose": "作曲",
    "Make music": "生成音乐",
    "prompt": "描述",
    "duration": "秒数",
    "Seconds of music": "音乐的秒数",
}


def tone(seconds: float, hertz: float) -> bytes:
    """Return a WAV: mono, 16 bits, `RATE` samples a second."""
    samples = (
        int(12000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(seconds * RATE))
    )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


class Chinese(app_commands.Translator):
    """Knows the few words of this bot."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        return CHINESE.get(string.message) if locale is discord.Locale.chinese else None


class SecretButton(discord.ui.View):
    """A button that changes the message it is under."""

    @discord.ui.button(label="Louder", custom_id="louder")
    async def louder(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.edit_message(content="PSST")


class SingingBot(discord.Client):
    """`ready` is set when the commands are registered; `percents` drives /compose to its end."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.2)
        self.tree = app_commands.CommandTree(self)
        self.ready = asyncio.Event()
        self.percents: asyncio.Queue[int] = asyncio.Queue()
        self.song = tone(3.0, 220.0)
        self.heard: dict[str, object] = {}
        self._add_commands()

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Chinese())
        await self.tree.sync()
        self.ready.set()

    def _add_commands(self) -> None:
        @self.tree.command(description="Make music")
        @app_commands.describe(prompt="What it should sound like", duration="Seconds of music")
        async def compose(
            interaction: discord.Interaction,
            prompt: app_commands.Range[str, 1, PROMPT_CHARS],
            duration: Duration = 8.0,
            clip: discord.Attachment | None = None,
        ) -> None:
            self.heard = {"prompt": prompt, "duration": duration}
            await interaction.response.defer()
            self.heard["clip"] = await clip.read() if clip else None
            await self._perform(interaction, prompt)

        self._add_gather()

        @self.tree.command(description="Say something only to you")
        async def whisper(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("psst", ephemeral=True, view=SecretButton())

    def _add_gather(self) -> None:
        @self.tree.command(description="Answer one option of each type")
        @app_commands.choices(style=STYLES)
        async def gather(
            interaction: discord.Interaction,
            style: app_commands.Choice[str],
            secret: bool,
            turns: app_commands.Range[int, 2, 12],
            partner: discord.Member,
            place: discord.TextChannel,
            role: discord.Role,
            anyone: discord.Member | discord.Role,
            word: str,
        ) -> None:
            self.heard = {
                "style": style.value,
                "secret": secret,
                "turns": turns,
                "partner": partner.name,
                "place": place.name,
                "role": role.name,
                "anyone": anyone.name,
                "word": word,
            }
            await interaction.response.send_message("gathered")

        @gather.autocomplete("word")
        async def words(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            known = [word for word in ("amber", "neon", "velvet") if typed in word]
            return [app_commands.Choice(name=word, value=word) for word in known]

    async def _perform(self, interaction: discord.Interaction, prompt: str) -> None:
        percent = 0
        while percent < 100:
            percent = await self.percents.get()
            bar = "█" * (percent // 5) + "░" * (20 - percent // 5)
            await interaction.edit_original_response(content=f"`{bar} {percent} %`")
        status = await interaction.original_response()
        assert isinstance(status.channel, discord.abc.Messageable)
        await status.channel.send(
            f"**{prompt}**",
            file=discord.File(io.BytesIO(self.song), "song.wav"),
            reference=status.to_reference(),
        )
