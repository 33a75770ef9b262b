"""Users, channels, the guild and interactions as the JSON that Discord sends."""

from datetime import UTC, datetime

from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, Channel, Member, Role, User, World


def moment(seconds: float) -> str:
    """Return a time as Discord writes it: ISO 8601 with microseconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


class PlacePayloads:
    """Builds the payloads of users, channels, the guild, and of interactions in them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def user(self, user: User) -> Json:
        """Return a user object."""
        return {
            "id": user.id,
            "username": user.username,
            "global_name": user.global_name,
            "discriminator": "0" if not user.bot else "0420",
            "avatar": None,
            "bot": user.bot,
            "system": False,
            "public_flags": 0,
            "flags": 0,
            "banner": None,
            "accent_color": int(user.color[1:], 16),
            "avatar_decoration_data": None,
            "clan": None,
            "primary_guild": None,
            "collectibles": None,
            "display_name_styles": None,
        }

    def member(self, member: Member, channel: Channel | None = None) -> Json:
        """Return a member object; with a channel also what they may do there."""
        payload = self.partial_member(member) | {"user": self.user(member.user)}
        if channel is not None:
            payload["permissions"] = str(self._world.permissions(member.user.id, channel))
        return payload

    def partial_member(self, member: Member) -> Json:
        """Return a member object without its user, as messages carry it."""
        return {
            "roles": member.roles,
            "joined_at": moment(member.joined),
            "nick": None,
            "avatar": None,
            "banner": None,
            "communication_disabled_until": None,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }

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
        overwrites = [
            {"id": own.id, "type": own.type, "allow": str(own.allow), "deny": str(own.deny)}
            for own in channel.overwrites
        ]
        return common | {
            "guild_id": self._world.guild.id,
            "name": channel.name,
            "position": channel.position,
            "topic": channel.topic,
            "parent_id": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": overwrites,
        }

    def channel_seen_by(self, channel: Channel, user: str) -> Json:
        """Return the partial channel of interactions, with that user's permissions in it."""
        permissions = str(self._world.permissions(user, channel))
        return self.channel(channel) | {"permissions": permissions}

    def guild(self) -> Json:
        """Return the guild object of the REST API."""
        guild = self._world.guild
        return {
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner_id,
            "roles": [self.role(role) for role in guild.roles.values()],
            "preferred_locale": "en-US",
            "features": [],
            "emojis": [],
            "stickers": [],
            "icon": None,
            "banner": None,
            "splash": None,
            "discovery_splash": None,
            "description": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "nsfw": False,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "vanity_url_code": None,
            "max_members": 500_000,
        }

    def guild_create(self, *, with_members: bool) -> Json:
        """Return GUILD_CREATE; without the members intent the bot sees only itself in it."""
        guild = self._world.guild
        members = guild.members.values() if with_members else [guild.members[self._world.bot.id]]
        channels = [c for c in self._world.channels.values() if c.type != DM]
        return self.guild() | {
            "joined_at": moment(guild.created),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self.member(member) for member in members],
            "channels": [self.channel(channel) for channel in channels],
            "threads": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def application(self, flags: int) -> Json:
        """Return the application object."""
        bot = self._world.bot
        return {
            "id": bot.id,
            "name": bot.username,
            "icon": None,
            "description": "Makes music.",
            "bot_public": True,
            "bot_require_code_grant": False,
            "bot": self.user(bot),
            "owner": self.user(self._world.user(self._world.guild.owner_id)),
            "team": None,
            "verify_key": "0" * 64,
            "flags": flags,
            "hook": True,
            "interactions_endpoint_url": None,
            "integration_types_config": {"0": {}},
            "approximate_guild_count": 1,
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
    ) -> Json:
        """Return INTERACTION_CREATE for something a person did in a channel."""
        guild = self._world.guild
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
            "app_permissions": str(self._world.permissions(self._world.bot.id, channel)),
            "entitlements": [],
            "attachment_size_limit": guild.file_limit,
        }
        if channel.type == DM:
            owners = {"0": "0"}  # installed in a guild, used in the bot's own DMs
            where = {"context": 1, "authorizing_integration_owners": owners}
            return payload | {"user": self.user(user)} | where
        return payload | {
            "member": self.member(guild.members[user.id], channel),
            "guild_id": guild.id,
            "guild_locale": "en-US",
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "context": 0,
            "authorizing_integration_owners": {"0": guild.id},
        }
