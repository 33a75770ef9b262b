"""What happens in the world, told to whoever listens: the gateway, the room, waiting tests."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.rehearsal.refusals import Json
from bot.rehearsal.world import Channel, Message, Role, User

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MessageCreated:
    """Somebody posted."""

    message: Message


@dataclass(frozen=True)
class MessageUpdated:
    """A message was edited."""

    message: Message


@dataclass(frozen=True)
class MessageDeleted:
    """A message is gone."""

    message: Message


@dataclass(frozen=True)
class ChannelCreated:
    """A channel was opened."""

    channel: Channel


@dataclass(frozen=True)
class ChannelUpdated:
    """A channel's settings or permissions changed."""

    channel: Channel


@dataclass(frozen=True)
class ChannelDeleted:
    """A channel is gone with all its messages."""

    channel: Channel


@dataclass(frozen=True)
class ThreadCreated:
    """A thread was started."""

    channel: Channel


@dataclass(frozen=True)
class ThreadUpdated:
    """A thread was renamed, archived, opened again or locked."""

    channel: Channel


@dataclass(frozen=True)
class ThreadDeleted:
    """A thread is gone with all its messages."""

    channel: Channel


@dataclass(frozen=True)
class ThreadMembersChanged:
    """Users, by id, came into a thread or left it."""

    channel: Channel
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReactionAdded:
    """Somebody reacted to a message."""

    message: Message
    user: User
    emoji: str


@dataclass(frozen=True)
class ReactionRemoved:
    """A reaction of somebody is gone."""

    message: Message
    user: User
    emoji: str


@dataclass(frozen=True)
class ReactionsCleared:
    """All reactions to a message are gone, or all of one emoji."""

    message: Message
    emoji: str | None


@dataclass(frozen=True)
class PinsChanged:
    """A message of a channel was pinned or unpinned."""

    channel: Channel


@dataclass(frozen=True)
class MemberUpdated:
    """What a member of the studio may do, or their roles, changed."""

    user: User


@dataclass(frozen=True)
class MemberBanned:
    """Somebody may not be in the studio any more; MemberRemoved follows."""

    user: User


@dataclass(frozen=True)
class MemberRemoved:
    """Somebody is no member of the studio any more."""

    user: User


@dataclass(frozen=True)
class RoleCreated:
    """The studio has a new role."""

    role: Role


@dataclass(frozen=True)
class RoleUpdated:
    """A role of the studio changed."""

    role: Role


@dataclass(frozen=True)
class Typing:
    """Somebody is typing."""

    channel: Channel
    user: User


@dataclass(frozen=True)
class CommandsChanged:
    """The bot registered its commands."""


@dataclass(frozen=True)
class InteractionCreated:
    """Somebody used a command, a button or a form; the payload is what the bot receives."""

    payload: Json


@dataclass(frozen=True)
class InteractionFailed:
    """The bot did not acknowledge in time; the text is for the person who waited."""

    id: str
    user: User
    text: str


@dataclass(frozen=True)
class FormOpened:
    """The bot answered an interaction with a form for the person to fill in."""

    id: str
    user: User
    form: Json


@dataclass(frozen=True)
class BotPresence:
    """The bot came online or went away."""

    online: bool


Event = (
    MessageCreated
    | MessageUpdated
    | MessageDeleted
    | ChannelCreated
    | ChannelUpdated
    | ChannelDeleted
    | ThreadCreated
    | ThreadUpdated
    | ThreadDeleted
    | ThreadMembersChanged
    | ReactionAdded
    | ReactionRemoved
    | ReactionsCleared
    | PinsChanged
    | MemberUpdated
    | MemberBanned
    | MemberRemoved
    | RoleCreated
    | RoleUpdated
    | Typing
    | CommandsChanged
    | InteractionCreated
    | InteractionFailed
    | FormOpened
    | BotPresence
)
Listener = Callable[[Event], None]


class Events:
    """Tells every listener about every event, in order and at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; call what is returned to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        """Tell the listeners."""
        log.debug("%r", event)
        for listener in tuple(self._listeners):
            listener(event)
