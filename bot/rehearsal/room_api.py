"""The room's server side: the static page, its websocket, and what people do in it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from bot.rehearsal import bodies
from bot.rehearsal.events import Event, Events
from bot.rehearsal.grants import Grants
from bot.rehearsal.onlookers import DIRECT
from bot.rehearsal.people import Person
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined, Json, Refusal
from bot.rehearsal.room_feed import RoomFeed

_PAGE = Path(__file__).with_name("room")
_PLACEHOLDER = "<!doctype html><title>The room</title><p>The room's page is not installed.</p>"
_SUFFIXES = {".html", ".css", ".js", ".svg", ".png", ".ico", ".woff2", ".json"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Action = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Room:
    """Routes under `/room`; persons are found with `find`, by id or name."""

    def __init__(
        self,
        events: Events,
        feed: RoomFeed,
        find: Callable[[str], Person],
        online: Callable[[], bool],
        grants: Grants,
    ) -> None:
        self._grants = grants
        self._feed, self._find, self._online = feed, find, online
        self._sockets: dict[web.WebSocketResponse, tuple[Person, asyncio.Queue[str]]] = {}
        events.subscribe(self._hear)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        return [
            web.get("/", _to_page),
            web.get("/room", _to_page),
            web.get("/room/", self._page),
            web.get("/room/socket", self._socket),
            web.post("/room/api/interactions", self._politely(self._interact)),
            web.post("/room/api/autocomplete", self._politely(self._autocomplete)),
            web.post("/room/api/components", self._politely(self._press)),
            web.post("/room/api/forms", self._politely(self._submit)),
            web.post("/room/api/direct", self._politely(self._direct)),
            web.post("/room/api/reactions", self._politely(self._react)),
            web.post("/room/api/rights", self._politely(self._switch)),
            web.post("/room/api/messages", self._politely(self._message)),
            web.get("/room/{file:[\\w./-]+}", self._page),
        ]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path = (_PAGE / request.match_info.get("file", "index.html")).resolve()
        known = path.is_relative_to(_PAGE) and path.suffix in _SUFFIXES and path.is_file()
        if known:
            return web.FileResponse(path, headers=_HEADERS)
        if path.name != "index.html":
            raise web.HTTPNotFound
        return web.Response(text=_PLACEHOLDER, content_type="text/html", headers=_HEADERS)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        try:
            person = self._find(request.query.get("person") or self._feed.host)
        except Declined as declined:
            raise web.HTTPNotFound(text=str(declined)) from declined
        socket = web.WebSocketResponse(timeout=1.0, heartbeat=30.0)
        await socket.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._sockets[socket] = person, queue
        for frame in (self._feed.hello(person), {"type": "bot", "online": self._online()}):
            queue.put_nowait(json.dumps(frame))
        writer = asyncio.create_task(_write(socket, queue))
        try:
            async for frame_in in socket:
                if frame_in.type is WSMsgType.ERROR:
                    break
        finally:
            writer.cancel()
            del self._sockets[socket]
        return socket

    def _hear(self, event: Event) -> None:
        for person, queue in self._sockets.values():
            frame = self._feed.frame(event, person)
            if frame is not None:
                queue.put_nowait(json.dumps(frame))

    def _politely(self, action: Callable[[Json, list[bodies.File]], Awaitable[Json]]) -> Action:
        """Wrap an action: what is declined becomes 400 with one sentence."""

        async def handle(request: web.Request) -> web.Response:
            try:
                body, files = await bodies.read(request)
                return web.json_response(await action(body or {}, files))
            except KeyError as missing:
                return web.json_response({"message": f"{missing} is missing."}, status=400)
            except (Declined, Refusal) as declined:
                return web.json_response({"message": str(declined)}, status=400)

        return handle

    async def _interact(self, body: Json, files: list[bodies.File]) -> Json:
        person = self._find(str(body["person"]))
        channel, locale = str(body["channel"]), body.get("locale")
        name, target = str(body["command"]), body.get("target")
        if target is not None:
            aimed: Any = self._user_or_message(str(target))
            return {"id": person.open_menu(name, aimed, channel, locale).id}
        uploads = {file.field: file for file in files}
        typed = body.get("options") or {}
        return {"id": person.type_command(name, typed, uploads, channel, locale).id}

    def _user_or_message(self, target: str) -> Person | str:
        try:
            return self._find(target)
        except Declined:
            return target

    async def _autocomplete(self, body: Json, _: list[bodies.File]) -> Json:
        person = self._find(str(body["person"]))
        choices = await person.suggestions(
            str(body["command"]),
            str(body["focused"]),
            body.get("options") or {},
            str(body["channel"]),
            body.get("locale"),
        )
        return {"choices": choices}

    async def _press(self, body: Json, _: list[bodies.File]) -> Json:
        person = self._find(str(body["person"]))
        handle = person.press_component(
            str(body["message"]), str(body["custom_id"]), body.get("values"), body.get("locale")
        )
        return {"id": handle.id}

    async def _submit(self, body: Json, files: list[bodies.File]) -> Json:
        person = self._find(str(body["person"]))
        uploads = {file.field: file for file in files}
        values, locale = body.get("values") or {}, body.get("locale")
        handle = person.submit_form(str(body["form"]), values, uploads, locale)
        # The page keeps the form open until the bot has it.
        await handle.settled()
        return {"id": handle.id, "error": handle.error}

    async def _direct(self, body: Json, _: list[bodies.File]) -> Json:
        return {"id": self._find(str(body["person"])).channel(DIRECT).id}

    async def _react(self, body: Json, _: list[bodies.File]) -> Json:
        person, on = self._find(str(body["person"])), bool(body.get("on", True))
        person.react(str(body["message"]), str(body["emoji"]), on=on)
        return {}

    async def _switch(self, body: Json, _: list[bodies.File]) -> Json:
        user, on = self._find(str(body["person"])).user, bool(body["on"])
        if "role" in body:
            change = self._grants.give_role if on else self._grants.take_role
            change(user, str(body["role"]))
            return {}
        permission = Permission[str(body["permission"])]
        if on:
            self._grants.give(user, permission)
        else:
            self._grants.deny(user, permission)
        return {}

    async def _message(self, body: Json, files: list[bodies.File]) -> Json:
        person = self._find(str(body["person"]))
        content = str(body.get("content") or "")
        reply_to, ping = body.get("reply_to"), bool(body.get("ping", True))
        return person.post(content, str(body["channel"]), files, reply_to, ping=ping)

    async def close(self) -> None:
        """Close every page's socket."""
        for socket in list(self._sockets):
            await socket.close(code=1001)


async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
    while True:
        text = await queue.get()
        try:
            await socket.send_str(text)
        except ConnectionError:
            return


async def _to_page(_: web.Request) -> web.Response:
    raise web.HTTPFound("/room/")
