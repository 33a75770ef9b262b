"""The embedded Discord as one server on loopback: REST, gateway, CDN and the room."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.rehearsal.acts import Acts
from bot.rehearsal.answers import Answers
from bot.rehearsal.bodies import Recorded
from bot.rehearsal.cdn import Cdn
from bot.rehearsal.events import Events
from bot.rehearsal.faults import Faults
from bot.rehearsal.gateway import HEARTBEAT_SECONDS, Gateway
from bot.rehearsal.grants import Grants
from bot.rehearsal.interactions import ACKNOWLEDGE_SECONDS, Interactions
from bot.rehearsal.loopback import only_loopback
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.people import Person
from bot.rehearsal.postbox import Postbox
from bot.rehearsal.refusals import Declined, Json, Refusal
from bot.rehearsal.rest import Handler, RestFrame
from bot.rehearsal.rest_channels import ChannelRoutes
from bot.rehearsal.rest_commands import CommandRoutes
from bot.rehearsal.rest_identity import IdentityRoutes
from bot.rehearsal.rest_interactions import InteractionRoutes
from bot.rehearsal.rest_marks import MarkRoutes
from bot.rehearsal.rest_threads import ThreadRoutes
from bot.rehearsal.room_api import Room
from bot.rehearsal.room_feed import RoomFeed
from bot.rehearsal.snowflakes import Clock
from bot.rehearsal.witness import Predicate, Witness
from bot.rehearsal.world import World

log = logging.getLogger(__name__)

HOST = "127.0.0.1"


class Rehearsal:
    """A Discord of one's own for the length of an `async with`.

    `privileged_intents` are the bits of the intents that the application was granted; a bot
    that asks for others is turned away, as on Discord. Raises `OSError` when the port is taken.
    """

    def __init__(
        self,
        port: int = 0,
        clock: Clock = time.time,
        *,
        privileged_intents: int = 0,
        acknowledge_seconds: float = ACKNOWLEDGE_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._port = port
        self.base = ""
        self.world = World(clock)
        self.token = self.world.token
        self.events = Events()
        self._cdn = Cdn(clock, self.world.attachments.get)
        self._payloads = Payloads(self.world, self._cdn)
        self._postbox = Postbox(self.world, self.events)
        self._commands = CommandRoutes(self.world, self.events)
        self._interactions = Interactions(
            self.world, self.events, self._payloads, acknowledge_seconds
        )
        self._acts = Acts(
            self.world,
            self._payloads,
            self._postbox,
            self._interactions,
            self._commands.commands,
        )
        self.gateway = Gateway(
            self.world, self.events, self._payloads, privileged_intents, heartbeat_seconds
        )
        self.faults = Faults(self.world, self.events, self._cdn, self.gateway, self._postbox)
        self._frame = RestFrame(self.world, self.faults)
        self.grants = Grants(self.world, self.events)
        feed = RoomFeed(self.world, self._payloads, self._commands.commands, self.grants)
        self._room = Room(self.events, feed, self.person, lambda: self.gateway.online, self.grants)
        self._witness = Witness(self.world, self.events, self._payloads)
        self._runner = web.AppRunner(self._app(privileged_intents), access_log=None)

    def _app(self, allowed: int) -> web.Application:
        answers = Answers(self.world, self._payloads, self._postbox, self._interactions)
        world, events, payloads = self.world, self.events, self._payloads
        parts = (
            IdentityRoutes(world, events, payloads, self.gateway, allowed),
            self._commands,
            MarkRoutes(world, events, payloads, allowed),
            ThreadRoutes(world, events, payloads),
            ChannelRoutes(world, events, payloads, self._postbox, allowed),
            InteractionRoutes(world, payloads, answers),
            self._room,
        )

        @web.middleware
        async def frame(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._frame(request, handler)

        app = web.Application(middlewares=[only_loopback, frame], client_max_size=1 << 20)
        for part in parts:
            app.add_routes(part.routes())
        app.add_routes(
            [
                web.get("/gateway", self.gateway.serve),
                web.get("/gateway/", self.gateway.serve),
                web.get("/cdn/attachments/{channel}/{id}/{name}", self._cdn.serve),
            ]
        )
        return app

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port, shutdown_timeout=2.0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = self._cdn.base = f"http://{HOST}:{port}"
        self.gateway.url = f"ws://{HOST}:{port}/gateway/"
        log.info("The rehearsal is at %s", self.room_url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._interactions.close()
        await self.gateway.close()
        await self._room.close()
        await self._runner.cleanup()

    @property
    def room_url(self) -> str:
        """The address of the room's page."""
        return f"{self.base}/room/"

    @property
    def requests(self) -> list[Recorded]:
        """Every API request of the bot, in order, those that failed on purpose included."""
        return self._frame.requests

    @property
    def refusals(self) -> list[tuple[Recorded, Refusal]]:
        """The requests that Discord's rules refused, each with the refusal."""
        return self._frame.refusals

    @property
    def unknown_routes(self) -> list[Recorded]:
        """The requests for which there is no route; a test wants none."""
        return self._frame.unknown_routes

    @property
    def commands(self) -> list[Json]:
        """The commands that the bot registered."""
        return self._commands.commands()

    def person(self, who: str) -> Person:
        """Return a member of the studio by name, username or id; raises `Declined`."""
        for user in self.world.people:
            if who in (user.id, user.username, user.global_name):
                return Person(
                    user, self.world, self.events, self._payloads, self._postbox, self._acts
                )
        raise Declined(f"There is nobody called {who}.")

    async def wait_for_message(
        self,
        predicate: Predicate,
        timeout: float = 10.0,  # noqa: ASYNC109  # what was seen instead belongs in the error
        *,
        after: Json | str | None = None,
    ) -> Json:
        """Return the first message that fits, old or new; see `Witness.wait_for_message`."""
        return await self._witness.wait_for_message(predicate, timeout, after=after)

    @contextmanager
    def attach(self) -> Iterator[None]:
        """Point discord.py at this server; make the client inside, and it never meets Discord."""
        with pointed_at(self.base, self.gateway.url):
            yield


@contextmanager
def pointed_at(base: str, gateway_url: str) -> Iterator[None]:
    """Point discord.py at an embedded Discord, which may run in another process."""
    import yarl
    from discord import Asset
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    saved = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE = f"{base}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    Asset.BASE = f"{base}/cdn"
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = saved
