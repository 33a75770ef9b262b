"""Routes of reactions and pins."""

from aiohttp import web

from bot.rehearsal.bot_access import BotAccess, limit_of, number
from bot.rehearsal.dispatches import Intent
from bot.rehearsal.events import Events
from bot.rehearsal.marks import Marks
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.place_payloads import moment
from bot.rehearsal.refusals import missing_permissions
from bot.rehearsal.rest import PREFIX, answer, no_content
from bot.rehearsal.world import Message, World


class MarkRoutes:
    """`/reactions` under a message, and `/messages/pins` under a channel."""

    def __init__(self, world: World, events: Events, payloads: Payloads, allowed: int) -> None:
        self._world, self._payloads = world, payloads
        self._marks, self._access = Marks(world, events), BotAccess(world)
        self._readable = bool(allowed & Intent.MESSAGE_CONTENT)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers; they stand before those of single messages."""
        channel = f"{PREFIX}/channels/{{channel}}"
        reactions = f"{channel}/messages/{{message}}/reactions"
        found = [
            web.get(f"{channel}/messages/pins", self._pins),
            web.put(f"{reactions}/{{emoji}}/@me", self._react),
            web.delete(f"{reactions}/{{emoji}}/@me", self._unreact),
            web.delete(f"{reactions}/{{emoji}}/{{user}}", self._remove),
            web.get(f"{reactions}/{{emoji}}", self._who),
            web.delete(f"{reactions}/{{emoji}}", self._clear),
            web.delete(reactions, self._clear),
        ]
        # Discord keeps the older address of the pins beside the newer one.
        for pin in (f"{channel}/messages/pins/{{message}}", f"{channel}/pins/{{message}}"):
            found += [web.put(pin, self._pin), web.delete(pin, self._unpin)]
        return found

    def _found(self, request: web.Request, *wanted: Permission) -> Message:
        channel = self._access.channel(request, *wanted)
        return self._access.message(request, channel)

    async def _react(self, request: web.Request) -> web.Response:
        message = self._found(request, Permission.READ_MESSAGE_HISTORY)
        emoji = request.match_info["emoji"]
        channel = self._world.channel(message.channel_id)
        new = emoji not in message.reactions
        if new and not self._access.may(channel, Permission.ADD_REACTIONS):
            raise missing_permissions()
        self._marks.react(message, self._world.bot, emoji)
        return no_content()

    async def _unreact(self, request: web.Request) -> web.Response:
        self._marks.unreact(self._found(request), self._world.bot, request.match_info["emoji"])
        return no_content()

    async def _remove(self, request: web.Request) -> web.Response:
        user = self._world.user(request.match_info["user"])
        wanted = [] if user is self._world.bot else [Permission.MANAGE_MESSAGES]
        self._marks.unreact(self._found(request, *wanted), user, request.match_info["emoji"])
        return no_content()

    async def _who(self, request: web.Request) -> web.Response:
        message = self._found(request)
        limit, after = limit_of(request.query, 25, 100), number(request.query, "after", 0)
        users = message.reactions.get(request.match_info["emoji"], [])
        later = sorted((user for user in users if int(user) > after), key=int)
        return answer([self._payloads.user(self._world.user(who)) for who in later[:limit]])

    async def _clear(self, request: web.Request) -> web.Response:
        message = self._found(request, Permission.MANAGE_MESSAGES)
        self._marks.clear(message, request.match_info.get("emoji"))
        return no_content()

    async def _pin(self, request: web.Request) -> web.Response:
        self._marks.pin(self._found(request, Permission.PIN_MESSAGES), self._world.bot)
        return no_content()

    async def _unpin(self, request: web.Request) -> web.Response:
        self._marks.unpin(self._found(request, Permission.PIN_MESSAGES))
        return no_content()

    async def _pins(self, request: web.Request) -> web.Response:
        channel = self._access.channel(request)
        limit, before = limit_of(request.query, 50, 50), request.query.get("before")
        listed = [
            {"pinned_at": moment(message.pinned), "message": self._show(message)}
            for message in self._world.messages[channel.id].values()
            if message.pinned is not None
        ]
        listed.sort(key=lambda pin: str(pin["pinned_at"]), reverse=True)
        if not self._access.may(channel, Permission.READ_MESSAGE_HISTORY):
            listed = []
        older = [pin for pin in listed if before is None or str(pin["pinned_at"]) < before]
        return answer({"items": older[:limit], "has_more": len(older) > limit})

    def _show(self, message: Message) -> dict[str, object]:
        return self._payloads.message_for_bot(message, content_intent=self._readable)
