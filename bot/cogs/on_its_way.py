"""/queue and /cancel: what is on its way here, and stopping it."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.command_text import command_text
from bot.locales import Phrases
from bot.refusal import Refusal
from bot.ui.queue_text import queue_text, title
from bot.ui.quoting import one_line
from musicgen_core.storage import JobRecord
from musicgen_core.workshop import Commission, Workshop

MOST_CHOICES = 25
"""What Discord shows of autocompletion."""
LONGEST_CHOICE = 100


class OnItsWay(commands.Cog):
    """Shows the jobs of a server to its people, and cancels them for those who may."""

    def __init__(self, workshop: Workshop, say: Callable[[discord.Interaction], Phrases]) -> None:
        self._workshop, self._say = workshop, say

    @app_commands.command(
        name=command_text("queue.name"), description=command_text("queue.description")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def queue(self, interaction: discord.Interaction) -> None:
        """Show what is made and what waits here; of other places only how much."""
        every = self._workshop.on_its_way()
        here = [commission for commission in every if is_here(commission.job, interaction)]
        text = queue_text(here, len(every) - len(here), self._say(interaction))
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(
        name=command_text("cancel.name"), description=command_text("cancel.description")
    )
    @app_commands.rename(job=command_text("cancel.job"))
    @app_commands.describe(job=command_text("cancel.job_help"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def cancel(self, interaction: discord.Interaction, job: str | None = None) -> None:
        """Stop a job; its status message tells everybody."""
        say = self._say(interaction)
        for record in self._chosen(interaction, job):
            # A job that is being stopped counts as being on its way until that is stored.
            if await self._workshop.cancel(record.id):
                text = say("answer.cancelled", what=title(record, say))
                await interaction.response.send_message(text, ephemeral=True)
                return
        raise Refusal("nothing_to_cancel" if job is None else "too_late")

    @cancel.autocomplete("job")
    async def offer_jobs(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer one's own jobs, the latest first; to moderators all of the server."""
        say = self._say(interaction)
        names = {c.job_id: choice_name(c, say) for c in self._cancellable(interaction)}
        found = [
            Choice(name=name, value=job_id)
            for job_id, name in names.items()
            if typed.strip().casefold() in name.casefold()
        ]
        return found[:MOST_CHOICES]

    def _cancellable(self, interaction: discord.Interaction) -> list[Commission]:
        """Return what a person may cancel, the latest first."""
        every = reversed(self._workshop.on_its_way())
        return [commission for commission in every if may_cancel(commission.job, interaction)]

    def _chosen(self, interaction: discord.Interaction, job_id: str | None) -> list[JobRecord]:
        """Return the job that was named, else the person's own, the latest first.

        Raises:
            Refusal: the job is not on its way, or somebody else's.
        """
        every = [commission.job for commission in reversed(self._workshop.on_its_way())]
        if job_id is None:
            return [job for job in every if job.person_id == interaction.user.id]
        named = [job for job in every if job.id == job_id]
        if not named:
            raise Refusal("not_on_its_way")
        if not may_cancel(named[0], interaction):
            raise Refusal("not_yours")
        return named


def is_here(job: JobRecord, interaction: discord.Interaction) -> bool:
    """Tell whether a job was asked for in this server; elsewhere only one's own count."""
    if interaction.guild_id is None:
        return job.person_id == interaction.user.id
    return job.server_id == interaction.guild_id


def may_cancel(job: JobRecord, interaction: discord.Interaction) -> bool:
    """Tell whether it is one's own, or of the server in which one may manage messages."""
    moderates = interaction.permissions.manage_messages and interaction.guild_id is not None
    return job.person_id == interaction.user.id or (
        moderates and job.server_id == interaction.guild_id
    )


def choice_name(commission: Commission, say: Phrases) -> str:
    """Name a job in the list that autocompletion shows, which takes no formatting."""
    return one_line(commission.job.title or say("status.unconditional"), LONGEST_CHOICE)
