"""The composition root: settings -> service -> client -> cogs, as one `async with`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp
from discord.ext import commands

from bot.alarm import Alarm
from bot.attachments import AttachmentReader
from bot.channel_room import ChannelRoom
from bot.client import MindjamBot
from bot.cogs.admin import Admin
from bot.cogs.bygone import Bygone
from bot.cogs.compose import Compose
from bot.cogs.continuation import Continuation
from bot.cogs.errors import Errors
from bot.cogs.help import Help
from bot.cogs.jam import JamSessions
from bot.cogs.jam_events import JamEvents
from bot.cogs.library import LibraryCog
from bot.cogs.on_its_way import OnItsWay
from bot.cogs.preferences import Preferences
from bot.cogs.privacy import Privacy
from bot.cogs.resume import Resume
from bot.cogs.server_settings import ServerSettingsCog
from bot.cogs.show import Show
from bot.condition import Lookout
from bot.decoration import Decoration, Presenter
from bot.delivery import Delivery
from bot.housekeeping import Housekeeping
from bot.jams.bandstand import Bandstand
from bot.jams.opening import Opening
from bot.jams.presses import JamPresses
from bot.jams.rooms import Rooms
from bot.library import Library
from bot.locales import phrases
from bot.posting import Postman
from bot.press import Press
from bot.presses import Presses
from bot.reception import Reception
from bot.rereading import Rereading
from bot.settings import Settings
from bot.stopping import stop
from bot.story import Stories
from bot.ui.buttons import ResultButton
from bot.ui.jam_buttons import JamButton
from musicgen_core.crowd import Bearable
from musicgen_core.executors.base import Core, Executor
from musicgen_core.executors.lineup import Lineup
from musicgen_core.executors.process import ProcessExecutor
from musicgen_core.executors.sandbox import AudioSandbox
from musicgen_core.executors.workbench import Workbench
from musicgen_core.service import MusicService
from musicgen_core.storage import Storage
from musicgen_core.studio import Bench, Studio
from musicgen_core.workshop import Limits, Workshop, draw_seed

CARDS_FOR, MOST_CARDS = timedelta(days=1), 20
"""How old clips may be, and how many, whose cards are made up for after a start."""


def core_factory(settings: Settings, model: str) -> Callable[[], Core]:
    """Return what loads a model, for its worker process to call."""
    from musicgen_core.musicgen import MusicGen

    return partial(
        MusicGen.load,
        model,
        engine=settings.engine,
        precision=settings.precision,
        attention_cache=settings.attention_cache,
        hub_endpoint=settings.hub_endpoint or None,
    )


def lineup_of(settings: Settings) -> Lineup:
    """Return the models of the settings, each with a process of its own while it is wanted.

    Raises:
        ModelUnavailable: one is not there, or its folder holds something else.
    """
    from musicgen_core.checkpoint.small_files import check_kind
    from musicgen_core.checkpoint.source import local_folder

    # The default is loaded at once and found out anyway; the others much later.
    for source in settings.other_models:
        if (folder := local_folder(source)) is not None:
            check_kind(folder)
    preview = settings.preview_seconds
    return Lineup(
        {
            name: partial(ProcessExecutor, core_factory(settings, source), preview_seconds=preview)
            for name, source in settings.models.items()
        }
    )


def limits_of(settings: Settings) -> Limits:
    """Return how much may be on its way for one person and for one server."""
    return Limits(settings.waiting_per_person, settings.waiting_per_server)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the cogs of governance steer, and where settings are held that may change."""

    bot: MindjamBot
    workshop: Workshop
    reception: Reception
    postman: Postman
    housekeeping: Housekeeping
    delivery: Delivery
    bandstand: Bandstand

    def cogs(self, settings: Settings) -> list[commands.Cog]:
        """Return what servers, people and the bot's owner steer it by."""
        bot, workshop, storage = self.bot, self.workshop, self.workshop.storage
        lookout = Lookout(bot, workshop, self.housekeeping)
        rereading = Rereading(settings, self.apply)
        return [
            ServerSettingsCog(bot, self.reception, storage, bot.say),
            Preferences(bot, storage, bot.languages),
            OnItsWay(workshop, bot.say),
            Help(bot.say),
            Admin(bot, workshop, self.delivery, self.bandstand, lookout, rereading, bot.say),
        ]

    def apply(self, settings: Settings) -> None:
        """Put new settings in the place of those in force."""
        self.bot.settings = self.reception.settings = settings
        self.workshop.limits = limits_of(settings)
        self.postman.preferred = settings.clip_format
        self.housekeeping.keep_days = settings.keep_days
        logging.getLogger().setLevel(settings.log_level)


def _service(settings: Settings, executor: Executor | Lineup | None) -> MusicService:
    """Return what makes clips, not started yet."""
    if executor is None:
        executor = lineup_of(settings)
    elif not isinstance(executor, Lineup):
        executor = Lineup.of(executor, next(iter(settings.models)))
    return MusicService(
        executor,
        AudioSandbox(max_bytes=settings.max_attachment_bytes),
        max_queue=settings.max_queue,
        max_batch=settings.max_batch,
        bearable=Bearable(times_alone=settings.max_slowdown),
        max_audio_seconds=settings.max_audio_seconds,
        keep=8,  # with their sound; who asks later finds them in the library
    )


@asynccontextmanager
async def application(
    settings: Settings,
    executor: Executor | Lineup | None = None,
    *,
    presenter: Presenter | None = None,
    edit_interval: float = 1.0,
    draw_seed: Callable[[], int] = draw_seed,
    bench: Bench | None = None,
    clock: Callable[[], float] = time.time,
    room: ChannelRoom | None = None,
) -> AsyncIterator[MindjamBot]:
    """Yield a bot that is ready to `start`, its default model loaded; close everything in order.

    Raises:
        ModelUnavailable: the model cannot be loaded; the text names the remedy.
    """
    service = _service(settings, executor)
    storage = Storage(settings.database, settings.clips)
    workshop = Workshop(service, storage, limits_of(settings), draw_seed)
    async with (
        storage,
        service,
        aiohttp.ClientSession() as downloads,
        Housekeeping(storage, settings.keep_days) as housekeeping,
        Press() as press,
        Workbench() as workbench,
        MindjamBot(settings, storage) as bot,
        Alarm(bot, phrases(settings.locale)),
    ):
        room = room or ChannelRoom()
        postman = Postman(bot, workshop, settings.clip_format, room)
        decoration = None
        if settings.cards:
            decoration = Decoration(presenter or press, storage, service.quiet)
        delivery = Delivery(bot, workshop, postman, decoration, edit_interval, room)
        attachments = AttachmentReader(downloads, settings.max_attachment_bytes)
        reception = Reception(settings, workshop, attachments, delivery)
        bot.presses = Presses(bot, workshop, reception, bot.say, settings.locale)
        bot.add_dynamic_items(ResultButton)
        await bot.add_cog(Errors(bot))
        await bot.add_cog(Compose(reception, bot.say, settings.locale))
        library = Library(bot, workshop, postman, reception, delivery, settings.locale)
        await bot.add_cog(Show(bot, Stories(workshop), bot.say))
        for cog in _pages(bot, workshop, library, lambda: housekeeping.keep_days):
            await bot.add_cog(cog)
        bandstand = await _seat_jams(
            bot, reception, workshop, attachments, bench or workbench, clock, edit_interval
        )
        parts = _Parts(bot, workshop, reception, postman, housekeeping, delivery, bandstand)
        for cog in parts.cogs(settings):
            await bot.add_cog(cog)
        # Before anybody can ask for something new, or that would be taken for what was left.
        plain = await storage.jobs.unheard(datetime.now(UTC) - CARDS_FOR, MOST_CARDS)
        await bot.add_cog(Resume(delivery, await workshop.resume(), plain))
        try:
            yield bot
        finally:
            # What is being made may end, and what is made is delivered, before all is closed.
            await stop(bandstand, workshop, delivery, bot.settings.stop_seconds)


def _pages(
    bot: MindjamBot, workshop: Workshop, library: Library, keep_days: Callable[[], int]
) -> list[commands.Cog]:
    """Return what opens pages for one person's eyes, and what shows those of earlier processes."""
    clips = LibraryCog(library, bot.say, partial(bot.presses.press, "continue"))
    privacy = Privacy(workshop, bot.languages, keep_days)
    return [clips, privacy, Bygone(bot, {"library": clips.show, "privacy": privacy.show})]


async def _seat_jams(
    bot: MindjamBot,
    reception: Reception,
    workshop: Workshop,
    attachments: AttachmentReader,
    bench: Bench,
    clock: Callable[[], float],
    edit_interval: float,
) -> Bandstand:
    """Let the bot hold jam sessions; whoever calls closes the bandstand."""
    storage, locale = bot.storage, bot.settings.locale
    rooms = Rooms(bot, storage, locale)
    studio = Studio(workshop.service, storage, bench)
    bandstand = Bandstand(
        rooms, storage, studio, bench, lambda: workshop.paused, clock, edit_interval
    )
    opening = Opening(bandstand, reception, workshop, locale)
    presses = JamPresses(bandstand, opening, storage, attachments, bot.say)
    bot.jam_presses = presses
    bot.add_dynamic_items(JamButton)
    models = reception.models
    await bot.add_cog(JamSessions(bandstand, opening, presses, storage, bench, models, bot.say))
    await bot.add_cog(JamEvents(bandstand, storage))
    # Whoever hears a mention asks the jams first.
    await bot.add_cog(Continuation(bot, reception, storage, bot.say, locale, presses.mentioned))
    return bandstand


@asynccontextmanager
async def online(bot: MindjamBot, token: str) -> AsyncIterator[asyncio.Task[None]]:
    """Keep the bot connected while the block runs; yield the connection, which ends with it.

    Raises:
        discord.LoginFailure: the token is wrong.
    """
    connection = asyncio.create_task(bot.start(token), name="connection")
    ready = asyncio.create_task(bot.wait_until_ready(), name="ready")
    try:
        await asyncio.wait({connection, ready}, return_when=asyncio.FIRST_COMPLETED)
        if connection.done():
            await connection
        yield connection
    finally:
        for task in (ready, connection):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
