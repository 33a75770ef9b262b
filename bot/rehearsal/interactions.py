"""Interactions: made when a person acts, answered by the bot within its time."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.command_rules import CHAT_INPUT
from bot.rehearsal.events import Events, InteractionCreated, InteractionFailed
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.postbox import Postbox
from bot.rehearsal.refusals import Json, Refusal, unknown
from bot.rehearsal.rules import walk
from bot.rehearsal.sentences import decline
from bot.rehearsal.typed_options import TypedOptions
from bot.rehearsal.world import Channel, Message, User, World

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
_FAILED = {"en": "The application did not respond", "zh": "该应用未响应"}


class Kind(IntEnum):
    """What the person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass
class Interaction:
    """One act of a person and what the bot made of it."""

    id: str
    token: str
    kind: Kind
    user: User
    channel: Channel
    created: float
    command: str = ""
    command_type: int = CHAT_INPUT
    acked: bool = False
    error: str | None = None
    response_type: int | None = None
    original: Message | None = None
    source: Message | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    deferred: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None

    def stub(self) -> Json:
        """Return what messages tell about the interaction they answer."""
        named = f"{self.command}" if self.kind is Kind.COMMAND else ""
        return {"id": self.id, "type": int(self.kind), "user_id": self.user.id, "name": named}

    def settle(self) -> None:
        """Note that the bot answered, or that its time is over."""
        if self.timer is not None:
            self.timer.cancel()
        self.settled.set()


class Interactions:
    """Makes interactions, keeps the time, and finds them again."""

    def __init__(
        self,
        world: World,
        events: Events,
        payloads: Payloads,
        postbox: Postbox,
        commands: Callable[[], list[Json]],
        acknowledge_seconds: float = ACKNOWLEDGE_SECONDS,
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._postbox, self._commands = postbox, commands
        self._acknowledge_seconds = acknowledge_seconds
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def command(
        self, user: User, channel: Channel, name: str, typed: Mapping[str, Any],
        files: Mapping[str, File], locale: str,
    ) -> Interaction:  # fmt: skip
        """Let a person use a command; file options name a key of `files`. Raises `Declined`."""
        root, *path = name.lstrip("/").split()
        command = self._find_command(root, CHAT_INPUT, locale)
        self._require(user, channel, locale)
        reader = TypedOptions(
            self._world, self._payloads, channel, locale, files, self._postbox.keep_file
        )
        options = reader.read(command, path, typed)
        data = self._command_data(command) | {"options": options}
        if reader.resolved:
            data["resolved"] = reader.resolved
        return self._dispatch(Kind.COMMAND, user, channel, locale, data, command=name.lstrip("/"))

    def autocomplete(
        self, user: User, channel: Channel, name: str, focused: str, typed: Mapping[str, Any],
        locale: str,
    ) -> Interaction:  # fmt: skip
        """Ask the bot for choices while a person is typing the option `focused`."""
        root, *path = name.lstrip("/").split()
        command = self._find_command(root, CHAT_INPUT, locale)
        options: list[Json] = command.get("options") or []
        filled: list[Json] = []
        level = filled
        for step in path:
            spec = next((one for one in options if one["name"] == step), None)
            if spec is None:
                raise decline("no_command", locale, command=name)
            level.append({"name": step, "type": spec["type"], "options": []})
            level, options = level[-1]["options"], spec.get("options") or []
        for spec in options:
            if spec["name"] in typed:
                value = typed[spec["name"]]
                entry = {"name": spec["name"], "type": spec["type"], "value": value}
                level.append(entry | ({"focused": True} if spec["name"] == focused else {}))
        data = self._command_data(command) | {"options": filled}
        return self._dispatch(Kind.AUTOCOMPLETE, user, channel, locale, data, command=name)

    def menu(
        self, user: User, channel: Channel, name: str, target: Message | User, locale: str
    ) -> Interaction:
        """Let a person use a context-menu command on a message or a member."""
        on_message = isinstance(target, Message)
        kind = 3 if on_message else 2
        command = self._find_command(name, kind, locale)
        self._require(user, channel, locale)
        if isinstance(target, Message):
            resolved: Json = {"messages": {target.id: self._payloads.message(target)}}
        else:
            member = self._payloads.member(self._world.guild.members[target.id], channel)
            users = {target.id: member.pop("user")}
            resolved = {"users": users, "members": {target.id: member}}
        data = self._command_data(command) | {"target_id": target.id, "resolved": resolved}
        return self._dispatch(
            Kind.COMMAND, user, channel, locale, data, command=name, command_type=kind
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
        if component["type"] != 2:
            _check_values(component, values or [], locale)
            data["values"] = values or []
        channel = self._world.channel(message.channel_id)
        return self._dispatch(
            Kind.COMPONENT, user, channel, locale, data, source=message,
            extra={"message": self._payloads.message(message)},
        )  # fmt: skip

    def submit(self, opened: Interaction, values: Mapping[str, str], locale: str) -> Interaction:
        """Let a person send the form that an interaction opened, texts by `custom_id`."""
        if opened.modal is None:
            raise decline("no_form", locale)
        rows = []
        for row in opened.modal["components"]:
            fields = row.get("components") or [row.get("component") or {}]
            filled = [
                {"type": f["type"], "id": 1, "custom_id": f["custom_id"],
                 "value": values.get(f["custom_id"], f.get("value", ""))}
                for f in fields if "custom_id" in f
            ]  # fmt: skip
            held = {"components": filled} if row["type"] == 1 else {"component": filled[0]}
            rows.append({"type": row["type"], "id": 1} | held)
        data = {"custom_id": opened.modal["custom_id"], "components": rows}
        return self._dispatch(
            Kind.MODAL, opened.user, opened.channel, locale, data, source=opened.source,
            extra={"message": self._payloads.message(opened.source)} if opened.source else {},
        )  # fmt: skip

    def waiting(self, interaction_id: str, token: str) -> Interaction:
        """Return the interaction that may be acknowledged; raises `Refusal` 10062 or 40060."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.error:
            raise unknown("Interaction")
        age = self._world.clock() - interaction.created
        if interaction.acked and age <= TOKEN_SECONDS:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if age > (TOKEN_SECONDS if interaction.acked else self._acknowledge_seconds):
            raise unknown("Interaction")
        return interaction

    def followed(self, token: str) -> Interaction:
        """Return the interaction for its webhook; raises `Refusal` 10015 or 50027."""
        interaction = self._by_token.get(token)
        if interaction is None or not interaction.acked:
            raise unknown("Webhook")
        if self._world.clock() - interaction.created > TOKEN_SECONDS:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return interaction

    def close(self) -> None:
        """Stop every timer."""
        for interaction in self._by_id.values():
            interaction.settle()

    def _find_command(self, name: str, kind: int, locale: str) -> Json:
        for command in self._commands():
            if command["name"] == name and command["type"] == kind:
                return command
        raise decline("no_command", locale, command=name)

    def _require(self, user: User, channel: Channel, locale: str) -> None:
        wanted = Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS
        if not self._world.may(user.id, channel, wanted):
            raise decline("no_commands_here", locale, channel=channel.name)

    @staticmethod
    def _command_data(command: Json) -> Json:
        data = {"id": command["id"], "name": command["name"], "type": command.get("type", 1)}
        return data | ({"guild_id": command["guild_id"]} if command.get("guild_id") else {})

    def _dispatch(
        self, kind: Kind, user: User, channel: Channel, locale: str, data: Json,
        *, extra: Json | None = None, **kwargs: Any,
    ) -> Interaction:  # fmt: skip
        token = secrets.token_urlsafe(96)
        interaction = Interaction(
            self._world.snowflakes.next(), token, kind, user, channel, self._world.clock(), **kwargs
        )
        self._by_id[interaction.id] = self._by_token[token] = interaction
        loop = asyncio.get_running_loop()
        interaction.timer = loop.call_later(
            self._acknowledge_seconds, self._give_up, interaction, locale
        )
        payload = self._payloads.interaction(
            interaction.id, token, int(kind), user, channel, locale, data
        )
        self._events.emit(InteractionCreated(payload | (extra or {})))
        return interaction

    def _give_up(self, interaction: Interaction, locale: str) -> None:
        interaction.error = _FAILED["zh" if locale.startswith("zh") else "en"]
        interaction.settle()
        if interaction.kind is not Kind.AUTOCOMPLETE:  # the client only shows an empty list then
            self._events.emit(
                InteractionFailed(interaction.id, interaction.user, interaction.error)
            )


def _check_values(select: Json, values: list[str], locale: str) -> None:
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if not low <= len(values) <= high:
        raise decline("values", locale, low=low, high=high)
    known = [option["value"] for option in select.get("options") or []]
    if known and not set(values) <= set(known):
        raise decline("not_offered", locale)
