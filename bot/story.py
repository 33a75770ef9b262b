"""The story of a job: what is known of how its clips were made, and who may be told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.refusal import Refusal
from bot.ui.buttons import targets_of
from musicgen_core.errors import InvalidRequest, StorageUnavailable
from musicgen_core.requests import Provenance
from musicgen_core.storage import ClipRecord, Delivered, JobRecord
from musicgen_core.workshop import Workshop

log = logging.getLogger(__name__)

MOST_OFFERED = 25
"""What Discord shows of autocompletion."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A clip that was continued, or that continues."""

    clip: ClipRecord
    job: JobRecord | None
    """None where the reader may not know more than that it exists."""


@dataclass(frozen=True, slots=True)
class Story:
    """What one reader may know of a job."""

    job: JobRecord
    clips: tuple[ClipRecord, ...]
    """Those that are still there, by number."""
    made: tuple[Provenance, ...]
    """What their files tell; of those that can be read."""
    parents: tuple[Relative, ...] = ()
    """What was continued, what that continued, and so on."""
    children: tuple[Relative, ...] = ()
    own: bool = False
    """Whether the reader is who asked for it."""


class Stories:
    """Finds stories; whoever may not know of one is told the same as if there were none."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def latest(self, person_id: int, typed: str) -> list[ClipRecord]:
        """Return a person's latest clips that fit what was typed, one for each job."""
        page = await self._workshop.storage.clips.page(person_id, typed, count=MOST_OFFERED)
        first: dict[str, ClipRecord] = {}
        for clip in page.clips:
            first.setdefault(clip.job_id, clip)
        return list(first.values())

    async def find(self, interaction: discord.Interaction, wanted: str) -> Story:
        """Return the story of a job: by its id, a clip's id, or words that an own title holds.

        Raises:
            Refusal: there is none, or none for this person.
        """
        job = await self._by_id(wanted.strip().lower())
        if job is None and (own := await self.latest(interaction.user.id, wanted)):
            job = await self._by_id(own[0].job_id)
        if job is None or not may_know(interaction, job):
            raise Refusal("nothing_to_show")
        return await self._told(interaction, job)

    async def of_message(self, interaction: discord.Interaction, message: discord.Message) -> Story:
        """Return the story of a message of ours; who sees the message may know it.

        Raises:
            Refusal: it is no result, or it has been deleted from the database.
        """
        if message.author != interaction.client.user:
            raise Refusal("no_result")
        targets = targets_of(message)
        target = targets.get("again") or targets.get("cancel") or targets.get("continue")
        if target is None:
            raise Refusal("no_result")
        job = await self._by_id(target)
        if job is None:
            raise Refusal("clip_gone")
        return await self._told(interaction, job)

    async def _by_id(self, wanted: str) -> JobRecord | None:
        storage = self._workshop.storage
        job = await storage.jobs.get(wanted)
        if job is None and (clip := await storage.clips.get(wanted)) is not None:
            job = await storage.jobs.get(clip.job_id)
        return job

    async def _told(self, interaction: discord.Interaction, job: JobRecord) -> Story:
        clips = self._workshop.storage.clips
        there = [clip for clip in await clips.of_job(job.id) if clip.deleted is None]
        own = job.person_id == interaction.user.id
        if not own and job.ended is not None and not there:
            raise Refusal("clip_gone")
        children = [child for clip in there for child in await clips.children(clip.id)]
        return Story(
            job,
            tuple(there),
            tuple([made for clip in there if (made := await self._made(clip)) is not None]),
            await self._relatives(interaction, await self._line(job)),
            await self._relatives(interaction, children),
            own=own,
        )

    async def _made(self, clip: ClipRecord) -> Provenance | None:
        """Return what a clip's file says of itself; a story goes without where it is damaged."""
        try:
            return (await self._workshop.source.clip(clip)).provenance
        except (InvalidRequest, StorageUnavailable) as exc:
            log.warning("Clip %s cannot tell how it was made: %s", clip.id, exc)
            return None

    async def _line(self, job: JobRecord) -> list[ClipRecord]:
        clips = self._workshop.storage.clips
        if job.parent_id is None or (parent := await clips.get(job.parent_id)) is None:
            return []
        return [parent, *await clips.parents(parent.id)]

    async def _relatives(
        self, interaction: discord.Interaction, clips: Sequence[ClipRecord]
    ) -> tuple[Relative, ...]:
        relatives = []
        for clip in clips:
            job = await self._workshop.storage.jobs.get(clip.job_id)
            known = job is not None and may_know(interaction, job)
            relatives.append(Relative(clip, job if known else None))
        return tuple(relatives)


def may_know(interaction: discord.Interaction, job: JobRecord) -> bool:
    """Tell whether a person may know of a job: their own, or one posted where they can read."""
    if job.person_id == interaction.user.id:
        return True
    guild, member = interaction.guild, interaction.user
    if job.delivered is not Delivered.CHANNEL or guild is None or job.server_id != guild.id:
        return False
    channel = guild.get_channel_or_thread(job.channel_id or 0)
    if channel is None or not isinstance(member, discord.Member):
        return False
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False  # who was invited is not known here
    permissions = channel.permissions_for(member)
    return permissions.view_channel and permissions.read_message_history
