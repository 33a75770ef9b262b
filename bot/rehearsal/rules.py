"""What Discord accepts in a message: lengths, counts, embeds, buttons and files."""

from collections.abc import Iterator
from copy import deepcopy
from enum import IntFlag
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.refusals import FormErrors, Json, Refusal, too_large

CONTENT = 2000
FILES = 10
EMBEDS = 10
EMBED_TOTAL = 6000
NONCE = 25
ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = {STRING_SELECT, 5, 6, 7, 8}
LINK_BUTTON, PREMIUM_BUTTON = 5, 6


class Flag(IntFlag):
    """The message flags that the rehearsal knows."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


def check_message(body: Json, files: list[File], file_limit: int) -> None:
    """Raise `Refusal` unless Discord would take this as a message or an edit of one."""
    if any(len(file.content) > file_limit for file in files):
        raise too_large()
    errors = FormErrors()
    if body.get("content") is not None:
        errors.length("content", body["content"], 0, CONTENT)
    if body.get("nonce") is not None and len(str(body["nonce"])) > NONCE:
        errors.add("nonce", "NONCE_TYPE_TOO_LONG", f"Must be {NONCE} or fewer in length.")
    if not isinstance(body.get("flags") or 0, int):
        errors.add("flags", "NUMBER_TYPE_COERCE", f'Value "{body["flags"]}" is not int.')
    _check_embeds(body.get("embeds") or [], errors)
    _check_components(body.get("components") or [], errors)
    _check_attachments(body.get("attachments") or [], files, errors)
    _check_mentions(body.get("allowed_mentions") or {}, errors)
    errors.raise_if_any()
    if (body.get("flags") or 0) & Flag.COMPONENTS_V2 and (
        body.get("content") or body.get("embeds")
    ):
        errors.add(
            "flags",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "The 'content' and 'embeds' fields cannot be used with MessageFlags.IS_COMPONENTS_V2",
        )
        errors.raise_if_any()


def check_not_empty(content: str, *parts: Any) -> None:
    """Raise `Refusal` 50006 when a message would have nothing in it."""
    if not content and not any(parts):
        raise Refusal(400, 50006, "Cannot send an empty message")


def _check_embeds(embeds: Any, errors: FormErrors) -> None:
    total = 0
    for index, embed in enumerate(errors.count("embeds", embeds, EMBEDS)):
        at = f"embeds.{index}"
        if not isinstance(embed, dict):
            errors.add(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        for path, text, high in _embed_texts(embed):
            errors.length(f"{at}.{path}", text, 0, high)
            total += len(str(text))
        errors.count(f"{at}.fields", embed.get("fields") or [], 25)
        for number, field in enumerate(embed.get("fields") or []):
            for key in ("name", "value"):
                if not field.get(key):
                    where = f"{at}.fields.{number}.{key}"
                    errors.add(where, "BASE_TYPE_REQUIRED", "This field is required")
    if total > EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _embed_texts(embed: Json) -> Iterator[tuple[str, Any, int]]:
    for path, high in (("title", 256), ("description", 4096)):
        if embed.get(path) is not None:
            yield path, embed[path], high
    for part, key, high in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(part):
            yield f"{part}.{key}", embed[part].get(key, ""), high
    for index, field in enumerate(embed.get("fields") or []):
        yield f"fields.{index}.name", field.get("name", ""), 256
        yield f"fields.{index}.value", field.get("value", ""), 1024


def walk(components: list[Json], at: str = "components") -> Iterator[tuple[str, Json]]:
    """Iterate over components and what they hold, each with its dotted path."""
    for index, component in enumerate(components):
        path = f"{at}.{index}"
        yield path, component
        yield from walk(component.get("components") or [], f"{path}.components")
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]], f"{path}.{key}")


def numbered(components: list[Json] | None) -> list[Json]:
    """Return the components with the ids that Discord gives to those without one."""
    copied = deepcopy(components or [])
    for number, (_, component) in enumerate(walk(copied), 1):
        component.setdefault("id", number)
    return copied


def _check_components(components: Any, errors: FormErrors) -> None:
    seen: set[str] = set()
    errors.count("components", components, 40)
    for path, component in walk(components if isinstance(components, list) else []):
        kind = component.get("type")
        if kind == ROW:
            held = errors.count(f"{path}.components", component.get("components"), 5)
            if not held:
                errors.add(
                    f"{path}.components", "BASE_TYPE_BAD_LENGTH", "Must be 1 to 5 in length."
                )
        if kind == BUTTON:
            _check_button(path, component, errors)
        if kind in SELECTS:
            errors.length(f"{path}.custom_id", component.get("custom_id"), 1, 100)
            errors.count(f"{path}.options", component.get("options") or [], 25)
        custom_id = component.get("custom_id")
        if not isinstance(custom_id, str):
            continue
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            errors.add(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _check_button(path: str, button: Json, errors: FormErrors) -> None:
    errors.choice(f"{path}.style", button.get("style"), set(range(1, 7)))
    errors.length(f"{path}.label", button.get("label") or "", 0, 80)
    if button.get("style") == LINK_BUTTON:
        errors.length(f"{path}.url", button.get("url"), 1, 512)
    elif button.get("style") != PREMIUM_BUTTON:
        errors.length(f"{path}.custom_id", button.get("custom_id"), 1, 100)
        if not button.get("label") and not button.get("emoji"):
            errors.add(f"{path}.label", "BASE_TYPE_REQUIRED", "This field is required")


def _check_attachments(attachments: Any, files: list[File], errors: FormErrors) -> None:
    listed = errors.count("attachments", attachments, FILES)
    if not listed and len(files) > FILES:
        errors.add("files", "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")
    for index, attachment in enumerate(listed):
        if not isinstance(attachment, dict) or "id" not in attachment:
            errors.add(f"attachments.{index}.id", "BASE_TYPE_REQUIRED", "This field is required")
        elif attachment.get("description") is not None:
            errors.length(f"attachments.{index}.description", attachment["description"], 0, 1024)


def _check_mentions(allowed: Any, errors: FormErrors) -> None:
    parse = allowed.get("parse") or []
    for kind in ("users", "roles"):
        listed = errors.count(f"allowed_mentions.{kind}", allowed.get(kind) or [], 100)
        if listed and kind in parse:
            message = f"parse:['{kind}'] and {kind}: [ids...] are mutually exclusive."
            errors.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            message = "Value must be one of ('users', 'roles', 'everyone')."
            errors.add(f"allowed_mentions.parse.{index}", "BASE_TYPE_CHOICES", message)
