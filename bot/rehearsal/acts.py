"""What a person does that becomes an interaction: commands, buttons, forms; or is declined."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.command_rules import CHAT_INPUT, MESSAGE, USER
from bot.rehearsal.filled_forms import FilledForm
from bot.rehearsal.interactions import Interaction, Interactions, Kind
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.postbox import Postbox
from bot.rehearsal.reach import GUILD_INSTALL, Reach
from bot.rehearsal.refusals import Json
from bot.rehearsal.resolutions import Resolutions
from bot.rehearsal.rules import BUTTON, walk
from bot.rehearsal.sentences import decline
from bot.rehearsal.typed_options import TypedOptions
from bot.rehearsal.world import Channel, Message, User, World


class Acts:
    """Checks what a person does as Discord's client would, and starts the interaction."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        postbox: Postbox,
        interactions: Interactions,
        commands: Callable[[], list[Json]],
    ) -> None:
        self._world, self._payloads, self._postbox = world, payloads, postbox
        self._interactions, self._reach = interactions, Reach(world, commands)
        self._commands = commands

    def command(
        self,
        user: User,
        channel: Channel,
        name: str,
        typed: Mapping[str, Any],
        files: Mapping[str, File],
        locale: str,
    ) -> Interaction:
        """Let a person use a command; file options name a key of `files`. Raises `Declined`."""
        root, *path = _words(name)
        command = self._find_command(root, CHAT_INPUT, user, channel, locale)
        reader = TypedOptions(
            self._world, self._payloads, channel, locale, files, self._postbox.keep_file
        )
        options = reader.read(command, path, typed)
        data = self._command_data(command) | {"options": options}
        if reader.resolved:
            data["resolved"] = reader.resolved
        return self._interactions.start(
            Kind.COMMAND,
            user,
            channel,
            locale,
            data,
            command=" ".join((root, *path)),
            owners=self._reach.owners(command["integration_types"], user, channel),
        )

    def autocomplete(
        self,
        user: User,
        channel: Channel,
        name: str,
        focused: str,
        typed: Mapping[str, Any],
        locale: str,
    ) -> Interaction:
        """Ask the bot for choices while a person is typing the option `focused`."""
        root, *path = _words(name)
        command = self._find_command(root, CHAT_INPUT, user, channel, locale)
        options = _half_typed(command, path, typed, focused)
        data = self._command_data(command) | {"options": options}
        return self._interactions.start(
            Kind.AUTOCOMPLETE,
            user,
            channel,
            locale,
            data,
            command=name,
            owners=self._reach.owners(command["integration_types"], user, channel),
        )

    def menu(
        self, user: User, channel: Channel, name: str, target: Message | User, locale: str
    ) -> Interaction:
        """Let a person use a context-menu command on a message or a member."""
        kind = MESSAGE if isinstance(target, Message) else USER
        command = self._find_command(name, kind, user, channel, locale)
        if isinstance(target, Message):
            resolved: Json = {"messages": {target.id: self._payloads.message(target)}}
        else:
            resolutions = Resolutions(self._world, self._payloads, channel)
            resolutions.user(target.id)
            resolved = resolutions.found
        data = self._command_data(command) | {"target_id": target.id, "resolved": resolved}
        return self._interactions.start(
            Kind.COMMAND,
            user,
            channel,
            locale,
            data,
            command=name,
            command_type=kind,
            owners=self._reach.owners(command["integration_types"], user, channel),
        )

    def component(
        self, user: User, message: Message, custom_id: str, values: list[str] | None, locale: str
    ) -> Interaction:
        """Let a person press a button or choose from a select; raises `Declined`."""
        if not message.seen_by(user.id):
            raise decline("no_message", locale)
        found = [c for _, c in walk(message.components) if c.get("custom_id") == custom_id]
        if not found or found[0].get("disabled"):
            raise decline("no_button", locale)
        component = found[0]
        data: Json = {
            "component_type": component["type"],
            "custom_id": custom_id,
            "id": component.get("id", 1),
        }
        channel = self._world.channel(message.channel_id)
        if component["type"] != BUTTON:
            data |= self._chosen(channel, component, values or [], locale)
        return self._interactions.start(
            Kind.COMPONENT,
            user,
            channel,
            locale,
            data,
            owners=self._owners_of(message, user, channel),
            source=message,
            extra={"message": self._payloads.message(message)},
        )

    def _chosen(self, channel: Channel, select: Json, values: list[str], locale: str) -> Json:
        """Return what a select sends, with what its ids stand for; raises `Declined`."""
        low, high = select.get("min_values", 1), select.get("max_values", 1)
        if not low <= len(values) <= high:
            raise decline("values", locale, low=low, high=high)
        resolutions = Resolutions(self._world, self._payloads, channel)
        if not resolutions.chosen(select, values):
            raise decline("not_offered", locale)
        found = {"resolved": resolutions.found} if resolutions.found else {}
        return {"values": values} | found

    def submit(
        self,
        user: User,
        form: str,
        values: Mapping[str, Any],
        files: Mapping[str, File],
        locale: str,
    ) -> Interaction:
        """Let a person send the form that an interaction of theirs (its id) opened.

        Values go by `custom_id`: a text, or a list of ids, of options, of keys of `files`.
        """
        opened = self._interactions.find(form)
        if opened is None or opened.modal is None or opened.user.id != user.id:
            raise decline("no_form", locale)
        reader = FilledForm(
            self._world, self._payloads, opened.channel, locale, files, self._postbox.keep_file
        )
        data = reader.read(opened.modal, values)
        source = opened.source
        return self._interactions.start(
            Kind.MODAL,
            user,
            opened.channel,
            locale,
            data,
            owners=opened.owners,
            opened_by=opened,
            source=source,
            extra={"message": self._payloads.message(source)} if source else {},
        )

    def _find_command(
        self, name: str, kind: int, user: User, channel: Channel, locale: str
    ) -> Json:
        """Return a command that a person may use in a channel; raises `Declined`."""
        found = [c for c in self._commands() if (c["name"], c["type"]) == (name, kind)]
        if not found:
            raise decline("no_command", locale, command=name)
        wanted = Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS
        if not self._world.may(user.id, channel, wanted):
            raise decline("no_commands_here", locale, channel=channel.name)
        if not self._reach.offers(found[0], user, channel):
            raise decline("not_for_you", locale, command=name)
        return found[0]

    def _owners_of(self, message: Message, user: User, channel: Channel) -> Json:
        """Return by which installation a message's buttons work: that which made it."""
        made = message.interaction
        return made["owners"] if made else self._reach.owners([GUILD_INSTALL], user, channel)

    @staticmethod
    def _command_data(command: Json) -> Json:
        data = {"id": command["id"], "name": command["name"], "type": command.get("type", 1)}
        return data | ({"guild_id": command["guild_id"]} if command.get("guild_id") else {})


def _words(name: str) -> list[str]:
    return name.lstrip("/").split() or [""]


def _half_typed(
    command: Json, path: list[str], typed: Mapping[str, Any], focused: str
) -> list[Json]:
    """Return unchecked options as autocomplete sends them, inside their subcommands."""
    specs: list[Json] = command.get("options") or []
    if path:
        inner = next((spec for spec in specs if spec["name"] == path[0]), {"type": 1})
        options = _half_typed(inner, path[1:], typed, focused)
        return [{"name": path[0], "type": inner["type"], "options": options}]
    return [
        {"name": spec["name"], "type": spec["type"], "value": typed[spec["name"]]}
        | ({"focused": True} if spec["name"] == focused else {})
        for spec in specs
        if spec["name"] in typed
    ]
