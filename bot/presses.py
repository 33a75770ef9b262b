"""What the buttons do; whoever presses one is checked here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord

from bot.acknowledgement import acknowledge
from bot.incident import tell
from bot.locales import Phrases
from bot.origin import Origin
from bot.reception import MOST_VARIATIONS, Reception
from bot.refusal import Refusal
from bot.takedown import referred_spots, result_spots, take_down, take_down_pressed
from bot.ui.buttons import ResultButton
from bot.ui.forms import ContinueForm, TweakForm
from bot.wish import Wish
from musicgen_core.storage import ClipRecord, JobRecord
from musicgen_core.workshop import Workshop

Action = Callable[[str, discord.Interaction], Awaitable[None]]
MOST_ASKED = 100
"""Questions of which the presses are remembered: their tokens may delete what was pressed."""


class Presses:
    """Answers presses; the target is a job's id, for `continue` a clip's."""

    def __init__(
        self,
        client: discord.Client,
        workshop: Workshop,
        reception: Reception,
        say: Callable[[discord.Interaction], Phrases],
        locale: str,
    ) -> None:
        self._client, self._workshop, self._reception = client, workshop, reception
        self._say, self._locale = say, locale
        self._asked: dict[str, discord.Interaction] = {}
        """By job, where the bot is no member: who asked to delete it."""
        self._actions: dict[str, Action] = {
            "cancel": self._cancel,
            "again": self._again,
            "vary": self._vary,
            "tweak": self._tweak,
            "continue": self._continue,
            "keep": self._keep,
            "delete": self._delete,
            "erase": self._erase,
        }

    async def press(self, action: str, target: str, interaction: discord.Interaction) -> None:
        """Do what a button says.

        Raises:
            InvalidRequest: it cannot be done, or not by them.
        """
        if action not in self._actions:
            raise Refusal("unknown_button")
        await self._actions[action](target, interaction)

    async def take(self, interaction: discord.Interaction, wish: Wish) -> None:
        """Order what a form brought."""
        await self._reception.order(Origin.of_interaction(interaction, self._locale), wish)

    async def _cancel(self, target: str, interaction: discord.Interaction) -> None:
        job = await self._job(target)
        check_owner(job.person_id, interaction)
        # Acknowledged first: the status is edited when the job has really stopped.
        await interaction.response.defer()
        if not await self._workshop.cancel(job.id):
            raise Refusal("too_late")

    async def _again(self, target: str, interaction: discord.Interaction) -> None:
        await acknowledge(interaction)
        await self.take(interaction, await self._wish(target))

    async def _vary(self, target: str, interaction: discord.Interaction) -> None:
        await acknowledge(interaction)
        wish = await self._wish(target)
        await self.take(interaction, replace(wish, variations=MOST_VARIATIONS))

    async def _tweak(self, target: str, interaction: discord.Interaction) -> None:
        job = await self._job(target)
        wish = replace(await self._wish(target), seed=job.seed)
        await interaction.response.send_modal(TweakForm(self._say(interaction), wish, self.take))

    async def _continue(self, target: str, interaction: discord.Interaction) -> None:
        clip = await self._workshop.storage.clips.get(target)
        if clip is None or clip.deleted is not None:
            raise Refusal("clip_gone")
        job = await self._job(clip.job_id)
        wish = replace(self._reception.onward(job, clip), seconds=job.seconds)
        form = ContinueForm(self._say(interaction), wish, self.take, clip.seconds)
        await interaction.response.send_modal(form)

    async def _keep(self, target: str, interaction: discord.Interaction) -> None:
        job, clips = await self._job(target), await self._clips(target)
        check_keeper(job, interaction)
        for clip in clips:
            await self._workshop.storage.clips.keep(clip.id, clip.person_id, kept=True)
        await tell(interaction, self._say(interaction)("answer.kept"))

    async def _delete(self, target: str, interaction: discord.Interaction) -> None:
        """Ask whether it is meant."""
        job, clips = await self._job(target), await self._clips(target)
        check_keeper(job, interaction)
        say = self._say(interaction)
        view = discord.ui.View(timeout=None)
        view.add_item(ResultButton("erase", job.id, say("button.erase")))
        question = say("answer.really_delete", count=len(clips))
        if interaction.is_guild_integration():
            await interaction.response.send_message(question, view=view, ephemeral=True)
            return
        # So acknowledged, the message pressed is what the token may delete.
        await interaction.response.defer()
        self._asked[job.id] = interaction
        if len(self._asked) > MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        await interaction.followup.send(question, view=view, ephemeral=True)

    async def _erase(self, target: str, interaction: discord.Interaction) -> None:
        # Files and messages may take longer than the three seconds in which Discord wants a word.
        await interaction.response.defer()
        job, clips = await self._job(target), await self._clips(target)
        check_keeper(job, interaction)
        for clip in clips:
            await self._workshop.storage.clips.delete(clip.id, clip.person_id)
        # The question answers the message under which it was asked: a clip can be posted again.
        asked_under = referred_spots(interaction.message)
        gone = await take_down(self._client, result_spots(job) | asked_under)
        gone = await take_down_pressed(self._asked.pop(job.id, None)) or gone
        text = self._say(interaction)("answer.deleted" if gone else "answer.deleted_here_not")
        await interaction.edit_original_response(content=text, view=None)

    async def _job(self, job_id: str) -> JobRecord:
        job = await self._workshop.storage.jobs.get(job_id)
        if job is None:
            raise Refusal("clip_gone")
        return job

    async def _clips(self, job_id: str) -> list[ClipRecord]:
        """Return the clips of a job that are still there.

        Raises:
            Refusal: none is.
        """
        clips = await self._workshop.storage.clips.of_job(job_id)
        if there := [clip for clip in clips if clip.deleted is None]:
            return there
        raise Refusal("clip_gone")

    async def _wish(self, job_id: str) -> Wish:
        """Return a job's wish once more; what it continued must still be there.

        A model that has left gives way to the server's.
        """
        job = await self._job(job_id)
        clips = await self._workshop.storage.clips.of_job(job_id)
        there = [clip for clip in clips if clip.deleted is None]
        if job.audio_file is not None and not there:
            raise Refusal("clip_gone")
        again = Wish.again(job, there[0] if there else None)
        return replace(again, model=self._reception.known(job.model))


def check_owner(person_id: int, interaction: discord.Interaction) -> None:
    """Let only the requester and people who may manage messages go on.

    Raises:
        Refusal: it is somebody else.
    """
    if interaction.user.id != person_id and not interaction.permissions.manage_messages:
        raise Refusal("not_yours")


def check_keeper(job: JobRecord, interaction: discord.Interaction) -> None:
    """Let only the requester and moderators of the server where it was asked for go on.

    A clip can be posted again elsewhere, whose moderators have no say over what is kept.

    Raises:
        Refusal: it is somebody else.
    """
    if interaction.guild_id != job.server_id and interaction.user.id != job.person_id:
        raise Refusal("not_yours")
    check_owner(job.person_id, interaction)
