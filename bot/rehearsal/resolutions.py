"""What ids in an interaction stand for: its `resolved` users, members, roles, channels, files."""

from collections.abc import Callable

from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Json, Refusal
from bot.rehearsal.world import Attachment, Channel, World

USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8


class Resolutions:
    """Collects what a person named; each method tells whether there is such a thing."""

    def __init__(self, world: World, payloads: Payloads, channel: Channel) -> None:
        self._world, self._payloads, self._channel = world, payloads, channel
        self.found: Json = {}
        self._selects: dict[int, Callable[[str], bool]] = {
            USER_SELECT: self.user,
            ROLE_SELECT: self.role,
            MENTIONABLE_SELECT: self.mentionable,
            CHANNEL_SELECT: self.channel,
        }

    def _note(self, kind: str, key: str, payload: Json) -> None:
        self.found.setdefault(kind, {})[key] = payload

    def user(self, user_id: str) -> bool:
        """Note a user, and the member that they are."""
        try:
            user = self._world.user(user_id)
        except Refusal:
            return False
        self._note("users", user.id, self._payloads.user(user))
        member = self._world.member(user.id, self._channel)
        if member is not None:
            payload = self._payloads.member(member, self._channel)
            del payload["user"]
            self._note("members", user.id, payload)
        return True

    def role(self, role_id: str) -> bool:
        """Note a role."""
        guild = self._world.guild_of(self._channel)
        role = guild.roles.get(role_id) if guild else None
        if role is not None:
            self._note("roles", role.id, self._payloads.role(role))
        return role is not None

    def mentionable(self, some_id: str) -> bool:
        """Note a role or a user."""
        return self.role(some_id) or self.user(some_id)

    def channel(self, channel_id: str, kinds: list[int] | None = None) -> bool:
        """Note a channel of this server and of one of these types, of any without."""
        channel, here = self._world.channels.get(channel_id), self._channel.guild_id
        if channel is None or here is None or channel.guild_id != here:
            return False
        if kinds and channel.type not in kinds:
            return False
        payload = self._payloads.channel_seen_by(channel, self._world.bot.id)
        self._note("channels", channel.id, payload)
        return True

    def file(self, attachment: Attachment) -> None:
        """Note a file that was uploaded for this."""
        self._note("attachments", attachment.id, self._payloads.attachment(attachment))

    def chosen(self, select: Json, values: list[str]) -> bool:
        """Note what was chosen in a select, by its type; False for what it does not offer."""
        if select["type"] == CHANNEL_SELECT:
            kinds = select.get("channel_types")
            return all(self.channel(value, kinds) for value in values)
        if select["type"] in self._selects:
            return all(map(self._selects[select["type"]], values))
        return set(values) <= {option["value"] for option in select.get("options") or []}
