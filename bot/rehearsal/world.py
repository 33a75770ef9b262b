"""The things of the embedded Discord: one guild, its channels, people, messages and files."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.rehearsal.permissions import (
    ALL,
    DIRECT,
    MEMBERS,
    MODERATORS,
    Overwrite,
    Permission,
    apply_overwrites,
)
from bot.rehearsal.refusals import Json, unknown
from bot.rehearsal.snowflakes import Clock, Snowflakes

TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12
MEBIBYTE = 1 << 20
FOUNDED = 1_767_225_600.0
"""The first second of 2026."""


@dataclass
class User:
    """An account: a person, or the bot; `installed` says whether they brought the bot along."""

    id: str
    username: str
    global_name: str | None
    color: str
    locale: str = "en-US"
    bot: bool = False
    takes_dms: bool = True
    installed: bool = True

    @property
    def name(self) -> str:
        """The name that people see."""
        return self.global_name or self.username


@dataclass
class Role:
    """A named set of permissions; the one whose id is the guild's is @everyone."""

    id: str
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    managed: bool = False


@dataclass
class Member:
    """A user in the guild with the ids of their roles, @everyone left out."""

    user: User
    joined: float
    roles: list[str] = field(default_factory=list)


@dataclass
class Thread:
    """What a channel has besides when it is a thread; `archive_minutes` is only told."""

    parent_id: str
    owner_id: str
    created: float
    changed: float
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 1440
    invitable: bool = True
    members: dict[str, float] = field(default_factory=dict)


@dataclass
class Channel:
    """A text channel of a guild, a thread in one, or a direct-message channel (no guild)."""

    id: str
    type: int
    name: str
    position: int = 0
    topic: str | None = None
    overwrites: list[Overwrite] = field(default_factory=list)
    recipients: tuple[str, ...] = ()
    guild_id: str | None = None
    thread: Thread | None = None


@dataclass
class Attachment:
    """A file on the CDN."""

    id: str
    channel_id: str
    filename: str
    content: bytes = field(repr=False)
    description: str | None = None


@dataclass
class Message:
    """A message as the world keeps it; `payloads.message` says how Discord would send it."""

    id: str
    channel_id: str
    author: User
    sent: float
    type: int = 0
    content: str = ""
    flags: int = 0
    edited: float | None = None
    nonce: str | int | None = None
    webhook_id: str | None = None
    reply_to: tuple[str, str] | None = None
    interaction: Json | None = None
    visible_to: str | None = None
    mention_everyone: bool = False
    mentions: list[str] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    pinned: float | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)

    def seen_by(self, user: str) -> bool:
        """Tell whether this user may see it: ephemeral messages have one addressee."""
        return self.visible_to is None or user in (self.visible_to, self.author.id)


@dataclass
class Guild:
    """A server; the bot is a member of the studio alone."""

    id: str
    name: str
    owner_id: str
    created: float
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    file_limit: int = 10 * MEBIBYTE


class World:
    """The studio and a place elsewhere, their people, every channel and message there is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        # Always the same ids, so that what a bot keeps of the studio fits the next rehearsal.
        self.snowflakes = Snowflakes(lambda: FOUNDED)
        self.token = f"rehearsal.{secrets.token_urlsafe(24)}"
        self.bot = User(self.snowflakes.next(), "mindjam", None, "#7c6cff", bot=True)
        self.people = [
            User(self.snowflakes.next(), "ada", "Ada", "#f2785c"),
            User(self.snowflakes.next(), "xiaolin", "小林", "#2fb8a0", "zh-CN"),
            User(self.snowflakes.next(), "grace", "Grace", "#e0a526"),
        ]
        self.guild = self._studio()
        self.elsewhere = self._elsewhere()
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.attachments: dict[str, Attachment] = {}
        self.add_channel("studio", topic="Ask mindjam for music: /compose")
        self.add_channel("general")
        self.add_channel("kitchen", guild=self.elsewhere)
        self.snowflakes = Snowflakes(clock)

    def _studio(self) -> Guild:
        guild_id = self.snowflakes.next()
        guild = Guild(guild_id, "Blue Hour Studio", self.people[0].id, self.clock())
        guild.roles[guild_id] = Role(guild_id, "@everyone", MEMBERS)
        own = Role(self.snowflakes.next(), "mindjam", MEMBERS, 1, 0x7C6CFF, managed=True)
        guild.roles[own.id] = own
        for user in (self.bot, *self.people):
            guild.members[user.id] = Member(user, self.clock())
        guild.members[self.bot.id].roles.append(own.id)
        host, guest = self.people[0], self.people[1]
        for name, granted, color, user in (
            ("dj", 0, 0xE0A526, guest),
            ("moderator", MODERATORS, 0x2F7D5B, host),
        ):
            role = Role(self.snowflakes.next(), name, int(granted), len(guild.roles), color)
            guild.roles[role.id] = role
            guild.members[user.id].roles.append(role.id)
        return guild

    def _elsewhere(self) -> Guild:
        """Return a server whose people know the bot only because they brought it along."""
        guild_id = self.snowflakes.next()
        guild = Guild(guild_id, "Kitchen Table", self.people[2].id, self.clock())
        guild.roles[guild_id] = Role(guild_id, "@everyone", MEMBERS)
        for user in self.people:
            guild.members[user.id] = Member(user, self.clock())
        return guild

    @property
    def users(self) -> list[User]:
        """Everybody, the bot first."""
        return [self.bot, *self.people]

    def user(self, user_id: str) -> User:
        """Return a user; raises `Refusal` 10013."""
        for user in self.users:
            if user.id == user_id:
                return user
        raise unknown("User")

    def add_channel(
        self, name: str, topic: str | None = None, guild: Guild | None = None
    ) -> Channel:
        """Add a text channel to a guild, the studio unless another is named."""
        where = (guild or self.guild).id
        channel = Channel(
            self.snowflakes.next(), TEXT, name, len(self.channels), topic, guild_id=where
        )
        self.keep(channel)
        return channel

    def direct_channel(self, user: User) -> Channel:
        """Return the channel between the bot and a person, opening it when there is none."""
        for channel in self.channels.values():
            if channel.type == DM and user.id in channel.recipients:
                return channel
        pair = (self.bot.id, user.id)
        channel = Channel(self.snowflakes.next(), DM, user.username, recipients=pair)
        self.keep(channel)
        return channel

    def keep(self, channel: Channel) -> None:
        """Add a channel that was just made."""
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}

    def remove(self, channel: Channel) -> None:
        """Forget a channel with all its messages and files."""
        del self.channels[channel.id]
        for message in self.messages.pop(channel.id).values():
            for attachment in message.attachments:
                self.attachments.pop(attachment.id, None)

    def channel(self, channel_id: str) -> Channel:
        """Return a channel; raises `Refusal` 10003."""
        try:
            return self.channels[channel_id]
        except KeyError:
            raise unknown("Channel") from None

    def message(self, channel_id: str, message_id: str) -> Message:
        """Return a message; raises `Refusal` 10003 or 10008."""
        try:
            return self.messages[self.channel(channel_id).id][message_id]
        except KeyError:
            raise unknown("Message") from None

    def all_messages(self) -> Iterator[Message]:
        """Iterate over every message there is, oldest first within a channel."""
        for channel in self.messages.values():
            yield from channel.values()

    def guild_of(self, channel: Channel) -> Guild | None:
        """Return the guild that a channel is in; None for direct messages."""
        return next((g for g in (self.guild, self.elsewhere) if g.id == channel.guild_id), None)

    def member(self, user: str, channel: Channel) -> Member | None:
        """Return a user as a member of a channel's guild; None where they are none."""
        guild = self.guild_of(channel)
        return None if guild is None else guild.members.get(user)

    def threads(self, parent: Channel) -> list[Channel]:
        """Return the threads of a channel, oldest first."""
        kept = self.channels.values()
        return [one for one in kept if one.thread and one.thread.parent_id == parent.id]

    def permissions(self, user: str, channel: Channel) -> int:
        """Return what a user may do in a channel; nothing where they are no member."""
        guild, member = self.guild_of(channel), self.member(user, channel)
        if guild is None:
            return DIRECT if user in channel.recipients else 0
        if channel.thread is not None:
            return self._thread_permissions(user, channel, channel.thread)
        if member is None:
            return 0
        if user == guild.owner_id:
            return ALL
        base = guild.roles[guild.id].permissions
        for role in member.roles:
            base |= guild.roles[role].permissions
        return apply_overwrites(base, channel.overwrites, guild.id, member.roles, user)

    def _thread_permissions(self, user: str, channel: Channel, thread: Thread) -> int:
        """A thread takes its parent's permissions; a private one is for those who are in it."""
        held = self.permissions(user, self.channel(thread.parent_id))
        invited = user in thread.members or held & Permission.MANAGE_THREADS
        return held if channel.type != PRIVATE_THREAD or invited else 0

    def may_post(self, user: str, channel: Channel) -> bool:
        """Tell whether a user may write in a channel; threads have a permission of their own."""
        sending = Permission.SEND_MESSAGES
        if channel.thread is not None:
            sending = Permission.SEND_MESSAGES_IN_THREADS
            locked = channel.thread.locked and channel.thread.archived
            if locked and not self.may(user, channel, Permission.MANAGE_THREADS):
                return False
        return self.may(user, channel, Permission.VIEW_CHANNEL | sending)

    def may(self, user: str, channel: Channel, wanted: Permission) -> bool:
        """Tell whether a user holds every permission in `wanted` in a channel."""
        return self.permissions(user, channel) & wanted == wanted
