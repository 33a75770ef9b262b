"""Which event a bot session hears, under which name, with what it may read in it."""

from enum import IntFlag

from bot.rehearsal.events import (
    ChannelCreated,
    ChannelDeleted,
    ChannelUpdated,
    Event,
    InteractionCreated,
    MemberBanned,
    MemberRemoved,
    MemberUpdated,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    PinsChanged,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
    RoleCreated,
    RoleUpdated,
    ThreadCreated,
    ThreadDeleted,
    ThreadMembersChanged,
    ThreadUpdated,
    Typing,
)
from bot.rehearsal.mark_dispatches import MarkDispatches
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, PRIVATE_THREAD, Channel, Thread, World

Dispatch = tuple[str, Json]


class Intent(IntFlag):
    """The gateway intents that the rehearsal looks at."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Dispatches:
    """Translates the world's events for one bot."""

    def __init__(self, world: World, payloads: Payloads) -> None:
        self._world, self._payloads = world, payloads
        self._marks = MarkDispatches(world, payloads)

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
            case ThreadCreated() | ThreadUpdated() | ThreadDeleted() | ThreadMembersChanged():
                return self._thread(event, intents)
            case ReactionAdded() | ReactionRemoved() | ReactionsCleared():
                return self._reaction(event, intents)
            case PinsChanged(channel):
                if not self._heard(channel, intents, Intent.GUILDS, Intent.DIRECT_MESSAGES):
                    return None
                return self._marks.pins(event)
            case MemberUpdated() | MemberBanned() | MemberRemoved() | RoleCreated() | RoleUpdated():
                return self._guild(event, intents)
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
            if channel.guild_id is not None:
                gone["guild_id"] = channel.guild_id
            return "MESSAGE_DELETE", gone
        name = "MESSAGE_CREATE" if isinstance(event, MessageCreated) else "MESSAGE_UPDATE"
        readable = bool(intents & Intent.MESSAGE_CONTENT)
        return name, self._payloads.dispatched(message, content_intent=readable)

    def _channel(self, name: str, channel: Channel, intents: int) -> Dispatch | None:
        if not self._concerns(channel, intents, Intent.GUILDS):
            return None
        return name, self._payloads.channel(channel)

    def _reaction(
        self, event: ReactionAdded | ReactionRemoved | ReactionsCleared, intents: int
    ) -> Dispatch | None:
        kinds = Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS
        channel = self._world.channels.get(event.message.channel_id)
        if channel is None or event.message.visible_to is not None:
            return None
        return (
            self._marks.reaction(event, channel) if self._heard(channel, intents, *kinds) else None
        )

    def _thread(
        self,
        event: ThreadCreated | ThreadUpdated | ThreadDeleted | ThreadMembersChanged,
        intents: int,
    ) -> Dispatch | None:
        channel, bot = event.channel, self._world.bot.id
        gone = isinstance(event, ThreadMembersChanged) and bot in event.removed
        sees = isinstance(event, ThreadDeleted) or gone
        if not sees and not self._world.may(bot, channel, Permission.VIEW_CHANNEL):
            return None
        if channel.thread is None or not self._concerns(channel, intents, Intent.GUILDS):
            return None
        if isinstance(event, ThreadDeleted):
            keys = {"id": channel.id, "type": channel.type, "guild_id": channel.guild_id}
            return "THREAD_DELETE", keys | {"parent_id": channel.thread.parent_id}
        if isinstance(event, ThreadMembersChanged):
            return self._thread_members(event, channel.thread, intents)
        if isinstance(event, ThreadUpdated):
            return "THREAD_UPDATE", self._payloads.channel(channel)
        return "THREAD_CREATE", self._payloads.channel(channel) | {"newly_created": True}

    def _thread_members(
        self, event: ThreadMembersChanged, thread: Thread, intents: int
    ) -> Dispatch | None:
        """Who comes and goes is told with the members intent; of itself the bot always hears.

        Added to a private thread, it is told of the thread, which it did not know.
        """
        channel, bot = event.channel, self._world.bot.id
        if bot not in (*event.added, *event.removed) and not intents & Intent.GUILD_MEMBERS:
            return None
        if bot in event.added and channel.type == PRIVATE_THREAD:
            return "THREAD_CREATE", self._payloads.channel(channel)
        added = [self._payloads.thread_member(channel, thread, user) for user in event.added]
        return "THREAD_MEMBERS_UPDATE", {
            "id": channel.id,
            "guild_id": channel.guild_id,
            "member_count": len(thread.members),
            "added_members": added,
            "removed_member_ids": list(event.removed),
        }

    def _guild(
        self,
        event: MemberUpdated | MemberBanned | MemberRemoved | RoleCreated | RoleUpdated,
        intents: int,
    ) -> Dispatch | None:
        """Return what a guild's members and roles became; of itself the bot always hears."""
        guild = {"guild_id": self._world.guild.id}
        if isinstance(event, MemberBanned | MemberRemoved):
            return self._departure(event, intents)
        if isinstance(event, MemberUpdated):
            if not intents & Intent.GUILD_MEMBERS and event.user is not self._world.bot:
                return None
            member = self._world.guild.members[event.user.id]
            return "GUILD_MEMBER_UPDATE", self._payloads.member(member) | guild
        if not intents & Intent.GUILDS:
            return None
        name = "GUILD_ROLE_CREATE" if isinstance(event, RoleCreated) else "GUILD_ROLE_UPDATE"
        return name, guild | {"role": self._payloads.role(event.role)}

    def _departure(self, event: MemberBanned | MemberRemoved, intents: int) -> Dispatch | None:
        banned = isinstance(event, MemberBanned)
        if not intents & (Intent.GUILD_MODERATION if banned else Intent.GUILD_MEMBERS):
            return None
        name = "GUILD_BAN_ADD" if banned else "GUILD_MEMBER_REMOVE"
        user = self._payloads.user(event.user)
        return name, {"guild_id": self._world.guild.id, "user": user}

    def _typing(self, event: Typing, intents: int) -> Dispatch | None:
        kinds = Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING
        if not self._heard(event.channel, intents, *kinds):
            return None
        payload: Json = {
            "channel_id": event.channel.id,
            "user_id": event.user.id,
            "timestamp": int(self._world.clock()),
        }
        member = self._world.member(event.user.id, event.channel)
        if member is not None:
            guild = {"guild_id": event.channel.guild_id}
            payload |= guild | {"member": self._payloads.member(member)}
        return "TYPING_START", payload

    def _heard(self, channel: Channel, intents: int, in_guild: Intent, direct: Intent) -> bool:
        wanted = direct if channel.type == DM else in_guild
        sees = self._world.may(self._world.bot.id, channel, Permission.VIEW_CHANNEL)
        return bool(intents & wanted) and sees

    def _concerns(self, channel: Channel, intents: int, in_guild: Intent) -> bool:
        """Tell whether a channel is one of the bot's: its own DM, or in its guild."""
        if channel.type == DM:
            return True
        return channel.guild_id == self._world.guild.id and bool(intents & in_guild)
