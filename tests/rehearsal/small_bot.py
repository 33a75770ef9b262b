"""A small stock discord.py bot that does what mindjam does to Discord, and no more."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from bot.rehearsal.server import Rehearsal

WAV = b"RIFF" + bytes(range(256)) * 8
PATIENCE = 30.0


def wav_file(name: str = "clip.wav", content: bytes = WAV) -> discord.File:
    return discord.File(io.BytesIO(content), name)


class SteppedClock:
    """The wall clock until a test puts it forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += seconds


class SmallBot(discord.Client):
    """Its commands are the test's: add them to `tree` before it logs in."""

    def __init__(self, *, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(
            intents=intents or discord.Intents.default(), guild_ready_timeout=0.05, **options
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.resumed = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, _: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds before identifying again, as discord.py would."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_resumed(self) -> None:
        self.resumed.set()

    def studio(self) -> discord.TextChannel:
        channel = discord.utils.get(self.get_all_channels(), name="studio")
        assert isinstance(channel, discord.TextChannel)
        return channel


@asynccontextmanager
async def online(bot: SmallBot, discord_: Rehearsal) -> AsyncIterator[SmallBot]:
    """Log the bot in, wait until it is ready, and see it off."""
    with discord_.attach():
        await bot.login(discord_.token)
        task = asyncio.create_task(bot.connect())
        try:
            await asyncio.wait_for(bot.wait_until_ready(), PATIENCE)
            yield bot
        finally:
            await bot.close()
            await asyncio.wait_for(task, PATIENCE)


async def eventually(condition: Any, patience: float = PATIENCE) -> None:
    """Wait until `condition()` holds."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)
