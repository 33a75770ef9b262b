"""Routes of threads: starting, changing and deleting them, and who is in them."""

from typing import Any

from aiohttp import web

from bot.rehearsal.bot_access import BotAccess
from bot.rehearsal.events import Events
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import FormErrors, Json, missing_permissions, unknown
from bot.rehearsal.rest import PREFIX, answer, no_content, object_of
from bot.rehearsal.threads import Threads, require_awake
from bot.rehearsal.world import PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel, Thread, User, World

_MINUTES = {60, 1440, 4320, 10080}
_KEYS = {
    "archived": "archived",
    "locked": "locked",
    "auto_archive_duration": "archive_minutes",
    "invitable": "invitable",
}


class ThreadRoutes:
    """`/channels/{id}/threads`, `/thread-members`, and the guild's active threads."""

    def __init__(self, world: World, events: Events, payloads: Payloads) -> None:
        self._world, self._payloads = world, payloads
        self._threads, self._access = Threads(world, events), BotAccess(world)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        channel = f"{PREFIX}/channels/{{channel}}"
        members = f"{channel}/thread-members"
        return [
            web.patch(channel, self._change),
            web.delete(channel, self._delete),
            web.post(f"{channel}/threads", self._start),
            web.post(f"{channel}/messages/{{message}}/threads", self._start_on),
            web.get(f"{channel}/threads/archived/{{kind:public|private}}", self._archived),
            web.get(members, self._members),
            web.get(f"{members}/{{user}}", self._member),
            web.put(f"{members}/{{user}}", self._join),
            web.delete(f"{members}/{{user}}", self._leave),
            web.get(f"{PREFIX}/guilds/{{guild}}/threads/active", self._active),
        ]

    def _thread(self, request: web.Request) -> tuple[Channel, Thread]:
        channel = self._access.channel(request)
        if channel.thread is None:
            raise unknown("Channel")
        return channel, channel.thread

    async def _start(self, request: web.Request) -> web.Response:
        body = object_of(request)
        errors = FormErrors()
        kind = body.get("type", PRIVATE_THREAD)
        errors.choice("type", kind, {PUBLIC_THREAD, PRIVATE_THREAD})
        name, settings = _checked(body, errors, named=True)
        private = kind == PRIVATE_THREAD
        wanted = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        parent = self._parent(request, wanted)
        thread = self._threads.start(
            self._world.bot, parent, str(name), private=private, **settings
        )
        return answer(self._payloads.channel(thread), 201)

    async def _start_on(self, request: web.Request) -> web.Response:
        name, settings = _checked(object_of(request), FormErrors(), named=True)
        parent = self._parent(request, Permission.CREATE_PUBLIC_THREADS)
        message = self._access.message(request, parent)
        thread = self._threads.start(
            self._world.bot, parent, str(name), message=message, **settings
        )
        return answer(self._payloads.channel(thread), 201)

    def _parent(self, request: web.Request, wanted: Permission) -> Channel:
        parent = self._access.channel(request, wanted)
        if parent.type != TEXT:
            raise unknown("Channel")
        return parent

    async def _change(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        body = object_of(request)
        name, settings = _checked(body, FormErrors())
        if channel.thread is None:
            raise missing_permissions()  # the bot is not there to run the place
        manages = self._access.may(channel, Permission.MANAGE_THREADS)
        own = channel.thread.owner_id == self._world.bot.id
        opens = settings == {"archived": False} and name is None
        if not manages and not (own or opens):
            raise missing_permissions()
        if not manages and (settings.get("locked") or channel.thread.locked):
            raise missing_permissions()
        if settings.get("archived") is not False:
            require_awake(channel)
        self._threads.change(channel, name, **settings)
        return answer(self._payloads.channel(channel))

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        wanted = Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS
        if not self._access.may(channel, wanted):
            raise missing_permissions()
        told = self._payloads.channel(channel)
        self._threads.delete(channel)
        return answer(told)

    async def _archived(self, request: web.Request) -> web.Response:
        parent = self._access.channel(request, Permission.READ_MESSAGE_HISTORY)
        kind = {"public": PUBLIC_THREAD, "private": PRIVATE_THREAD}[request.match_info["kind"]]
        found = [
            thread
            for thread in self._world.threads(parent)
            if thread.thread is not None and thread.thread.archived and thread.type == kind
        ]
        return answer(self._listed(found) | {"has_more": False})

    async def _active(self, request: web.Request) -> web.Response:
        if request.match_info["guild"] != self._world.guild.id:
            raise unknown("Guild")
        return answer(self._listed(self._payloads.active_threads()) | {"has_more": False})

    def _listed(self, threads: list[Channel]) -> Json:
        bot = self._world.bot.id
        members = [
            self._payloads.thread_member(one, one.thread, bot)
            for one in threads
            if one.thread is not None and bot in one.thread.members
        ]
        return {"threads": [self._payloads.channel(one) for one in threads], "members": members}

    async def _members(self, request: web.Request) -> web.Response:
        channel, thread = self._thread(request)
        told = [self._payloads.thread_member(channel, thread, user) for user in thread.members]
        return answer(told)

    async def _member(self, request: web.Request) -> web.Response:
        channel, thread = self._thread(request)
        user = self._user(request)
        if user.id not in thread.members:
            raise unknown("Member")
        return answer(self._payloads.thread_member(channel, thread, user.id))

    def _user(self, request: web.Request) -> User:
        which = request.match_info["user"]
        return self._world.bot if which == "@me" else self._world.user(which)

    async def _join(self, request: web.Request) -> web.Response:
        channel, _ = self._thread(request)
        require_awake(channel)
        if not self._world.may_post(self._world.bot.id, channel):
            raise missing_permissions()
        self._threads.join(channel, self._user(request))
        return no_content()

    async def _leave(self, request: web.Request) -> web.Response:
        channel, thread = self._thread(request)
        require_awake(channel)
        user, bot = self._user(request), self._world.bot
        manages = self._access.may(channel, Permission.MANAGE_THREADS)
        if user.id != bot.id and not manages and thread.owner_id != bot.id:
            raise missing_permissions()
        self._threads.leave(channel, user)
        return no_content()


def _checked(
    body: Json, errors: FormErrors, *, named: bool = False
) -> tuple[str | None, dict[str, Any]]:
    """Return the name and the thread's fields in a body; raises `Refusal` 50035."""
    name = body.get("name")
    if named or name is not None:
        errors.length("name", name, 1, 100)
    if body.get("auto_archive_duration") is not None:
        errors.choice("auto_archive_duration", body["auto_archive_duration"], _MINUTES)
    errors.raise_if_any()
    return name, {ours: body[key] for key, ours in _KEYS.items() if body.get(key) is not None}
