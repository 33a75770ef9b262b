"""The REST API's frame: who may call, what is recorded, what fails, how errors look."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.rehearsal import bodies
from bot.rehearsal.bodies import File, Recorded
from bot.rehearsal.faults import Fault, Faults
from bot.rehearsal.rate_limits import RateLimits
from bot.rehearsal.refusals import Json, Refusal
from bot.rehearsal.world import World

log = logging.getLogger(__name__)

PREFIX = "/api/v10"
BODY = web.RequestKey("body", object)
FILES = web.RequestKey("files", list[File])
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON response; a charset in its type would make discord.py read it as text."""
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def no_content() -> web.Response:
    """Return 204."""
    return web.Response(status=204)


def body_of(request: web.Request) -> Any:
    """Return the parsed JSON body of an API request; None when it had none."""
    return request[BODY]


def object_of(request: web.Request) -> Json:
    """Return the JSON object that a request carries; raises `Refusal` 50035 otherwise."""
    body = request[BODY]
    if not isinstance(body, dict):
        raise Refusal(400, 50035, "Invalid Form Body")
    return body


class RestFrame:
    """The middleware around every API route."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults
        self._limits = RateLimits()
        self.requests: list[Recorded] = []
        self.refusals: list[tuple[Recorded, Refusal]] = []
        self.unknown_routes: list[Recorded] = []

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve one API request; what is not under the API passes through untouched."""
        if not request.path.startswith(f"{PREFIX}/"):
            return await handler(request)
        path = request.path.removeprefix(PREFIX)
        try:
            request[BODY], request[FILES] = await bodies.read(request)
        except Refusal as refusal:
            return answer(refusal.to_json(), refusal.status)
        recorded = Recorded(request.method, path, request[BODY], request[FILES])
        self.requests.append(recorded)
        fault = self._faults.take(request.method, path)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and fault.status and not fault.after:
            return answer(fault.body(), fault.status, fault.headers())
        headers, wait = self._limits.count(request.method, path)
        if wait is not None:
            limited = Fault.limited(wait)
            return answer(limited.body(), 429, headers | limited.headers())
        response = await self._serve(request, handler, recorded)
        if fault is not None and fault.status:
            return answer(fault.body(), fault.status)
        response.headers.update(headers)
        return response

    async def _serve(
        self, request: web.Request, handler: Handler, recorded: Recorded
    ) -> web.StreamResponse:
        try:
            self._authorize(request, recorded.path)
            return await handler(request)
        except Refusal as refusal:
            log.info("%s %s: %s", recorded.method, recorded.path, refusal)
            self.refusals.append((recorded, refusal))
            return answer(refusal.to_json(), refusal.status)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            log.warning("No such route: %s %s", recorded.method, recorded.path)
            self.unknown_routes.append(recorded)
            message = f"{error.status}: {error.reason}"
            return answer({"message": message, "code": 0}, error.status)
        except Exception:
            log.exception("The rehearsal failed on %s %s", recorded.method, recorded.path)
            return answer({"message": "500: Internal Server Error", "code": 0}, 500)

    def _authorize(self, request: web.Request, path: str) -> None:
        # A callback and an interaction's webhook carry their own token in the path.
        if path.startswith(("/interactions/", "/webhooks/")):
            return
        if request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise Refusal(401, 0, "401: Unauthorized")
