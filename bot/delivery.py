"""Following a job to its end: status, clips, and a last word, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import discord

from bot.acknowledgement import acknowledgement_of
from bot.channel_room import ChannelRoom
from bot.decoration import Decoration, has_card
from bot.incident import log_incident, tell
from bot.order import Order
from bot.origin import Origin
from bot.posting import Postman, Receipt
from bot.refusal import sentence
from bot.retrying import UNREACHABLE, nonce, persistently
from bot.stopping import FAREWELL_SECONDS
from bot.ui.buttons import cancel_view, targets_of
from bot.ui.edit_pace import EditPace
from bot.ui.job_message import Gone, JobMessage
from bot.ui.status import StatusText
from bot.ui.status_message import StatusMessage
from musicgen_core.errors import BackendError, InvalidRequest, StorageUnavailable
from musicgen_core.service import JobState
from musicgen_core.storage import ClipRecord, Delivered, JobRecord
from musicgen_core.workshop import Commission, Workshop

log = logging.getLogger(__name__)

SPACING = 1.1
"""Edits of one channel, all statuses together, in edit intervals."""
LATER, SKEW = 1000, timedelta(minutes=1)
"""How many messages are looked at for a job's status, from a minute before it was accepted on by a
clock that may be late; a channel that never rests has hundreds by then. A request reads 100."""
LAST_WORDS = {
    Delivered.CHANNEL: "status.done",
    Delivered.INTERACTION: "status.done",
    Delivered.DM: "status.done_privately",
    Delivered.LIBRARY: "status.done_kept",
}


class Delivery:
    """One background task a job; the interaction is used only while it is fresh."""

    def __init__(
        self,
        client: discord.Client,
        workshop: Workshop,
        postman: Postman,
        decoration: Decoration | None = None,
        edit_interval: float = 1.0,
        room: ChannelRoom | None = None,
    ) -> None:
        self._client, self._workshop, self._postman = client, workshop, postman
        self._decoration, self._edit_interval = decoration, edit_interval
        self._pace, self._room = EditPace(SPACING * edit_interval), room or ChannelRoom()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cards: set[asyncio.Task[None]] = set()
        """People have their clips; these are waited for when the bot stops."""
        self._farewell = FAREWELL_SECONDS

    def follow(self, job: JobRecord, origin: Origin) -> None:
        """See a job through in the background; returns at once."""
        self._begin(Order.fresh(job, origin))

    def take_up(self, jobs: Iterable[JobRecord]) -> None:
        """Go on with jobs of an earlier process, where it left them."""
        for job in jobs:
            self._begin(Order.found(job, self._client))

    def decorate(self, order: Order, receipt: Receipt, clips: Sequence[ClipRecord]) -> None:
        """Add cards to what was posted, in the background."""
        if self._decoration is not None:
            work = self._decoration.add(order, receipt, clips)
            self._start(work, f"card-{order.job.id}", self._cards)

    def catch_up(self, jobs: Sequence[JobRecord]) -> None:
        """Add the cards that an earlier process did not come to, in the background."""
        if self._decoration is not None and jobs:
            self._start(self._catch_up(self._decoration, jobs), "cards", self._cards)

    async def _catch_up(self, decoration: Decoration, jobs: Sequence[JobRecord]) -> None:
        for job in jobs:
            order = Order.found(job, self._client)
            try:
                found = await self._workshop.storage.clips.of_job(job.id)
                clips = [clip for clip in found if clip.deleted is None]
                receipt = await self._postman.posted(order, clips)
            except (*UNREACHABLE, StorageUnavailable, InvalidRequest) as exc:
                log.info("Job %s stays without a card: %s", job.id, exc)
                continue
            if receipt is not None and receipt.message and not has_card(receipt.message):
                await decoration.add(order, receipt, clips)

    async def close(self, seconds: float = FAREWELL_SECONDS) -> None:
        """Stop following; within `seconds`, statuses are made to say that it goes on later."""
        self._farewell = seconds
        tasks = (*self._tasks, *self._cards)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self, seconds: float) -> None:
        """Wait for what is made to be delivered and to have its cards, so long at most."""
        unmade = {_name(stands.job_id) for stands in self._workshop.on_its_way()}
        ended = [task for task in self._tasks if task.get_name() not in unmade]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if ended:
                    await asyncio.wait(ended)
                if self._cards:
                    await asyncio.wait(set(self._cards))

    def _begin(self, order: Order) -> None:
        self._start(self._follow(order), _name(order.job.id), self._tasks)

    @staticmethod
    def _start(work: Coroutine[Any, Any, None], name: str, tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work, name=name)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _follow(self, order: Order) -> None:
        service = self._workshop.service
        info = partial(service.info_of, service.model(order.job.model))
        text = StatusText(order.say, info, order.mention)
        status = StatusMessage(self._pace, self._edit_interval)
        receipt: Receipt | None = None
        try:
            updates = self._workshop.watch(order.job.id)
            commission = await anext(updates)
            await self._announce(order, status, text.of(commission))
            async with status:
                async for commission in updates:
                    status.show(text.of(commission))
                    if (preview := commission.preview) is not None and not status.previewed:
                        status.attach_preview(await asyncio.to_thread(preview.encode, "OGG"))
            if commission.state is JobState.DONE and order.job.delivered is None:
                receipt = await self._postman.deliver(order, commission, status.message)
            last, failed = await self._last_word(order, commission, receipt)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._farewell):
                    await status.pause(text.final(order.job, order.say("status.stopped")))
            raise
        except Exception as exc:  # noqa: BLE001 - a task's root; log_incident logs it
            incident = log_incident(f"Job {order.job.id} could not be followed", exc)
            last, failed = order.say("status.failed", id=incident), True
            if status.message is None:
                await self._answer(order, last)
            # As far as it has failed: what is done is delivered by the next process.
            await self._postman.note(order, Delivered.TOLD, None)
        await status.finish(text.final(order.job, last, failed=failed))
        await self._remember_status(order.job, None)
        if receipt is not None:
            self.decorate(order, receipt, commission.clips)

    async def _announce(self, order: Order, status: StatusMessage, text: str) -> None:
        """Make the status the interaction's answer, where everyone may see it; else post it."""
        channel = self._client.get_partial_messageable(
            order.channel_id, guild_id=order.job.server_id
        )
        known = order.job.status_message_id or await self._unremembered(order, channel)
        if known is not None:  # of an earlier process
            # What brings the clips by now is no status, though nobody came to forget that it was.
            if order.job.delivered is None or order.job.result_message_id != known:
                status.attach(JobMessage(channel.get_partial_message(known)), "")
            return
        if acknowledgement := acknowledgement_of(order.interaction):
            try:
                shown = await acknowledgement.show(text, cancel_view(order.job, order.say))
            except UNREACHABLE as exc:
                log.warning("Job %s has no status in its answer: %s", order.job.id, exc)
            else:
                answer = JobMessage(channel.get_partial_message(shown), order.interaction)
                status.attach(answer, text)
                await self._remember_status(order.job, shown)
                return
        await self._announce_in_channel(order, status, text, channel)

    async def _unremembered(self, order: Order, channel: discord.PartialMessageable) -> int | None:
        """Return the status that an earlier process showed, but did not come to remember."""
        if order.interaction is not None or order.message is not None:
            return None
        try:
            async for shown in channel.history(after=order.job.created - SKEW, limit=LATER):
                if targets_of(shown).get("cancel") == order.job.id:
                    return shown.id
        except UNREACHABLE as exc:
            log.info("Nobody can tell whether job %s has a status: %s", order.job.id, exc)
        return None

    async def _announce_in_channel(
        self, order: Order, status: StatusMessage, text: str, channel: discord.PartialMessageable
    ) -> None:
        """Post the status as an ordinary message and withdraw the interaction's "thinking"."""
        options: dict[str, Any] = {}
        if order.message is not None:
            options["reference"] = order.message.to_reference(fail_if_not_exists=False)
        try:
            with self._room.post(order.channel_id):
                sent = await persistently(
                    lambda: channel.send(
                        text,
                        view=cancel_view(order.job, order.say),
                        nonce=nonce(order.job.nonce, "status"),
                        allowed_mentions=discord.AllowedMentions.none(),
                        suppress_embeds=True,
                        **options,
                    )
                )
        except UNREACHABLE as exc:
            log.info("Job %s has no status in its channel: %s", order.job.id, exc)
            await self._announce_in_answer(order, status, text)
        else:
            status.attach(JobMessage(channel.get_partial_message(sent.id)), text)
            await self._remember_status(order.job, sent.id)
            await self._answer(order, None)

    async def _announce_in_answer(self, order: Order, status: StatusMessage, text: str) -> None:
        """Make the command's answer the status where the bot was only brought along."""
        if order.interaction is None or order.here:
            await self._answer(order, order.say("refusal.no_posting"))
            return
        answer = JobMessage(None, order.interaction)
        try:
            await answer.edit(content=text, view=cancel_view(order.job, order.say))
        except (*UNREACHABLE, Gone) as exc:
            log.warning("Job %s has no status: %s", order.job.id, exc)
        else:
            status.attach(answer, text)

    async def _remember_status(self, job: JobRecord, message_id: int | None) -> None:
        try:
            await self._workshop.storage.jobs.set_status_message(job.id, message_id)
        except StorageUnavailable as exc:
            log.warning("The status of job %s cannot be remembered: %s", job.id, exc)

    async def _answer(self, order: Order, text: str | None) -> None:
        """Answer the command itself, if it can still be; with nothing once there is a status."""
        if order.interaction is None:
            return
        try:
            if text is None:
                await order.interaction.delete_original_response()
            else:
                await tell(order.interaction, text)
        except UNREACHABLE as exc:
            log.info("Interaction %s is gone: %s", order.interaction.id, exc)

    async def _last_word(
        self, order: Order, commission: Commission, receipt: Receipt | None
    ) -> tuple[str, bool]:
        """Return what the status says in the end, and whether it is bad news."""
        say = order.say
        if commission.state is JobState.DONE:
            # Without a receipt an earlier process delivered it.
            where = receipt.reached if receipt else order.job.delivered or Delivered.LIBRARY
            return say(LAST_WORDS[where], who=order.mention), where is Delivered.LIBRARY
        await self._postman.note(order, Delivered.TOLD, None)
        if commission.state is JobState.CANCELLED:
            return say("status.cancelled"), False
        error = commission.error or BackendError("The job ended without a clip.")
        if reason := sentence(error, say):
            return say("status.refused", reason=reason), True
        return say("status.failed", id=log_incident(f"Job {order.job.id} failed", error)), True


def _name(job_id: str) -> str:
    """Return what the task that follows a job is called."""
    return f"follow-{job_id}"
