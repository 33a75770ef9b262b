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
    MemberUpdated,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
    ThreadCreated,
    ThreadDeleted,
    ThreadMembersChanged,
    ThreadUpdated,
    Typing,
)
from bot.rehearsal.grants import Grants
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.people import Person
from bot.rehearsal.reach import Reach
from bot.rehearsal.refusals import Json
from bot.rehearsal.room_places import RoomPlaces
from bot.rehearsal.world import Channel, Message, World


class RoomFeed:
    """Builds the room's frames for one person at a time."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        commands: Callable[[], list[Json]],
        grants: Grants,
    ) -> None:
        self._world, self._payloads, self._commands = world, payloads, commands
        self._places = RoomPlaces(world, Reach(world, commands), grants)

    @property
    def host(self) -> str:
        """The id of the person whom a page is that does not say who."""
        return self._world.people[0].id

    def hello(self, person: Person) -> Json:
        """Return the whole state as this person sees it."""
        channels = self._seen(person)
        messages = {channel.id: person.messages(channel.id) for channel in channels}
        shown = {message["id"] for listed in messages.values() for message in listed}
        return {
            "type": "hello",
            "me": self._places.person(person.user),
            "people": [self._places.person(user) for user in self._world.users],
            "guild": self._places.guild(self._world.guild),
            "elsewhere": self._places.guild(self._world.elsewhere),
            "channels": [self._places.channel(channel, person) for channel in channels],
            "commands": self._commands(),
            "messages": messages,
            "reacted": {
                message.id: message.reactions
                for message in self._world.all_messages()
                if message.reactions and message.id in shown
            },
            "file_limit": self._world.guild.file_limit,
        }

    def _seen(self, person: Person) -> list[Channel]:
        return [channel for channel in self._world.channels.values() if person.sees(channel)]

    def frame(self, event: Event, person: Person) -> Json | None:
        """Return what a person hears of an event, None when it is not for them."""
        match event:
            case CommandsChanged():
                return self._offered(person)
            case MemberUpdated():
                return self.hello(person)
            case InteractionFailed(failed, user, text) if user.id == person.id:
                return {"type": "interaction_failed", "id": failed, "text": text}
            case FormOpened(opened, user, form) if user.id == person.id:
                return {"type": "form", "id": opened, "form": form}
            case BotPresence(online):
                return {"type": "bot", "online": online}
            case _:
                return self._of_message(event, person) or self._of_channel(event, person)

    def _offered(self, person: Person) -> Json:
        """Return the commands, and which of them this person can use where."""
        places = {
            channel.id: self._places.offered(channel, person) for channel in self._seen(person)
        }
        return {"type": "commands", "commands": self._commands(), "offered": places}

    def _of_message(self, event: Event, person: Person) -> Json | None:
        match event:
            case MessageCreated(message) if self._sees(person, message):
                return {"type": "message_create", "message": self._payloads.message(message)}
            case MessageUpdated(message) if self._sees(person, message):
                return {"type": "message_update", "message": self._payloads.message(message)}
            case MessageDeleted(message) if self._sees(person, message):
                gone = {"id": message.id, "channel_id": message.channel_id}
                return {"type": "message_delete"} | gone
            case ReactionAdded() | ReactionRemoved() | ReactionsCleared():
                message = event.message
                if not self._sees(person, message):
                    return None
                return {"type": "reactions", "id": message.id, "reacted": message.reactions}
            case _:
                return None

    def _of_channel(self, event: Event, person: Person) -> Json | None:
        match event:
            case (
                ChannelCreated(channel)
                | ChannelUpdated(channel)
                | ThreadCreated(channel)
                | ThreadUpdated(channel)
                | ThreadMembersChanged(channel)
            ):
                return self._changed(channel, person)
            case ChannelDeleted(channel) | ThreadDeleted(channel):
                return {"type": "channel_delete", "id": channel.id}
            case Typing(channel, user) if person.sees(channel):
                told = self._places.person(user)
                return {"type": "typing", "channel_id": channel.id, "user": told}
            case _:
                return None

    def _changed(self, channel: Channel, person: Person) -> Json:
        """Return a channel as it is now with what is in it, which may have come into sight."""
        if not person.sees(channel):
            return {"type": "channel_delete", "id": channel.id}
        told = self._places.channel(channel, person)
        return {"type": "channel_update", "channel": told, "messages": person.messages(channel.id)}

    def _sees(self, person: Person, message: Message) -> bool:
        channel = self._world.channels.get(message.channel_id)
        return channel is not None and person.sees(channel) and message.seen_by(person.id)
