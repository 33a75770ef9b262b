"""Things that go wrong on demand, so that tests can watch the bot live through them."""

import re
from dataclasses import dataclass

from bot.rehearsal.cdn import Cdn
from bot.rehearsal.events import ChannelUpdated, Events, MemberBanned, MemberRemoved
from bot.rehearsal.gateway import Gateway
from bot.rehearsal.permissions import Overwrite, Permission
from bot.rehearsal.postbox import Postbox
from bot.rehearsal.refusals import Json
from bot.rehearsal.threads import Threads
from bot.rehearsal.world import Channel, User, World


@dataclass
class Fault:
    """The next `times` requests that fit get this answer instead of (or after) being served."""

    status: int
    method: str | None
    path: re.Pattern[str]
    times: int
    retry_after: float = 0.0
    everywhere: bool = False
    after: bool = False
    delay: float = 0.0

    @classmethod
    def limited(cls, retry_after: float) -> "Fault":
        """Return the answer to one request too many in its window."""
        return cls(429, None, re.compile(""), 0, retry_after)

    def fits(self, method: str, path: str) -> bool:
        """Tell whether this request is to fail."""
        return self.times > 0 and self.method in (None, method) and bool(self.path.search(path))

    def body(self) -> Json:
        """Return what Discord would say."""
        if self.status == 429:
            message = "You are being rate limited."
            return {
                "message": message,
                "retry_after": self.retry_after,
                "global": self.everywhere,
            }
        return {"message": f"{self.status}: Server Error", "code": 0}

    def headers(self) -> dict[str, str]:
        """Return the headers: without `Via`, discord.py takes a 429 for a ban and gives up."""
        if self.status != 429:
            return {}
        scope = "global" if self.everywhere else "user"
        return {
            "Via": "1.1 rehearsal",
            "Retry-After": str(max(1, round(self.retry_after))),
            "X-RateLimit-Scope": scope,
        }


class Faults:
    """The switchboard; `path` arguments are regular expressions searched in the path."""

    def __init__(
        self, world: World, events: Events, cdn: Cdn, gateway: Gateway, postbox: Postbox
    ) -> None:
        self._world, self._events, self._cdn = world, events, cdn
        self._gateway, self._postbox = gateway, postbox
        self._threads = Threads(world, events)
        self._planned: list[Fault] = []

    def rate_limit(
        self,
        method: str | None = None,
        path: str = "",
        *,
        retry_after: float = 0.3,
        times: int = 1,
        everywhere: bool = False,
    ) -> Fault:
        """Answer the next fitting requests 429 with `retry_after` seconds."""
        return self._plan(
            Fault(429, method, re.compile(path), times, retry_after, everywhere=everywhere)
        )

    def fail(
        self,
        status: int = 500,
        method: str | None = None,
        path: str = "",
        *,
        times: int = 1,
        after: bool = False,
    ) -> Fault:
        """Answer the next fitting requests with a 5xx; `after`: once they were carried out."""
        return self._plan(Fault(status, method, re.compile(path), times, after=after))

    def slow(
        self, seconds: float, method: str | None = None, path: str = "", times: int = 1
    ) -> Fault:
        """Serve the next fitting requests only after some seconds."""
        return self._plan(Fault(0, method, re.compile(path), times, delay=seconds))

    def _plan(self, fault: Fault) -> Fault:
        self._planned.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for a request, if one was planned, and count it."""
        for fault in self._planned:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        """Let everything work again, except what was deleted or forbidden."""
        self._planned.clear()
        self.slow_cdn(0.0)

    async def drop_gateway(self, code: int | None = 4000, *, resumable: bool = True) -> None:
        """Close every gateway socket, without a goodbye when there is no `code`.

        Without `resumable` the bot must identify anew.
        """
        await self._gateway.drop(code, resumable=resumable)

    def ask_to_reconnect(self) -> None:
        """Ask the bot to reconnect and resume, as Discord does when it moves a session."""
        self._gateway.ask_to_reconnect()

    def slow_cdn(self, delay: float, bytes_per_second: float = 0.0) -> None:
        """Let the CDN wait before the first byte and then drip; 0 and 0 heal it."""
        self._cdn.speed.delay = delay
        self._cdn.speed.bytes_per_second = bytes_per_second

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with all its messages."""
        self._threads.delete(channel)

    def delete_message(self, message: Json | str) -> None:
        """Delete a message, by payload or id, as a moderator might; raises `KeyError`."""
        wanted = message if isinstance(message, str) else message["id"]
        found = {message.id: message for message in self._world.all_messages()}[wanted]
        self._postbox.delete(found)

    def remove_member(self, user: User, *, banned: bool = False) -> None:
        """Let a person leave the studio, or ban them from it."""
        self._world.guild.members.pop(user.id, None)
        if banned:
            self._events.emit(MemberBanned(user))
        self._events.emit(MemberRemoved(user))

    def deny(self, wanted: Permission, channel: Channel, user: User | None = None) -> None:
        """Take permissions from the bot, or from a person, in one channel."""
        self._overwrite(channel, user, deny=wanted)

    def allow(self, wanted: Permission, channel: Channel, user: User | None = None) -> None:
        """Give permissions in one channel (back)."""
        self._overwrite(channel, user, allow=wanted)

    def _overwrite(
        self, channel: Channel, user: User | None, allow: int = 0, deny: int = 0
    ) -> None:
        who = (user or self._world.bot).id
        own = next((one for one in channel.overwrites if one.id == who), None)
        if own is None:
            own = Overwrite(who, 1)
            channel.overwrites.append(own)
        own.allow = own.allow & ~deny | allow
        own.deny = own.deny & ~allow | deny
        self._events.emit(ChannelUpdated(channel))

    def close_dms(self, user: User) -> None:
        """Let a person take no direct messages: posting to them answers 50007."""
        user.takes_dms = False
