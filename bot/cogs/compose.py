"""/compose: a sentence, a clip or nothing -> music."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.attachments import AttachmentReader
from bot.delivery import Delivery
from bot.locales import ENGLISH, format_seconds, phrases
from bot.refusal import Refusal
from bot.settings import Settings
from musicgen_core.requests import AudioPrompt, GenerationRequest
from musicgen_core.service import MusicService

MIN_SECONDS, MAX_SECONDS = 1, 30


def _text(key: str) -> locale_str:
    """Return a name or description that Discord shows in the person's language."""
    key = f"command.compose.{key}"
    return locale_str(phrases(ENGLISH)(key), key=key)


class Compose(commands.Cog):
    """Turn a sentence into a clip."""

    def __init__(
        self,
        settings: Settings,
        service: MusicService,
        attachments: AttachmentReader,
        delivery: Delivery,
    ) -> None:
        self.settings, self.service = settings, service
        self.attachments, self.delivery = attachments, delivery

    @app_commands.command(name=_text("name"), description=_text("description"))
    @app_commands.rename(prompt=_text("prompt"), duration=_text("duration"), clip=_text("clip"))
    @app_commands.describe(
        prompt=_text("prompt_help"), duration=_text("duration_help"), clip=_text("clip_help")
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def compose(
        self,
        interaction: discord.Interaction,
        prompt: str | None = None,
        duration: app_commands.Range[float, MIN_SECONDS, MAX_SECONDS] | None = None,
        clip: discord.Attachment | None = None,
    ) -> None:
        """Queue a clip; refusals are for the person's eyes only, the status is for everyone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        seconds = self.settings.default_seconds if duration is None else duration
        self._check(prompt or "", seconds)
        request = GenerationRequest(
            prompt=prompt, seconds=seconds, audio=await self._audio(clip) if clip else None
        )
        job = await self.service.submit(request, owner=str(interaction.user.id))
        self.delivery.follow(interaction, job)

    def _check(self, prompt: str, seconds: float) -> None:
        limit = self.settings.max_prompt_chars
        if len(prompt) > limit:
            raise Refusal("prompt_long", length=len(prompt), limit=limit)
        most = min(self.settings.max_seconds, self.service.info.max_seconds)
        if not MIN_SECONDS <= seconds <= most:
            raise Refusal("seconds_range", low=MIN_SECONDS, high=format_seconds(most))

    async def _audio(self, clip: discord.Attachment) -> AudioPrompt:
        return await self.service.read_audio(await self.attachments.read(clip))
