"""The real bot in the embedded Discord, as one `async with`, for tests of either.

    async with on_stage(FakeCore(frames_per_second=200)) as stage:
        await stage.ada.slash("compose", prompt="rain", duration=1)
        clip = await stage.clip()

Ada owns the server, Grace and 小林 are ordinary members. When a stage closes, it checks that
every request of the bot went to a route of Discord's and is as Discord describes it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from fake_core import FakeCore
from migrated import lay_out
from openapi_schema import DESCRIPTION, request_faults

from bot.app import application, online
from bot.channel_room import POSTS, ChannelRoom
from bot.client import MindjamBot
from bot.decoration import Presenter
from bot.rehearsal.people import Person
from bot.rehearsal.server import Rehearsal
from bot.settings import load_settings
from musicgen_core.executors.base import Executor
from musicgen_core.executors.inline import InlineExecutor
from musicgen_core.studio import Bench

Message = dict[str, Any]
EPHEMERAL, THINKING = 64, 128
PATIENCE = 60.0
"""Seconds; a process of tests may have to load librosa first, beside another that is busy."""
PLENTY = {
    "X-RateLimit-Limit": "1000",
    "X-RateLimit-Remaining": "999",
    "X-RateLimit-Reset-After": "1",
}


PLENTY_OF_POSTS = 1000


@dataclass
class SteppedClock:
    """The wall clock, which a test may put forward."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Stage:
    """The embedded Discord, the bot in it, and what tests ask of both."""

    discord: Rehearsal
    bot: MindjamBot
    clock: SteppedClock
    ada: Person = field(init=False)
    grace: Person = field(init=False)
    lin: Person = field(init=False)

    def __post_init__(self) -> None:
        self.ada, self.lin, self.grace = (
            self.discord.person(u.id) for u in self.discord.world.people
        )

    @property
    def studio(self) -> Any:
        """The channel in which everything happens."""
        return self.ada.channel("studio")

    async def wait(self, fits: Callable[[Message], object], **options: Any) -> Message:
        """Return the first message that fits."""
        return await self.discord.wait_for_message(fits, PATIENCE, **options)

    async def status(self, text: str = "") -> Message:
        """Return the status message once its text holds `text`."""
        return await self.wait(lambda m: is_status(m) and text in m["content"])

    async def clip(self) -> Message:
        """Return the message that brings the clip."""
        return await self.wait(lambda m: m["author"].get("bot") and m["attachments"])

    async def told(self) -> Message:
        """Return what the bot told one person only."""
        return await self.wait(
            lambda m: m["flags"] & EPHEMERAL and not m["flags"] & THINKING and m["content"]
        )

    def clips(self) -> list[Message]:
        """Return every clip that was posted, wherever."""
        return [m for m in self.messages() if m["author"].get("bot") and m["attachments"]]

    def statuses(self) -> list[Message]:
        """Return every status message there is."""
        return [m for m in self.messages() if is_status(m)]

    def messages(self) -> list[Message]:
        """Return every message that the bot or a person posted in any channel."""
        world = self.discord.world
        return [self.discord._payloads.message(message) for message in world.all_messages()]

    def sweep(self) -> None:
        """Forget what was said in the studio and in general, for tests that share a stage."""
        for name in ("studio", "general"):
            self.discord.world.messages[self.ada.channel(name).id].clear()

    def status_edits(self) -> list[str]:
        """Return the texts that the bot edited into public messages, in order."""
        return [
            r.body["content"]
            for r in self.discord.requests
            if r.method == "PATCH" and r.path.startswith(("/channels/", "/webhooks/"))
        ]

    async def download(self, message: Message) -> bytes:
        """Return the bytes of a message's file, from the CDN."""
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(message["attachments"][0]["url"]) as response,
        ):
            return await response.read()


def is_status(message: Message) -> bool:
    """Tell the bot's status messages from clips and ephemeral answers."""
    public = not message["flags"] & (EPHEMERAL | THINKING) and not message["attachments"]
    return bool(message["author"].get("bot") and public)


@asynccontextmanager
async def on_stage(
    core: FakeCore | None = None,
    *,
    executor: Executor | None = None,
    presenter: Presenter | None = None,
    edit_interval: float = 0.05,
    hurry: bool = True,
    bench: Bench | None = None,
    posts: int | None = None,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """Open the embedded Discord and let the bot log in, with a core or a whole executor.

    There are cards only with somebody who draws them.

    In a hurry nobody counts requests: five edits in five seconds are Discord's limit, and what the
    bot takes for its own, in posts, unless a test says how many `posts` a channel has room for.
    What is kept is kept in a folder that goes with the stage, unless `settings` name another.
    """
    known = core or FakeCore()
    clock = SteppedClock()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        places = {"database": f"sqlite:///{folder}/mindjam.db", "clips": folder / "clips"}
        chosen = load_settings(
            "rehearsal",
            env_file=None,
            **{"stop_seconds": 0, "cards": presenter is not None, **places, **settings},
        )
        await lay_out(chosen.database)
        discord = await stack.enter_async_context(Rehearsal(clock=clock))
        if hurry:
            discord._frame._limits.count = lambda method, path: (PLENTY, None)
        with discord.attach():
            async with (
                application(
                    chosen,
                    executor or InlineExecutor(lambda: known),
                    presenter=presenter,
                    edit_interval=edit_interval,
                    draw_seed=lambda: 0,
                    bench=bench,
                    room=ChannelRoom(
                        posts if posts is not None else PLENTY_OF_POSTS if hurry else POSTS
                    ),
                ) as bot,
                online(bot, discord.token),
            ):
                yield Stage(discord, bot, clock)
        assert discord.unknown_routes == []
        if DESCRIPTION.exists():
            assert [fault for r in discord.requests for fault in request_faults(r)] == []
