"""What the room's page hears: the state at first, then every change a person may see."""

from collections.abc import Callable

from bot.rehearsal.events import (
    BotPresence,
    ChannelCreated,
    ChannelDeleted,
    ChannelUpdated,
    CommandsChanged,
    Event,
    FormOpened,
    InteractionFailed,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    Typing,
)
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, Channel, Message, User, World


class RoomFeed:
    """Builds the room's frames for one person at a time."""

    def __init__(
        self, world: World, payloads: Payloads, commands: Callable[[], list[Json]]
    ) -> None:
        self._world, self._payloads, self._commands = world, payloads, commands

    @property
    def host(self) -> str:
        """The id of the person whom a page is that does not say who."""
        return self._world.people[0].id

    def hello(self, person: Person) -> Json:
        """Return the whole state as this person sees it."""
        channels = [c for c in self._world.channels.values() if person.sees(c)]
        return {
            "type": "hello",
            "me": _person(person.user),
            "people": [_person(user) for user in self._world.users],
            "guild": self._guild(),
            "channels": [self._channel(channel) for channel in channels],
            "commands": self._commands(),
            "messages": {channel.id: person.messages(channel.id) for channel in channels},
            "file_limit": self._world.guild.file_limit,
        }

    def frame(self, event: Event, person: Person) -> Json | None:  # noqa: PLR0911  # one a kind
        """Return what a person hears of an event, None when it is not for them."""
        match event:
            case MessageCreated(message) if self._sees(person, message):
                return {"type": "message_create", "message": self._payloads.message(message)}
            case MessageUpdated(message) if self._sees(person, message):
                return {"type": "message_update", "message": self._payloads.message(message)}
            case MessageDeleted(message) if self._sees(person, message):
                gone = {"id": message.id, "channel_id": message.channel_id}
                return {"type": "message_delete"} | gone
            case ChannelCreated(channel) | ChannelUpdated(channel) if person.sees(channel):
                return {"type": "channel_update", "channel": self._channel(channel)}
            case ChannelDeleted(channel):
                return {"type": "channel_delete", "id": channel.id}
            case Typing(channel, user) if person.sees(channel):
                return {"type": "typing", "channel_id": channel.id, "user": _person(user)}
            case CommandsChanged():
                return {"type": "commands", "commands": self._commands()}
            case InteractionFailed(failed, user, text) if user.id == person.id:
                return {"type": "interaction_failed", "id": failed, "text": text}
            case FormOpened(opened, user, form) if user.id == person.id:
                return {"type": "form", "id": opened, "form": form}
            case BotPresence(online):
                return {"type": "bot", "online": online}
            case _:
                return None

    def _guild(self) -> Json:
        guild = self._world.guild
        roles = [{"id": role.id, "name": role.name} for role in guild.roles.values()]
        return {"id": guild.id, "name": guild.name, "roles": roles}

    def _sees(self, person: Person, message: Message) -> bool:
        channel = self._world.channels.get(message.channel_id)
        return channel is not None and person.sees(channel) and message.seen_by(person.id)

    def _channel(self, channel: Channel) -> Json:
        name = self._world.bot.name if channel.type == DM else channel.name
        return {"id": channel.id, "name": name, "type": channel.type, "topic": channel.topic}


def _person(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "avatar_color": user.color,
        "bot": user.bot,
        "locale": user.locale,
    }
