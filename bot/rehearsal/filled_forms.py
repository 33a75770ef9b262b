"""A form as a person filled it in, checked as Discord's client checks it before the bot."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.form_rules import (
    CHECKBOX,
    FILE_UPLOAD,
    LABEL,
    RADIO,
    TEXT_DISPLAY,
    TEXT_LIMIT,
    form_fields,
)
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Json
from bot.rehearsal.resolutions import Resolutions
from bot.rehearsal.rules import TEXT_INPUT
from bot.rehearsal.sentences import decline
from bot.rehearsal.world import Attachment, Channel, World


class FilledForm:
    """The answers to one form: `components` and `resolved` of the interaction, or `Declined`."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        channel: Channel,
        locale: str,
        files: Mapping[str, File],
        keep: Callable[[Channel, File], Attachment],
    ) -> None:
        self._world, self._keep, self._channel = world, keep, channel
        self._locale, self._files = locale, files
        self._resolutions = Resolutions(world, payloads, channel)

    def read(self, form: Json, values: Mapping[str, Any]) -> Json:
        """Return the data of the interaction for values by `custom_id`."""
        answers = {
            field["custom_id"]: self._answer(label, field, values)
            for _, label, field in form_fields(form)
        }
        data: Json = {
            "custom_id": form["custom_id"],
            "components": [_part(part, answers) for part in form["components"]],
        }
        return data | ({"resolved": self._resolutions.found} if self._resolutions.found else {})

    def _answer(self, label: str, field: Json, values: Mapping[str, Any]) -> Json:
        kind, custom_id = field["type"], field["custom_id"]
        given = values.get(custom_id)
        about: Json = {"type": kind, "id": field["id"], "custom_id": custom_id}
        if kind == TEXT_INPUT:
            text = field.get("value") or "" if given is None else str(given)
            return about | {"value": self._text(label, field, text)}
        if kind == CHECKBOX:
            return about | {"value": bool(field.get("default") if given is None else given)}
        if given is None:
            given = [o["value"] for o in field.get("options") or [] if o.get("default")]
        several = [str(one) for one in (given if isinstance(given, list) else [given])]
        self._check_count(label, field, len(several))
        if kind == FILE_UPLOAD:
            return about | {"values": [self._file(label, name) for name in several]}
        if kind == RADIO:
            self._check_offered(field, several)
            return about | {"value": several[0] if several else None}
        self._check_offered(field, several)
        return about | {"values": several}

    def _text(self, label: str, field: Json, text: str) -> str:
        if not text:
            if field.get("required", True):
                raise decline("missing", self._locale, option=label)
            return text
        if len(text) < (low := field.get("min_length") or 0):
            raise decline("short", self._locale, option=label, limit=low)
        if len(text) > (high := field.get("max_length") or TEXT_LIMIT):
            raise decline("long", self._locale, option=label, limit=high)
        return text

    def _check_count(self, label: str, field: Json, count: int) -> None:
        required = field.get("required", True) is not False
        if not count and not required:
            return
        if not count:
            key = "file" if field["type"] == FILE_UPLOAD else "missing"
            raise decline(key, self._locale, option=label)
        low = field.get("min_values")
        low, high = 1 if low is None else low, field.get("max_values") or 1
        if not low <= count <= high:
            raise decline("count", self._locale, option=label, low=low, high=high)

    def _check_offered(self, field: Json, values: list[str]) -> None:
        if not self._resolutions.chosen(field, values):
            raise decline("not_offered", self._locale)

    def _file(self, label: str, name: str) -> str:
        file = self._files.get(name)
        if file is None:
            raise decline("file", self._locale, option=label)
        limit = self._world.guild.file_limit
        if len(file.content) > limit:
            raise decline("too_large", self._locale, option=label, limit=limit >> 20)
        attachment = self._keep(self._channel, file)
        self._resolutions.file(attachment)
        return attachment.id


def _part(part: Json, answers: Mapping[str, Json]) -> Json:
    """Return a part of a form as it is sent back: its type, its id, and the answer in it."""
    about = {"type": part["type"], "id": part["id"]}
    if part["type"] == TEXT_DISPLAY:
        return about
    if part["type"] == LABEL:
        return about | {"component": answers[part["component"]["custom_id"]]}
    return about | {"components": [answers[f["custom_id"]] for f in part["components"]]}
