"""Following a job to its end: status, clip, and a last word, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import discord

from bot.incident import log_incident, tell
from bot.locales import Phrases
from bot.posting import Order, Postman, Reached
from bot.refusal import sentence
from bot.retrying import UNREACHABLE, nonce, persistently
from bot.ui.status import StatusText
from bot.ui.status_message import StatusMessage
from bot.ui.views import cancel_view
from musicgen_core.errors import BackendError
from musicgen_core.service import Job, JobState, JobUpdate, MusicService

log = logging.getLogger(__name__)

FAREWELL_SECONDS = 6.0
"""For the last edit when the bot stops: Discord allows five edits in five seconds."""
LAST_WORDS = {
    Reached.CHANNEL: "status.done",
    Reached.PRIVATE: "status.done_privately",
    Reached.KEPT: "status.done_kept",
}


class Delivery:
    """One background task a job; the interaction is used only at the very beginning."""

    def __init__(
        self,
        client: discord.Client,
        service: MusicService,
        postman: Postman,
        say: Callable[[discord.Interaction], Phrases],
        edit_interval: float = 1.0,
    ) -> None:
        self._client, self._service, self._postman = client, service, postman
        self._say, self._edit_interval = say, edit_interval
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, interaction: discord.Interaction, job: Job) -> None:
        """See a job through in the background; returns at once."""
        order = Order(
            job=job,
            user_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            guild_id=interaction.guild_id,
            filesize_limit=interaction.filesize_limit,
            say=self._say(interaction),
        )
        task = asyncio.create_task(self._follow(order, interaction), name=f"follow-{job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop following; people are told on their status."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, order: Order, interaction: discord.Interaction) -> None:
        text = StatusText(order.say, self._service.info, order.mention)
        status = StatusMessage(self._edit_interval)
        request = order.job.request
        try:
            updates = self._service.watch(order.job.id)
            update = await anext(updates)
            await self._announce(order, interaction, status, text.of(update))
            async with status:
                async for update in updates:
                    status.show(text.of(update))
            last, failed = await self._end(order, update, status)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    farewell = text.final(request, order.say("status.stopped"), failed=True)
                    await status.finish(farewell)
            raise
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            incident = log_incident(f"Job {order.job.id} could not be followed", exc)
            last, failed = order.say("status.failed", id=incident), True
            if status.message is None:
                await self._answer(interaction, last)
        await status.finish(text.final(request, last, failed=failed))

    async def _announce(
        self, order: Order, interaction: discord.Interaction, status: StatusMessage, text: str
    ) -> None:
        """Post the status as an ordinary message and withdraw the interaction's "thinking"."""
        channel = self._client.get_partial_messageable(order.channel_id, guild_id=order.guild_id)
        try:
            sent = await persistently(
                lambda: channel.send(
                    text,
                    view=cancel_view(order.job.id, order.user_id, order.say),
                    nonce=nonce(order.job.id, "status"),
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                )
            )
            status.attach(channel.get_partial_message(sent.id), text)
        except UNREACHABLE as exc:
            log.warning("Job %s has no status: %s", order.job.id, exc)
        await self._answer(interaction, None if status.message else order.say("refusal.no_posting"))

    async def _answer(self, interaction: discord.Interaction, text: str | None) -> None:
        """Answer the command itself, if it can still be; with nothing once there is a status."""
        try:
            if text is None:
                await interaction.delete_original_response()
            else:
                await tell(interaction, text)
        except UNREACHABLE as exc:
            log.info("Interaction %s is gone: %s", interaction.id, exc)

    async def _end(
        self, order: Order, update: JobUpdate, status: StatusMessage
    ) -> tuple[str, bool]:
        """Deliver what was made; return the last word and whether it is a bad one."""
        say = order.say
        if update.clip is not None:
            receipt = await self._postman.deliver(order, update.clip, status.message)
            word = say(LAST_WORDS[receipt.reached], who=order.mention, name=receipt.name)
            return word, receipt.reached is Reached.KEPT
        if update.state is JobState.CANCELLED:
            return say("status.cancelled"), False
        error = update.error or BackendError("The job ended without a clip.")
        if reason := sentence(error, say):
            return say("status.refused", reason=reason), True
        return say("status.failed", id=log_incident(f"Job {order.job.id} failed", error)), True
