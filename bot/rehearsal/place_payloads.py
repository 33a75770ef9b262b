"""Users, channels, the guild and interactions as the JSON that Discord sends."""

from datetime import UTC, datetime

from bot.rehearsal.payload_defaults import APPLICATION, GUILD, MEMBER, NOTHING_GOING_ON, USER
from bot.rehearsal.permissions import ELSEWHERE, Permission
from bot.rehearsal.refusals import Json
from bot.rehearsal.threads import STARTER
from bot.rehearsal.world import (
    DM,
    PRIVATE_THREAD,
    Channel,
    Member,
    Role,
    Thread,
    User,
    World,
)


def moment(seconds: float) -> str:
    """Return a time as Discord writes it: ISO 8601 with microseconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


class PlacePayloads:
    """Builds the payloads of users, channels, the guild, and of interactions in them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def user(self, user: User) -> Json:
        """Return a user object."""
        return USER | {
            "id": user.id,
            "username": user.username,
            "global_name": user.global_name,
            "discriminator": "0" if not user.bot else "0420",
            "bot": user.bot,
            "accent_color": int(user.color[1:], 16),
        }

    def member(self, member: Member, channel: Channel | None = None) -> Json:
        """Return a member object; with a channel also what they may do there."""
        payload = self.partial_member(member) | {"user": self.user(member.user)}
        if channel is not None:
            payload["permissions"] = str(self._world.permissions(member.user.id, channel))
        return payload

    def partial_member(self, member: Member) -> Json:
        """Return a member object without its user, as messages carry it."""
        return MEMBER | {"roles": member.roles, "joined_at": moment(member.joined)}

    def role(self, role: Role) -> Json:
        """Return a role object."""
        colors = {"primary_color": role.color, "secondary_color": None, "tertiary_color": None}
        return {
            "id": role.id,
            "name": role.name,
            "description": None,
            "permissions": str(role.permissions),
            "position": role.position,
            "color": role.color,
            "colors": colors,
            "hoist": False,
            "managed": role.managed,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
            "tags": {"bot_id": self._world.bot.id} if role.managed else {},
        }

    def channel(self, channel: Channel) -> Json:
        """Return a channel object."""
        messages = self._world.messages.get(channel.id, {})
        common: Json = {
            "id": channel.id,
            "type": channel.type,
            "flags": 0,
            "last_message_id": next(reversed(messages), None),
        }
        if channel.type == DM:
            others = (self._world.user(who) for who in channel.recipients)
            return common | {"recipients": [self.user(user) for user in others if not user.bot]}
        if channel.thread is not None:
            return common | self._thread(channel, channel.thread)
        overwrites = [
            {"id": own.id, "type": own.type, "allow": str(own.allow), "deny": str(own.deny)}
            for own in channel.overwrites
        ]
        return common | {
            "guild_id": channel.guild_id,
            "name": channel.name,
            "position": channel.position,
            "topic": channel.topic,
            "parent_id": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": overwrites,
        }

    def _thread(self, channel: Channel, thread: Thread) -> Json:
        kept = self._world.messages.get(channel.id, {}).values()
        count = sum(message.type != STARTER for message in kept)
        metadata = {
            "archived": thread.archived,
            "archive_timestamp": moment(thread.changed),
            "auto_archive_duration": thread.archive_minutes,
            "locked": thread.locked,
            "create_timestamp": moment(thread.created),
        }
        if channel.type == PRIVATE_THREAD:
            metadata["invitable"] = thread.invitable
        payload: Json = {
            "guild_id": channel.guild_id,
            "name": channel.name,
            "parent_id": thread.parent_id,
            "owner_id": thread.owner_id,
            "rate_limit_per_user": 0,
            "message_count": count,
            "total_message_sent": count,
            "member_count": len(thread.members),
            "thread_metadata": metadata,
        }
        bot = self._world.bot.id
        if bot in thread.members:
            payload["member"] = self.thread_member(channel, thread, bot)
        return payload

    def thread_member(self, channel: Channel, thread: Thread, user: str) -> Json:
        """Return the member object of a user who is in a thread."""
        joined = moment(thread.members[user])
        return {"id": channel.id, "user_id": user, "join_timestamp": joined, "flags": 0}

    def active_threads(self) -> list[Channel]:
        """Return the threads of the studio that are not archived and that the bot sees."""
        guild, bot = self._world.guild.id, self._world.bot.id
        return [
            channel
            for channel in self._world.channels.values()
            if channel.thread is not None
            and channel.guild_id == guild
            and not channel.thread.archived
            and self._world.may(bot, channel, Permission.VIEW_CHANNEL)
        ]

    def channel_seen_by(self, channel: Channel, user: str) -> Json:
        """Return the partial channel of interactions, with that user's permissions in it."""
        permissions = str(self._world.permissions(user, channel))
        return self.channel(channel) | {"permissions": permissions}

    def guild(self) -> Json:
        """Return the guild object of the REST API."""
        guild = self._world.guild
        return GUILD | {
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner_id,
            "roles": [self.role(role) for role in guild.roles.values()],
        }

    def guild_create(self, *, with_members: bool) -> Json:
        """Return GUILD_CREATE; without the members intent the bot sees only itself in it."""
        guild = self._world.guild
        members = guild.members.values() if with_members else [guild.members[self._world.bot.id]]
        kept = self._world.channels.values()
        channels = [one for one in kept if one.guild_id == guild.id and not one.thread]
        return (
            self.guild()
            | NOTHING_GOING_ON
            | {
                "joined_at": moment(guild.created),
                "member_count": len(guild.members),
                "members": [self.member(member) for member in members],
                "channels": [self.channel(channel) for channel in channels],
                "threads": [self.channel(thread) for thread in self.active_threads()],
            }
        )

    def application(self, flags: int) -> Json:
        """Return the application object."""
        bot = self._world.bot
        return APPLICATION | {
            "id": bot.id,
            "name": bot.username,
            "bot": self.user(bot),
            "owner": self.user(self._world.user(self._world.guild.owner_id)),
            "flags": flags,
            "flags_new": str(flags),
        }

    def interaction(
        self,
        interaction_id: str,
        token: str,
        kind: int,
        user: User,
        channel: Channel,
        locale: str,
        data: Json,
        owners: Json,
    ) -> Json:
        """Return INTERACTION_CREATE for something a person did in a channel."""
        guild, member = self._world.guild_of(channel), self._world.member(user.id, channel)
        bot_here = self._world.permissions(self._world.bot.id, channel)
        payload: Json = {
            "id": interaction_id,
            "application_id": self._world.bot.id,
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": self.channel_seen_by(channel, user.id),
            "locale": locale,
            "app_permissions": str(int(bot_here or ELSEWHERE)),
            "authorizing_integration_owners": owners,
            "entitlements": [],
            "attachment_size_limit": self._world.guild.file_limit,
        }
        if guild is None or member is None:
            return payload | {"user": self.user(user), "context": 1}
        return payload | {
            "member": self.member(member, channel),
            "guild_id": guild.id,
            "guild_locale": "en-US",
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "context": 0,
        }
