"""What a person typed into a command, checked as Discord's client checks it before the bot."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.command_rules import (
    ATTACHMENT,
    BOOLEAN,
    GROUP,
    INTEGER,
    NUMBER,
    STRING,
    SUBCOMMAND,
    fits_type,
)
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Declined, Json
from bot.rehearsal.resolutions import Resolutions
from bot.rehearsal.sentences import decline
from bot.rehearsal.world import Attachment, Channel, World

USER, CHANNEL, ROLE, MENTIONABLE = 6, 7, 8, 9
STRING_LIMIT = 6000


class TypedOptions:
    """One command as typed: `options` and `resolved` of the interaction, or `Declined`."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        channel: Channel,
        locale: str,
        files: Mapping[str, File],
        keep: Callable[[Channel, File], Attachment],
    ) -> None:
        self._world, self._keep = world, keep
        self._resolutions = Resolutions(world, payloads, channel)
        self._channel, self._locale, self._files = channel, locale, files
        self._checkers: dict[int, Callable[[Json, Any], Any]] = {
            STRING: self._string,
            INTEGER: self._number,
            NUMBER: self._number,
            BOOLEAN: self._boolean,
            USER: self._user,
            CHANNEL: self._channel_option,
            ROLE: self._role,
            MENTIONABLE: self._mentionable,
            ATTACHMENT: self._file,
        }

    @property
    def resolved(self) -> Json:
        """What the ids among the options stand for."""
        return self._resolutions.found

    def read(self, command: Json, path: list[str], typed: Mapping[str, Any]) -> list[Json]:
        """Return the options of an interaction for `/command path...` with typed values."""
        specs: list[Json] = command.get("options") or []
        nested = [spec for spec in specs if spec["type"] in (SUBCOMMAND, GROUP)]
        if nested:
            name = path[0] if path else ""
            spec = next((one for one in nested if one["name"] == name), None)
            if spec is None:
                raise self._declined("unknown", name, command=command["name"])
            return [
                {"name": name, "type": spec["type"], "options": self.read(spec, path[1:], typed)}
            ]
        names = {spec["name"] for spec in specs}
        for name in [*path, *typed]:
            if name not in names:
                raise self._declined("unknown", name, command=command["name"])
        return [option for spec in specs if (option := self._option(spec, typed)) is not None]

    def _option(self, spec: Json, typed: Mapping[str, Any]) -> Json | None:
        value = typed.get(spec["name"])
        if value is None or value == "":
            if spec.get("required"):
                raise self._declined("missing", spec)
            return None
        checked = self._checkers[spec["type"]](spec, value)
        return {"name": spec["name"], "type": spec["type"], "value": checked}

    def _declined(self, key: str, option: Json | str, **words: Any) -> Declined:
        name = option
        if not isinstance(option, str):
            local = (option.get("name_localizations") or {}).get(self._locale)
            name = local or option["name"]
        return decline(key, self._locale, option=name, **words)

    def _string(self, spec: Json, value: Any) -> str:
        if not isinstance(value, str):
            raise self._declined("text", spec)
        low, high = spec.get("min_length") or 0, spec.get("max_length") or STRING_LIMIT
        if len(value) < low:
            raise self._declined("short", spec, limit=low)
        if len(value) > high:
            raise self._declined("long", spec, limit=high)
        self._one_of(spec, value)
        return value

    def _number(self, spec: Json, value: Any) -> int | float:
        kind = spec["type"]
        if kind == INTEGER and isinstance(value, float) and value.is_integer():
            value = int(value)
        if not fits_type(kind, value):
            raise self._declined("whole" if kind == INTEGER else "number", spec)
        low, high = spec.get("min_value"), spec.get("max_value")
        if low is not None and value < low:
            raise self._declined("low", spec, limit=low)
        if high is not None and value > high:
            raise self._declined("high", spec, limit=high)
        self._one_of(spec, value)
        return value  # type: ignore[no-any-return]  # fits_type checked it

    def _one_of(self, spec: Json, value: Any) -> None:
        choices = spec.get("choices")
        if choices and value not in [choice["value"] for choice in choices]:
            listed = ", ".join(choice["name"] for choice in choices)
            raise self._declined("choice", spec, limit=listed)

    def _boolean(self, spec: Json, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._declined("yes_no", spec)
        return value

    def _user(self, spec: Json, value: Any) -> str:
        if not self._resolutions.user(str(value)):
            raise self._declined("nobody", spec)
        return str(value)

    def _channel_option(self, spec: Json, value: Any) -> str:
        if not self._resolutions.channel(str(value), spec.get("channel_types")):
            raise self._declined("no_channel", spec)
        return str(value)

    def _role(self, spec: Json, value: Any) -> str:
        if not self._resolutions.role(str(value)):
            raise self._declined("no_role", spec)
        return str(value)

    def _mentionable(self, spec: Json, value: Any) -> str:
        if not self._resolutions.mentionable(str(value)):
            raise self._declined("nobody", spec)
        return str(value)

    def _file(self, spec: Json, value: Any) -> str:
        file = self._files.get(str(value))
        if file is None:
            raise self._declined("file", spec)
        limit = self._world.guild.file_limit
        if len(file.content) > limit:
            raise self._declined("too_large", spec, limit=limit >> 20)
        attachment = self._keep(self._channel, file)
        self._resolutions.file(attachment)
        return attachment.id
