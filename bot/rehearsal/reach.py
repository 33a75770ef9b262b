"""For whom and where a command is meant: installations, contexts, default permissions."""

from collections.abc import Callable
from enum import IntEnum

from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import DM, Channel, User, World

GUILD_INSTALL, USER_INSTALL = 0, 1


class Context(IntEnum):
    """Where an interaction happens."""

    GUILD = 0
    BOT_DM = 1


def context_of(channel: Channel) -> Context:
    """Return the context of what happens in a channel."""
    return Context.BOT_DM if channel.type == DM else Context.GUILD


class Reach:
    """Tells what a person finds when they type a slash somewhere."""

    def __init__(self, world: World, commands: Callable[[], list[Json]]) -> None:
        self._world, self._commands = world, commands

    def offered(self, user: User, channel: Channel) -> list[Json]:
        """Return the commands that a person can use in a channel."""
        wanted = Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS
        if not self._world.may(user.id, channel, wanted):
            return []
        return [command for command in self._commands() if self.offers(command, user, channel)]

    def offers(self, command: Json, user: User, channel: Channel) -> bool:
        """Tell whether one command is meant for this person and this place."""
        context, contexts = context_of(channel), command.get("contexts")
        if contexts is None:
            contexts = [Context.GUILD]
            contexts += [Context.BOT_DM] if command.get("dm_permission", True) else []
        if context not in contexts or not self.owners(command["integration_types"], user, channel):
            return False
        if command.get("guild_id") not in (None, channel.guild_id):
            return False
        return context is not Context.GUILD or self._permitted(command, user, channel)

    def owners(self, installs: list[int], user: User, channel: Channel) -> Json:
        """Return `authorizing_integration_owners`: by which installation this may happen at all."""
        owners: Json = {}
        if GUILD_INSTALL in installs:
            if context_of(channel) is Context.BOT_DM:
                owners["0"] = "0"  # installed in some guild, used in the bot's own DMs
            elif channel.guild_id == self._world.guild.id:
                owners["0"] = channel.guild_id
        if USER_INSTALL in installs and user.installed:
            owners["1"] = user.id
        return owners

    def _permitted(self, command: Json, user: User, channel: Channel) -> bool:
        """Discord hides a command from whoever lacks one of its default permissions.

        The empty set ("0") is for administrators alone.
        """
        default = command.get("default_member_permissions")
        held = self._world.permissions(user.id, channel)
        if default is None or held & Permission.ADMINISTRATOR:
            return True
        return int(default) != 0 and held & int(default) == int(default)
