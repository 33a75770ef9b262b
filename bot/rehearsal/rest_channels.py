"""Routes of channels and their messages, with the permissions that each needs."""

from aiohttp import web

from bot.rehearsal.bot_access import BotAccess, limit_of, number
from bot.rehearsal.dispatches import Intent
from bot.rehearsal.events import Events, Typing
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.postbox import Postbox, require_author
from bot.rehearsal.refusals import (
    Json,
    Refusal,
    missing_access,
    missing_permissions,
)
from bot.rehearsal.rest import FILES, PREFIX, answer, no_content, object_of
from bot.rehearsal.threads import require_awake
from bot.rehearsal.world import DM, Channel, Message, World


class ChannelRoutes:
    """`/channels/{id}` and what is under it."""

    def __init__(
        self, world: World, events: Events, payloads: Payloads, postbox: Postbox, allowed: int
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._postbox, self._access = postbox, BotAccess(world)
        self._readable = bool(allowed & Intent.MESSAGE_CONTENT)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        channel = f"{PREFIX}/channels/{{channel}}"
        message = f"{channel}/messages/{{message}}"
        return [
            web.get(channel, self._channel),
            web.post(f"{channel}/typing", self._typing),
            web.get(f"{channel}/messages", self._history),
            web.post(f"{channel}/messages", self._post),
            web.get(message, self._one),
            web.patch(message, self._edit),
            web.delete(message, self._delete),
        ]

    def _show(self, message: Message) -> Json:
        return self._payloads.message_for_bot(message, content_intent=self._readable)

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(self._payloads.channel(self._access.channel(request)))

    async def _typing(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        self._check_posting(channel)
        self._events.emit(Typing(channel, self._world.bot))
        return no_content()

    async def _history(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        if not self._world.may(self._world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
            return answer([])
        query, limit = request.query, limit_of(request.query, 50, 100)
        newest_first = [
            message
            for message in reversed(self._world.messages[channel.id].values())
            if message.visible_to is None
        ]
        before, after = number(query, "before", 1 << 63), number(query, "after", 0)
        found = [m for m in newest_first if after < int(m.id) < before]
        if "around" in query:
            found = _around(newest_first, number(query, "around", 0), limit)
        found = found[-limit:] if "after" in query else found[:limit]
        return answer([self._show(message) for message in found])

    async def _post(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        self._check_posting(channel)
        body, files = object_of(request), request[FILES]
        self._check_parts(channel, body, with_files=bool(files))
        if channel.type == DM and not all(
            self._world.user(who).takes_dms for who in channel.recipients
        ):
            raise Refusal(403, 50007, "Cannot send messages to this user")
        return answer(self._show(self._postbox.post(self._world.bot, channel, body, files)))

    def _check_posting(self, channel: Channel) -> None:
        if self._world.may_post(self._world.bot.id, channel):
            return
        if self._access.may(channel, Permission.SEND_MESSAGES_IN_THREADS):
            require_awake(channel)  # archived and locked
        raise missing_permissions()

    def _check_parts(self, channel: Channel, body: Json, *, with_files: bool) -> None:
        bot, may = self._world.bot.id, self._world.may
        if with_files and not may(bot, channel, Permission.ATTACH_FILES):
            raise missing_permissions()
        if body.get("embeds") and not may(bot, channel, Permission.EMBED_LINKS):
            raise missing_permissions()
        if body.get("message_reference") and not may(bot, channel, Permission.READ_MESSAGE_HISTORY):
            raise Refusal(400, 160002, "Cannot reply without permission to read message history")

    async def _one(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        if not self._world.may(self._world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
            raise missing_access()
        return answer(self._show(self._access.message(request, channel)))

    async def _edit(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        message = self._access.message(request, channel)
        require_author(message, self._world.bot)
        body, files = object_of(request), request[FILES]
        self._check_parts(channel, body, with_files=bool(files))
        return answer(self._show(self._postbox.edit(message, body, files)))

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        message = self._access.message(request, channel)
        own = message.author.id == self._world.bot.id
        if not own and not self._world.may(self._world.bot.id, channel, Permission.MANAGE_MESSAGES):
            raise missing_permissions()
        self._postbox.delete(message)
        return no_content()


def _around(newest_first: list[Message], middle: int, limit: int) -> list[Message]:
    """Return the messages next to an id on both sides, newest first, at most `limit`."""
    newer = [message for message in newest_first if int(message.id) > middle]
    others = newest_first[len(newer) :]
    half = limit // 2
    return newer[-half:] * bool(half) + others[: limit - min(half, len(newer))]
