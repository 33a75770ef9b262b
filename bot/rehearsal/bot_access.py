"""What the bot reaches by REST: channels it sees, messages that are not ephemeral."""

from collections.abc import Mapping

from aiohttp import web

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Refusal, missing_access, missing_permissions, unknown
from bot.rehearsal.world import Channel, Message, World


class BotAccess:
    """Finds what a request's path names, as far as the bot may have it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def may(self, channel: Channel, wanted: Permission) -> bool:
        """Tell whether the bot holds permissions in a channel."""
        return self._world.may(self._world.bot.id, channel, wanted)

    def channel(self, request: web.Request, *wanted: Permission) -> Channel:
        """Return the channel, where the bot sees it and may do what is wanted."""
        channel = self._world.channel(request.match_info["channel"])
        if not self.may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        if not all(self.may(channel, one) for one in wanted):
            raise missing_permissions()
        return channel

    def message(self, request: web.Request, channel: Channel) -> Message:
        """Return the message; ephemeral ones exist for their webhook alone."""
        message = self._world.message(channel.id, request.match_info["message"])
        if message.visible_to is not None:
            raise unknown("Message")
        return message


def number(query: Mapping[str, str], key: str, default: int) -> int:
    """Return a whole number of the query; raises `Refusal` 50035 for anything else."""
    text = query.get(key, str(default))
    if not text.isdecimal():
        raise Refusal(400, 50035, "Invalid Form Body")
    return int(text)


def limit_of(query: Mapping[str, str], default: int, most: int) -> int:
    """Return how many entries a request wants; raises `Refusal` 50035 out of 1 to `most`."""
    limit = number(query, "limit", default)
    if not 1 <= limit <= most:
        raise Refusal(400, 50035, "Invalid Form Body")
    return limit
