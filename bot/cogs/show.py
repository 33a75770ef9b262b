"""/show, and a menu on messages: how a clip was made."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType, Choice
from discord.ext import commands

from bot.command_text import command_text
from bot.locales import Phrases
from bot.story import Stories, Story
from bot.ui.clip_lines import facts
from bot.ui.quoting import one_line
from bot.ui.story_text import story_text
from musicgen_core.storage import ClipRecord

Bot = commands.AutoShardedBot
LONGEST_NAME = 100
LONGEST_FACTS = 40


class Show(commands.Cog):
    """Tell who asks, and only them."""

    def __init__(
        self, bot: Bot, stories: Stories, say: Callable[[discord.Interaction], Phrases]
    ) -> None:
        self._bot, self._stories, self._say = bot, stories, say
        # A cog's class cannot hold a context menu.
        self._menu = app_commands.ContextMenu(
            name=command_text("show.menu"),
            callback=self.show_message,
            allowed_contexts=AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=AppInstallationType(guild=True, user=True),
        )

    async def cog_load(self) -> None:
        """Offer the menu on messages."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu away."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(
        name=command_text("show.name"), description=command_text("show.description")
    )
    @app_commands.rename(job=command_text("show.job"))
    @app_commands.describe(job=command_text("show.job_help"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def show(
        self, interaction: discord.Interaction, job: app_commands.Range[str, 1, 100]
    ) -> None:
        """Show how a job's clips were made."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._tell(interaction, await self._stories.find(interaction, job))

    @show.autocomplete("job")
    async def offer_jobs(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer the person's latest jobs, by title."""
        say = self._say(interaction)
        clips = await self._stories.latest(interaction.user.id, typed)
        return [Choice(name=choice_name(clip, say), value=clip.job_id) for clip in clips]

    async def show_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Show how what a message brings was made."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._tell(interaction, await self._stories.of_message(interaction, message))

    async def _tell(self, interaction: discord.Interaction, story: Story) -> None:
        text = story_text(story, self._say(interaction))
        await interaction.edit_original_response(content=text)


def choice_name(clip: ClipRecord, say: Phrases) -> str:
    """Return what autocompletion shows of a clip's job; Discord formats nothing there."""
    told = f" · {one_line(facts(clip, say), LONGEST_FACTS)} · {clip.created:%Y-%m-%d %H:%M}"
    title = one_line(clip.title, LONGEST_NAME - len(told)) or say("result.unconditional")
    return title + told
