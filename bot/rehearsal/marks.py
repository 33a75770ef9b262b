"""What is put on messages: reactions and pins."""

from bot.rehearsal.events import (
    Events,
    MessageCreated,
    MessageUpdated,
    PinsChanged,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
)
from bot.rehearsal.refusals import Refusal, unknown
from bot.rehearsal.threads import require_awake
from bot.rehearsal.world import Message, User, World

PINNED = 6
_KINDS = 20
_PINS = 250


class Marks:
    """Adds and takes away; whoever calls has checked the permissions."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    def react(self, message: Message, user: User, emoji: str) -> None:
        """Add a reaction, once a person; raises `Refusal` for no emoji, or one kind too many."""
        require_awake(self._world.channel(message.channel_id))
        if not emoji or emoji.isascii() or len(emoji) > 16:
            raise Refusal(400, 10014, "Unknown Emoji")
        if emoji not in message.reactions and len(message.reactions) >= _KINDS:
            raise Refusal(400, 30010, "Maximum number of reactions reached (20)")
        users = message.reactions.setdefault(emoji, [])
        if user.id not in users:
            users.append(user.id)
            self._events.emit(ReactionAdded(message, user, emoji))

    def unreact(self, message: Message, user: User, emoji: str) -> None:
        """Take a reaction away; nothing happens where there is none."""
        require_awake(self._world.channel(message.channel_id))
        users = message.reactions.get(emoji, [])
        if user.id not in users:
            return
        users.remove(user.id)
        if not users:
            del message.reactions[emoji]
        self._events.emit(ReactionRemoved(message, user, emoji))

    def clear(self, message: Message, emoji: str | None = None) -> None:
        """Take away all reactions, or all of one emoji."""
        gone = list(message.reactions) if emoji is None else [emoji]
        for one in gone:
            message.reactions.pop(one, None)
        self._events.emit(ReactionsCleared(message, emoji))

    def pin(self, message: Message, user: User) -> None:
        """Pin a message, and say in the channel who did; raises `Refusal` when there are too many.

        Pinning it again changes nothing.
        """
        channel = self._world.channel(message.channel_id)
        require_awake(channel)
        if message.pinned is not None:
            return
        kept = self._world.messages[channel.id]
        if sum(one.pinned is not None for one in kept.values()) >= _PINS:
            raise Refusal(400, 30003, f"Maximum number of pins reached ({_PINS})")
        message.pinned = self._world.clock()
        self._events.emit(MessageUpdated(message))
        self._events.emit(PinsChanged(channel))
        place = channel.id, message.id
        now = self._world.clock()
        notice = Message(
            self._world.snowflakes.next(), channel.id, user, now, type=PINNED, reply_to=place
        )
        kept[notice.id] = notice
        self._events.emit(MessageCreated(notice))

    def unpin(self, message: Message) -> None:
        """Unpin a message; raises `Refusal` 10008 when it is not pinned."""
        channel = self._world.channel(message.channel_id)
        require_awake(channel)
        if message.pinned is None:
            raise unknown("Message")
        message.pinned = None
        self._events.emit(MessageUpdated(message))
        self._events.emit(PinsChanged(channel))
