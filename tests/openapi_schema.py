"""Bodies against Discord's own OpenAPI description of its API, where the checkout has it beside it.

    from openapi_schema import needs_description, request_faults   # tests/ is on the path

    @needs_description
    async def test_discord_would_take_every_body() -> None:
        ...
        assert [fault for r in discord_.requests for fault in request_faults(r)] == []

The description (MIT, https://github.com/discord/discord-api-spec) is not part of this repository.
Loading it takes about a second; that happens once in a test run.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.rehearsal.bodies import Recorded

DESCRIPTION = Path(__file__).resolve().parents[2] / "shared" / "data" / "discord-openapi.json"
needs_description = pytest.mark.skipif(
    not DESCRIPTION.exists(),
    reason="Discord's OpenAPI description is not at ../shared/data/discord-openapi.json",
)

_URN = "urn:discord"
_JSON, _MULTIPART = "application/json", "multipart/form-data"
# The description's own README: Discord takes snowflakes as integers, too.
_SNOWFLAKE = {"anyOf": [{"type": "string", "pattern": "^[0-9]+$"}, {"type": "integer"}]}

Operation = dict[str, Any]


@cache
def _description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    loaded["components"]["schemas"]["SnowflakeType"] = _SNOWFLAKE
    return loaded


@cache
def _registry() -> Registry:
    resource = Resource(contents=_description(), specification=DRAFT202012)
    return Registry().with_resource(_URN, resource)


@cache
def _routes() -> list[tuple[str, re.Pattern[str]]]:
    """Return path templates with their patterns, literal ones (`@original`) before the others."""
    templates = sorted(_description()["paths"], key=lambda template: template.count("{"))
    return [(t, re.compile(re.sub(r"\{\w+\}", "[^/]+", t) + "$")) for t in templates]


def _find(method: str, path: str) -> tuple[str, Operation] | None:
    for template, pattern in _routes():
        operation = _description()["paths"][template].get(method.lower())
        if operation and pattern.match(path):
            return template, operation
    return None


@cache
def _validator(*steps: str) -> Draft202012Validator:
    """Return the validator of the schema at a place in the description."""
    pointer = "/".join(
        quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in steps
    )
    return Draft202012Validator({"$ref": f"{_URN}#/{pointer}"}, registry=_registry())


def _faults(steps: tuple[str, ...], body: Any, what: str) -> list[str]:
    # Most bodies come again and again: every bot that logs in sends the same eighty commands.
    return [f"{what} at {fault}" for fault in _faults_of(steps, json.dumps(body))]


@cache
def _faults_of(steps: tuple[str, ...], body: str) -> list[str]:
    """Return a place and what is wrong there, for each fault of a body in JSON."""
    faults = []
    for error in _validator(*steps).iter_errors(json.loads(body)):
        closest = best_match([error]) or error
        place = "/".join(map(str, closest.absolute_path))
        faults.append(f"{place or 'the top'}: {closest.message[:300]}")
    return faults


def request_faults(request: Recorded) -> list[str]:
    """Return what Discord's description has against a request of the bot; empty when nothing."""
    what = f"{request.method} {request.path}"
    found = _find(request.method, request.path)
    if found is None:
        return [f"{what}: no such route"]
    template, operation = found
    content = operation.get("requestBody", {}).get("content", {})
    if request.files and _MULTIPART not in content:
        return [f"{what}: takes no files"]
    if request.body is None:
        missing = operation.get("requestBody", {}).get("required")
        return [f"{what}: has no body"] if missing else []
    if _JSON not in content:
        return [f"{what}: takes no body"]
    # With files the JSON body is the part `payload_json`, and the same schema holds.
    steps = ("paths", template, request.method.lower(), "requestBody", "content", _JSON, "schema")
    return _faults(steps, request.body, what)


def response_faults(method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what the description has against an answer to `method path`."""
    what = f"{status} to {method} {path}"
    found = _find(method, path)
    if found is None:
        return [f"{what}: no such route"]
    template, operation = found
    responses = operation["responses"]
    key = next((k for k in (str(status), f"{status // 100}XX") if k in responses), None)
    if key is None:
        return [f"{what}: no such status"]
    steps: tuple[str, ...] = ("paths", template, method.lower(), "responses", key)
    if "$ref" in responses[key]:
        steps = tuple(responses[key]["$ref"].removeprefix("#/").split("/"))
    described = _description()
    for step in steps:
        described = described[step]
    if isinstance(body, dict):
        # Described with whole numbers as codes in `errors`, where Discord sends words.
        body = {key: value for key, value in body.items() if key != "errors"}
    if _JSON not in described.get("content", {}):
        return [] if body is None else [f"{what}: has a body"]
    return _faults((*steps, "content", _JSON, "schema"), body, what)
