"""What one person may do in the studio: roles given and taken, single permissions likewise."""

from bot.rehearsal.events import ChannelUpdated, Events, MemberUpdated, RoleCreated, RoleUpdated
from bot.rehearsal.permissions import Overwrite, Permission
from bot.rehearsal.refusals import Declined
from bot.rehearsal.sentences import decline
from bot.rehearsal.world import TEXT, Member, Role, User, World

SWITCHES = (
    Permission.USE_APPLICATION_COMMANDS,
    Permission.SEND_MESSAGES,
    Permission.ATTACH_FILES,
    Permission.ADD_REACTIONS,
    Permission.CREATE_PUBLIC_THREADS,
    Permission.MANAGE_MESSAGES,
    Permission.MANAGE_GUILD,
)
"""The permissions that the room offers to switch for a person."""


class Grants:
    """Does it as a server's owner would: by roles, and by overwrites in every channel."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events
        self._own: dict[str, Role] = {}

    def held(self, user: User) -> int:
        """Return the permissions of a member where no channel but their own overwrites differ."""
        first = next(c for c in self._world.channels.values() if c.type == TEXT)
        return self._world.permissions(user.id, first)

    def by_hand(self) -> list[Role]:
        """Return the roles that people are given: not the bot's, nor one person's alone."""
        guild, personal = self._world.guild, [role.id for role in self._own.values()]
        return [
            role
            for role in guild.roles.values()
            if not role.managed and role.id not in (guild.id, *personal)
        ]

    def give_role(self, user: User, name: str) -> None:
        """Give a role, by name or id, to a member; raises `Declined`."""
        role, member = self._role(name), self._member(user)
        if role.id not in member.roles:
            member.roles.append(role.id)
            self._events.emit(MemberUpdated(user))

    def take_role(self, user: User, name: str) -> None:
        """Take a role, by name or id, from a member; raises `Declined`."""
        role, member = self._role(name), self._member(user)
        if role.id in member.roles:
            member.roles.remove(role.id)
            self._events.emit(MemberUpdated(user))

    def give(self, user: User, wanted: Permission) -> None:
        """Give permissions to a person: what was denied is allowed, the rest comes by a role."""
        self._overwrite(user, allow=wanted)
        missing = wanted & ~self.held(user)
        if missing:
            self._widen(user, missing)
        self._events.emit(MemberUpdated(user))

    def deny(self, user: User, wanted: Permission) -> None:
        """Take permissions from a person; raises `Declined` for the owner, who may everything."""
        if user.id == self._world.guild.owner_id:
            raise decline("owner", user.locale)
        own = self._own.get(user.id)
        if own is not None:
            own.permissions &= ~wanted
            self._events.emit(RoleUpdated(own))
        self._overwrite(user, deny=wanted & self.held(user))
        self._events.emit(MemberUpdated(user))

    def _widen(self, user: User, missing: int) -> None:
        """Add to the role that only this person has, made when it is first needed."""
        role = self._own.get(user.id)
        if role is not None:
            role.permissions |= missing
            self._events.emit(RoleUpdated(role))
            return
        position = len(self._world.guild.roles)
        role = Role(self._world.snowflakes.next(), user.username, missing, position)
        self._own[user.id] = self._world.guild.roles[role.id] = role
        self._events.emit(RoleCreated(role))
        self._member(user).roles.append(role.id)

    def _overwrite(self, user: User, allow: int = 0, deny: int = 0) -> None:
        for channel in list(self._world.channels.values()):
            if channel.guild_id != self._world.guild.id or channel.type != TEXT:
                continue
            own = next((one for one in channel.overwrites if one.id == user.id), None)
            if own is None and not deny:
                continue
            if own is None:
                own = Overwrite(user.id, 1)
                channel.overwrites.append(own)
            own.deny = own.deny & ~allow | deny
            own.allow &= ~deny
            self._events.emit(ChannelUpdated(channel))

    def _member(self, user: User) -> Member:
        return self._world.guild.members[user.id]

    def _role(self, name: str) -> Role:
        for role in self._world.guild.roles.values():
            if name in (role.id, role.name):
                return role
        raise Declined(f"There is no role called {name}.")
