"""Routes about who is who: the bot, its application, users and the guild."""

from aiohttp import web

from bot.rehearsal.dispatches import Intent
from bot.rehearsal.events import ChannelCreated, Events
from bot.rehearsal.gateway import Gateway
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import FormErrors, unknown
from bot.rehearsal.rest import PREFIX, answer, object_of
from bot.rehearsal.world import Channel, World

_CONTENT_LIMITED = 1 << 19
_MEMBERS_LIMITED = 1 << 15


class IdentityRoutes:
    """`/users`, `/applications/@me`, `/gateway` and `/guilds`."""

    def __init__(
        self, world: World, events: Events, payloads: Payloads, gateway: Gateway, allowed: int
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._gateway = gateway
        self._flags = _CONTENT_LIMITED if allowed & Intent.MESSAGE_CONTENT else 0
        self._flags |= _MEMBERS_LIMITED if allowed & Intent.GUILD_MEMBERS else 0

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        guild = f"{PREFIX}/guilds/{{guild}}"
        return [
            web.get(f"{PREFIX}/users/@me", self._me),
            web.get(f"{PREFIX}/users/@me/guilds", self._my_guilds),
            web.post(f"{PREFIX}/users/@me/channels", self._open_direct),
            web.get(f"{PREFIX}/users/{{user}}", self._user),
            web.get(f"{PREFIX}/oauth2/applications/@me", self._application),
            web.get(f"{PREFIX}/applications/@me", self._application),
            web.get(f"{PREFIX}/gateway", self._gateway_url),
            web.get(f"{PREFIX}/gateway/bot", self._gateway_url),
            web.get(guild, self._guild),
            web.get(f"{guild}/channels", self._channels),
            web.get(f"{guild}/roles", self._roles),
            web.get(f"{guild}/members/{{user}}", self._member),
        ]

    async def _me(self, _: web.Request) -> web.Response:
        more = {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}
        return answer(self._payloads.user(self._world.bot) | more)

    async def _my_guilds(self, _: web.Request) -> web.Response:
        guild = self._payloads.guild()
        keys = ("id", "name", "icon", "banner", "features")
        return answer([{key: guild[key] for key in keys} | {"owner": False, "permissions": "0"}])

    async def _open_direct(self, request: web.Request) -> web.Response:
        recipient = object_of(request).get("recipient_id")
        if recipient is None:
            errors = FormErrors()
            errors.add("recipient_id", "BASE_TYPE_REQUIRED", "This field is required")
            errors.raise_if_any()
        known = len(self._world.channels)
        channel = self._world.direct_channel(self._world.user(str(recipient)))
        if len(self._world.channels) > known:
            self._events.emit(ChannelCreated(channel))
        return answer(self._payloads.channel(channel))

    async def _user(self, request: web.Request) -> web.Response:
        return answer(self._payloads.user(self._world.user(request.match_info["user"])))

    async def _application(self, _: web.Request) -> web.Response:
        return answer(self._payloads.application(self._flags))

    async def _gateway_url(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return answer({"url": self._gateway.url, "shards": 1, "session_start_limit": limit})

    async def _guild(self, request: web.Request) -> web.Response:
        self._require_guild(request)
        return answer(self._payloads.guild())

    async def _channels(self, request: web.Request) -> web.Response:
        self._require_guild(request)
        return answer([self._payloads.channel(c) for c in self._guild_channels()])

    def _guild_channels(self) -> list[Channel]:
        kept = self._world.channels.values()
        return [one for one in kept if one.guild_id == self._world.guild.id and not one.thread]

    async def _roles(self, request: web.Request) -> web.Response:
        self._require_guild(request)
        return answer([self._payloads.role(role) for role in self._world.guild.roles.values()])

    async def _member(self, request: web.Request) -> web.Response:
        self._require_guild(request)
        member = self._world.guild.members.get(request.match_info["user"])
        if member is None:
            raise unknown("Member")
        return answer(self._payloads.member(member))

    def _require_guild(self, request: web.Request) -> None:
        if request.match_info["guild"] != self._world.guild.id:
            raise unknown("Guild")
