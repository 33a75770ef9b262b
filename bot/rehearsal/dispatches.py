"""Which event a bot session hears, under which name, with what it may read in it."""

from enum import IntFlag

from bot.rehearsal.events import (
    ChannelCreated,
    ChannelDeleted,
    ChannelUpdated,
    Event,
    InteractionCreated,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    Typing,
)
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, Channel, World

Dispatch = tuple[str, Json]


class Intent(IntFlag):
    """The gateway intents that the rehearsal looks at."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Dispatches:
    """Translates the world's events for one bot."""

    def __init__(self, world: World, payloads: Payloads) -> None:
        self._world, self._payloads = world, payloads

    def of(self, event: Event, intents: int) -> Dispatch | None:  # noqa: PLR0911  # one a kind
        """Return the event's name and payload, or None when this session does not hear it."""
        match event:
            case InteractionCreated(payload):
                return "INTERACTION_CREATE", payload
            case MessageCreated() | MessageUpdated() | MessageDeleted():
                return self._message(event, intents)
            case ChannelCreated(channel):
                return self._channel("CHANNEL_CREATE", channel, intents)
            case ChannelUpdated(channel):
                return self._channel("CHANNEL_UPDATE", channel, intents)
            case ChannelDeleted(channel):
                return self._channel("CHANNEL_DELETE", channel, intents)
            case Typing():
                return self._typing(event, intents)
            case _:
                return None

    def _message(
        self, event: MessageCreated | MessageUpdated | MessageDeleted, intents: int
    ) -> Dispatch | None:
        message = event.message
        channel = self._world.channels.get(message.channel_id)
        if channel is None or not self._heard(
            channel, intents, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES
        ):
            return None
        if isinstance(event, MessageDeleted):
            gone: Json = {"id": message.id, "channel_id": channel.id}
            if channel.type != DM:
                gone["guild_id"] = self._world.guild.id
            return "MESSAGE_DELETE", gone
        name = "MESSAGE_CREATE" if isinstance(event, MessageCreated) else "MESSAGE_UPDATE"
        readable = bool(intents & Intent.MESSAGE_CONTENT)
        return name, self._payloads.dispatched(message, content_intent=readable)

    def _channel(self, name: str, channel: Channel, intents: int) -> Dispatch | None:
        if channel.type != DM and not intents & Intent.GUILDS:
            return None
        return name, self._payloads.channel(channel)

    def _typing(self, event: Typing, intents: int) -> Dispatch | None:
        kinds = Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING
        if not self._heard(event.channel, intents, *kinds):
            return None
        payload: Json = {
            "channel_id": event.channel.id,
            "user_id": event.user.id,
            "timestamp": int(self._world.clock()),
        }
        if event.channel.type != DM:
            member = self._world.guild.members[event.user.id]
            payload |= {"guild_id": self._world.guild.id, "member": self._payloads.member(member)}
        return "TYPING_START", payload

    def _heard(self, channel: Channel, intents: int, in_guild: Intent, direct: Intent) -> bool:
        wanted = direct if channel.type == DM else in_guild
        sees = self._world.may(self._world.bot.id, channel, Permission.VIEW_CHANNEL)
        return bool(intents & wanted) and sees
