"""What Discord accepts when a bot opens a form (a modal): its title, its fields, their bounds."""

from collections.abc import Iterator
from typing import Any

from bot.rehearsal.refusals import FormErrors, Json
from bot.rehearsal.rules import ROW, SELECTS, STRING_SELECT, TEXT_INPUT, numbered

TEXT_DISPLAY, LABEL, FILE_UPLOAD = 10, 18, 19
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23
LISTED = {STRING_SELECT, RADIO, CHECKBOXES}
TEXT_LIMIT = 4000
_FIELDS = {TEXT_INPUT, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX} | SELECTS
_MOST = {FILE_UPLOAD: 10, CHECKBOXES: 10}


def form_fields(form: Json) -> Iterator[tuple[str, str, Json]]:
    """Iterate over a form's fields, each with its dotted path and the label that people read."""
    for index, part in enumerate(form.get("components") or []):
        path = f"components.{index}"
        if part.get("type") == ROW:
            for number, field in enumerate(part.get("components") or []):
                yield f"{path}.components.{number}", str(field.get("label") or ""), field
        elif part.get("type") == LABEL:
            yield f"{path}.component", str(part.get("label") or ""), part.get("component") or {}


def checked_form(data: Json) -> Json:
    """Return the form with its components numbered; raises `Refusal` 50035."""
    errors = FormErrors()
    errors.length("data.title", data.get("title"), 1, 45)
    errors.length("data.custom_id", data.get("custom_id"), 1, 100)
    parts = errors.count("data.components", data.get("components"), 5)
    if not parts:
        errors.add("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, part in enumerate(parts):
        _check_part(f"data.components.{index}", part, errors)
    errors.raise_if_any()
    seen: set[str] = set()
    for path, _, field in form_fields(data):
        _check_field(f"data.{path}", field, errors)
        if field.get("custom_id") in seen:
            message = "Component custom id cannot be duplicated"
            errors.add(f"data.{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(str(field.get("custom_id")))
    errors.raise_if_any()
    return data | {"components": numbered(data["components"])}


def _check_part(at: str, part: Json, errors: FormErrors) -> None:
    errors.choice(f"{at}.type", part.get("type"), {ROW, TEXT_DISPLAY, LABEL})
    if part.get("type") == LABEL:
        errors.length(f"{at}.label", part.get("label"), 1, 45)
        errors.length(f"{at}.description", part.get("description") or "", 0, 100)
        kind = (part.get("component") or {}).get("type")
        errors.choice(f"{at}.component.type", kind, _FIELDS)
    elif part.get("type") == TEXT_DISPLAY:
        errors.length(f"{at}.content", part.get("content"), 1, TEXT_LIMIT)
    elif part.get("type") == ROW:
        fields = errors.count(f"{at}.components", part.get("components"), 1)
        for field in fields:
            errors.choice(f"{at}.components.0.type", field.get("type"), {TEXT_INPUT})
            errors.length(f"{at}.components.0.label", field.get("label"), 1, 45)


def _check_field(at: str, field: Json, errors: FormErrors) -> None:
    errors.length(f"{at}.custom_id", field.get("custom_id"), 1, 100)
    kind = field["type"]
    if kind == TEXT_INPUT:
        errors.choice(f"{at}.style", field.get("style"), {1, 2})
        errors.length(f"{at}.value", field.get("value") or "", 0, TEXT_LIMIT)
        errors.length(f"{at}.placeholder", field.get("placeholder") or "", 0, 100)
        _check_bounds(at, field, ("min_length", "max_length"), TEXT_LIMIT, errors)
        return
    errors.length(f"{at}.placeholder", field.get("placeholder") or "", 0, 150)
    _check_bounds(at, field, ("min_values", "max_values"), _MOST.get(kind, 25), errors)
    if kind in LISTED:
        most = 25 if kind == STRING_SELECT else 10
        if not errors.count(f"{at}.options", field.get("options"), most):
            message = f"Must be between 1 and {most} in length."
            errors.add(f"{at}.options", "BASE_TYPE_BAD_LENGTH", message)
    if field.get("disabled"):
        message = "Selects in a form cannot be disabled"
        errors.add(f"{at}.disabled", "COMPONENT_DISABLED_IN_MODAL", message)


def _check_bounds(
    at: str, field: Json, keys: tuple[str, str], most: int, errors: FormErrors
) -> None:
    low, high = (_bound(field.get(key)) for key in keys)
    for key, value, least in zip(keys, (low, high), (0, 1), strict=True):
        if value is not None and not least <= value <= most:
            errors.add(f"{at}.{key}", "NUMBER_TYPE_RANGE", f"Must be between {least} and {most}.")
    if low is not None and high is not None and low > high:
        message = f"{keys[0]} must not be more than {keys[1]}"
        errors.add(f"{at}.{keys[0]}", "COMPONENT_BOUNDS_INVALID", message)


def _bound(value: Any) -> int | None:
    """Return a bound as a number; what is none is beyond every bound."""
    return value if value is None or type(value) is int else -1
