"""What Discord accepts when a bot registers its commands."""

from itertools import pairwise
from typing import Any

from bot.rehearsal.refusals import FormErrors, Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, NUMBER = 1, 2, 3, 4, 5, 10
ATTACHMENT = 11
_LIMITS = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
_LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)
_SIZE = 8000
_ROOT = 0
_NESTING = {_ROOT: {SUBCOMMAND, GROUP}, GROUP: {SUBCOMMAND}, SUBCOMMAND: set()}


def check_commands(commands: Any) -> None:
    """Raise `Refusal` 50035 unless Discord would register this list of commands."""
    errors = FormErrors()
    listed = commands if isinstance(commands, list) else []
    if not isinstance(commands, list):
        errors.add("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    seen: set[tuple[str, int]] = set()
    for index, command in enumerate(listed):
        _check_command(str(index), command, errors)
        key = (str(command.get("name")), command.get("type") or CHAT_INPUT)
        if key in seen:
            message = "Application command names must be unique"
            errors.add(f"{index}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    for kind, limit in _LIMITS.items():
        if sum(1 for _, other in seen if other == kind) > limit:
            message = f"Must be {limit} or fewer in length."
            errors.add("_", "BASE_TYPE_MAX_LENGTH", message)
    errors.raise_if_any()


def _check_command(at: str, command: Json, errors: FormErrors) -> None:
    kind = command.get("type") or CHAT_INPUT
    errors.choice(f"{at}.type", kind, set(_LIMITS))
    if kind == CHAT_INPUT:
        _check_name(at, command, errors)
        _check_description(at, command, errors)
        _check_options(at, command.get("options") or [], errors, _ROOT)
        if _size(command) > _SIZE:
            message = f"Command exceeds maximum size ({_SIZE})"
            errors.add(at, "APPLICATION_COMMAND_TOO_LARGE", message)
        return
    errors.length(f"{at}.name", command.get("name"), 1, 32)
    _check_localizations(f"{at}.name_localizations", command.get("name_localizations"), 32, errors)
    if command.get("description"):
        message = "Context menu commands cannot have description"
        errors.add(f"{at}.description", "CONTEXT_MENU_DESCRIPTION", message)
    if command.get("options"):
        message = "Context menu commands cannot have options"
        errors.add(f"{at}.options", "CONTEXT_MENU_OPTIONS", message)


def _good_name(name: Any) -> bool:
    """Tell whether it is 1 to 32 lower-case letters and digits of any script, `-`, `_`, `'`."""
    return (
        isinstance(name, str)
        and 1 <= len(name) <= 32
        and name == name.lower()
        and all(sign in "-_'" or sign.isalnum() for sign in name)
    )


def _check_name(at: str, thing: Json, errors: FormErrors) -> None:
    names = {"name": thing.get("name")} | {
        f"name_localizations.{locale}": name
        for locale, name in (thing.get("name_localizations") or {}).items()
    }
    for path, name in names.items():
        if not _good_name(name):
            message = "Command name is invalid"
            errors.add(f"{at}.{path}", "APPLICATION_COMMAND_INVALID_NAME", message)
    _check_localizations(f"{at}.name_localizations", thing.get("name_localizations"), 32, errors)


def _check_description(at: str, thing: Json, errors: FormErrors) -> None:
    errors.length(f"{at}.description", thing.get("description"), 1, 100)
    path = f"{at}.description_localizations"
    _check_localizations(path, thing.get("description_localizations"), 100, errors)


def _check_localizations(at: str, texts: Json | None, high: int, errors: FormErrors) -> None:
    for locale, text in (texts or {}).items():
        if locale not in _LOCALES:
            errors.add(f"{at}.{locale}", "ENUM_TYPE_COERCE", f'Value "{locale}" is not a locale.')
        errors.length(f"{at}.{locale}", text, 1, high)


def _check_options(at: str, options: list[Json], errors: FormErrors, parent: int) -> None:
    errors.count(f"{at}.options", options, 25)
    _check_nesting(at, options, errors, parent)
    names = [option.get("name") for option in options]
    for index, option in enumerate(options):
        path = f"{at}.options.{index}"
        _check_name(path, option, errors)
        _check_description(path, option, errors)
        errors.choice(f"{path}.type", option.get("type"), set(range(1, 12)))
        if names.index(option.get("name")) < index:
            message = "Option name already exists"
            errors.add(f"{path}.name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        if option.get("type") in (SUBCOMMAND, GROUP):
            _check_options(path, option.get("options") or [], errors, option["type"])
        else:
            _check_choices(path, option, errors)
            _check_range(path, option, errors)
    for index, (before, after) in enumerate(pairwise(options), 1):
        if after.get("required") and not before.get("required"):
            path = f"{at}.options.{index}"
            message = "Required options must be placed before non-required options"
            errors.add(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)


def _check_nesting(at: str, options: list[Json], errors: FormErrors, parent: int) -> None:
    """Groups stand at the top, subcommands there or in a group, and neither beside others."""
    kinds = {option.get("type") for option in options}
    nested = kinds & {SUBCOMMAND, GROUP}
    mixed = bool(nested) and nested != kinds
    if not nested <= _NESTING[parent] or mixed or (parent == GROUP and not nested):
        message = "Sub-commands and sub-command groups cannot stand here"
        errors.add(f"{at}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _check_choices(at: str, option: Json, errors: FormErrors) -> None:
    choices = errors.count(f"{at}.choices", option.get("choices") or [], 25)
    if choices and option.get("autocomplete"):
        message = "Choices and autocomplete are mutually exclusive"
        errors.add(at, "APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE", message)
    if (choices or option.get("autocomplete")) and option.get("type") not in (
        STRING,
        INTEGER,
        NUMBER,
    ):
        message = "This option type takes no choices"
        errors.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    for index, choice in enumerate(choices):
        path = f"{at}.choices.{index}"
        errors.length(f"{path}.name", choice.get("name"), 1, 100)
        if not fits_type(option.get("type"), choice.get("value")):
            errors.add(f"{path}.value", "BASE_TYPE_REQUIRED", "The value does not fit the option")
        elif option.get("type") == STRING:
            errors.length(f"{path}.value", choice["value"], 1, 100)


def fits_type(kind: Any, value: Any) -> bool:
    """Tell whether a value is of a STRING, INTEGER, BOOLEAN or NUMBER option's type."""
    if kind == STRING:
        return isinstance(value, str)
    if kind == BOOLEAN:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == INTEGER:
        return isinstance(value, int) and abs(value) <= 1 << 53
    return kind == NUMBER and isinstance(value, int | float) and abs(value) <= 1 << 53


def _check_range(at: str, option: Json, errors: FormErrors) -> None:
    kind = option.get("type")
    for key in ("min_value", "max_value"):
        value = option.get(key)
        if value is not None and (kind not in (INTEGER, NUMBER) or not fits_type(kind, value)):
            errors.add(f"{at}.{key}", "NUMBER_TYPE_COERCE", f'Value "{value}" does not fit.')
    for key, low in (("min_length", 0), ("max_length", 1)):
        value = option.get(key)
        if value is not None and (kind != STRING or not low <= value <= 6000):
            errors.add(f"{at}.{key}", "NUMBER_TYPE_RANGE", f"Must be between {low} and 6000.")
    for low_key, high_key in (("min_value", "max_value"), ("min_length", "max_length")):
        low_value, high_value = option.get(low_key), option.get(high_key)
        if low_value is not None and high_value is not None and low_value > high_value:
            message = f"{low_key} must be less than {high_key}"
            errors.add(at, "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", message)


def _size(command: Json) -> int:
    """Return the characters that Discord counts: names, descriptions and string choices."""
    total = len(str(command.get("name", ""))) + len(str(command.get("description", "")))
    total += sum(len(str(choice.get("value", ""))) for choice in command.get("choices") or [])
    return total + sum(_size(option) for option in command.get("options") or [])
