"""What a simulated person sees: channels, and the messages in them that are theirs to read."""

from bot.rehearsal.events import ChannelCreated, Events
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Json
from bot.rehearsal.sentences import decline
from bot.rehearsal.world import Channel, Message, User, World

DIRECT = "dm"
"""Names, wherever a channel is asked for, the person's own channel with the bot."""


class Onlooker:
    """One person's view of the world."""

    def __init__(self, user: User, world: World, events: Events, payloads: Payloads) -> None:
        self.user = user
        self._world, self._events, self._payloads = world, events, payloads

    @property
    def id(self) -> str:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The name that people see."""
        return self.user.name

    def messages(self, channel: str = "studio") -> list[Json]:
        """Return what this person sees in a channel, oldest first."""
        where = self.channel(channel)
        if not self.sees(where):
            return []
        kept = self._world.messages[where.id].values()
        return [self._show(message) for message in kept if message.seen_by(self.id)]

    def sees(self, channel: Channel) -> bool:
        """Tell whether a channel is in this person's list."""
        return self._world.may(self.id, channel, Permission.VIEW_CHANNEL)

    def channel(self, which: str) -> Channel:
        """Return a channel this person sees, by id or name, or their own with the bot (`dm`)."""
        if which == DIRECT:
            known = len(self._world.channels)
            channel = self._world.direct_channel(self.user)
            if len(self._world.channels) > known:
                self._events.emit(ChannelCreated(channel))
            return channel
        for channel in self._world.channels.values():
            if channel.id == which or (channel.name == which and channel.guild_id):
                return channel
        raise decline("gone", self.user.locale, channel=which)

    def message(self, which: Json | str) -> Message:
        """Return a message this person sees, by payload or id."""
        message_id = which if isinstance(which, str) else which["id"]
        for message in self._world.all_messages():
            if message.id == message_id and message.seen_by(self.id):
                return message
        raise decline("no_message", self.user.locale)

    def _show(self, message: Message) -> Json:
        return self._payloads.message(message)
