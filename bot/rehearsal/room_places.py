"""People, servers and channels as the room's page shows them."""

from bot.rehearsal.grants import SWITCHES, Grants
from bot.rehearsal.people import Person
from bot.rehearsal.reach import Reach
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, Channel, Guild, User, World


class RoomPlaces:
    """Describes what stands in the page's sidebar."""

    def __init__(self, world: World, reach: Reach, grants: Grants) -> None:
        self._world, self._reach, self._grants = world, reach, grants

    def guild(self, guild: Guild) -> Json:
        """Return a server with its roles."""
        given = [role.id for role in self._grants.by_hand()]
        roles = [
            {"id": role.id, "name": role.name, "by_hand": role.id in given}
            for role in guild.roles.values()
        ]
        return {"id": guild.id, "name": guild.name, "roles": roles}

    def channel(self, channel: Channel, person: Person) -> Json:
        """Return a channel with what this person can do there."""
        thread = channel.thread
        return {
            "id": channel.id,
            "name": self._world.bot.name if channel.type == DM else channel.name,
            "type": channel.type,
            "topic": channel.topic,
            "guild": channel.guild_id,
            "parent": None if thread is None else thread.parent_id,
            "archived": thread is not None and thread.archived,
            "locked": thread is not None and thread.locked,
            "may_post": self._world.may_post(person.id, channel),
            "offered": self.offered(channel, person),
        }

    def offered(self, channel: Channel, person: Person) -> list[str]:
        """Return the ids of the commands that a person can use in a channel."""
        return [command["id"] for command in self._reach.offered(person.user, channel)]

    def person(self, user: User) -> Json:
        """Return somebody with their roles and the permissions that the room can switch."""
        guild = self._world.guild
        held = self._grants.held(user)
        mine = guild.members[user.id].roles
        return {
            "id": user.id,
            "name": user.name,
            "avatar_color": user.color,
            "bot": user.bot,
            "locale": user.locale,
            "owner": user.id == guild.owner_id,
            "roles": [role.name for role in self._grants.by_hand() if role.id in mine],
            "may": {str(one.name): held & one == one for one in SWITCHES},
        }
