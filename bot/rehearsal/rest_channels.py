"""Routes of channels and their messages, with the permissions that each needs."""

from collections.abc import Mapping

from aiohttp import web

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
    unknown,
)
from bot.rehearsal.rest import FILES, PREFIX, answer, no_content, object_of
from bot.rehearsal.world import DM, Channel, Message, World


class ChannelRoutes:
    """`/channels/{id}` and what is under it."""

    def __init__(
        self, world: World, events: Events, payloads: Payloads, postbox: Postbox, allowed: int
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._postbox = postbox
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

    def _require(self, request: web.Request, *wanted: Permission) -> Channel:
        """Return the channel of a request, where the bot sees it and may do what is wanted."""
        channel = self._world.channel(request.match_info["channel"])
        bot = self._world.bot.id
        if not self._world.may(bot, channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        if not all(self._world.may(bot, channel, one) for one in wanted):
            raise missing_permissions()
        return channel

    def _show(self, message: Message) -> Json:
        return self._payloads.message_for_bot(message, content_intent=self._readable)

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(self._payloads.channel(self._require(request)))

    async def _typing(self, request: web.Request) -> web.Response:
        channel = self._require(request, Permission.SEND_MESSAGES)
        self._events.emit(Typing(channel, self._world.bot))
        return no_content()

    async def _history(self, request: web.Request) -> web.Response:
        channel = self._require(request)
        if not self._world.may(self._world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
            return answer([])
        query = request.query
        limit = _number(query, "limit", 50)
        if not 1 <= limit <= 100:
            raise Refusal(400, 50035, "Invalid Form Body")
        newest_first = [
            message
            for message in reversed(self._world.messages[channel.id].values())
            if message.visible_to is None
        ]
        before, after = _number(query, "before", 1 << 63), _number(query, "after", 0)
        found = [m for m in newest_first if after < int(m.id) < before]
        if "around" in query:
            found = [m for m in newest_first if m.id == query["around"]]
        found = found[-limit:] if "after" in query else found[:limit]
        return answer([self._show(message) for message in found])

    async def _post(self, request: web.Request) -> web.Response:
        channel = self._require(request, Permission.SEND_MESSAGES)
        body, files = object_of(request), request[FILES]
        self._check_parts(channel, body, with_files=bool(files))
        if channel.type == DM and not all(
            self._world.user(who).takes_dms for who in channel.recipients
        ):
            raise Refusal(403, 50007, "Cannot send messages to this user")
        return answer(self._show(self._postbox.post(self._world.bot, channel, body, files)))

    def _check_parts(self, channel: Channel, body: Json, *, with_files: bool) -> None:
        bot, may = self._world.bot.id, self._world.may
        if with_files and not may(bot, channel, Permission.ATTACH_FILES):
            raise missing_permissions()
        if body.get("embeds") and not may(bot, channel, Permission.EMBED_LINKS):
            raise missing_permissions()
        if body.get("message_reference") and not may(bot, channel, Permission.READ_MESSAGE_HISTORY):
            raise Refusal(400, 160002, "Cannot reply without permission to read message history")

    def _message(self, request: web.Request, channel: Channel) -> Message:
        message = self._world.message(channel.id, request.match_info["message"])
        if message.visible_to is not None:  # ephemeral ones exist for their webhook alone
            raise unknown("Message")
        return message

    async def _one(self, request: web.Request) -> web.Response:
        channel = self._require(request)
        if not self._world.may(self._world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
            raise missing_access()
        return answer(self._show(self._message(request, channel)))

    async def _edit(self, request: web.Request) -> web.Response:
        channel = self._require(request)
        message = self._message(request, channel)
        require_author(message, self._world.bot)
        body, files = object_of(request), request[FILES]
        self._check_parts(channel, body, with_files=bool(files))
        return answer(self._show(self._postbox.edit(message, body, files)))

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._require(request)
        message = self._message(request, channel)
        own = message.author.id == self._world.bot.id
        if not own and not self._world.may(self._world.bot.id, channel, Permission.MANAGE_MESSAGES):
            raise missing_permissions()
        self._postbox.delete(message)
        return no_content()


def _number(query: Mapping[str, str], key: str, default: int) -> int:
    """Return a whole number of the query; raises `Refusal` 50035 for anything else."""
    text = query.get(key, str(default))
    if not text.isdecimal():
        raise Refusal(400, 50035, "Invalid Form Body")
    return int(text)
