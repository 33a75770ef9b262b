"""The gateway: websockets on which the bot hears what happens, and can pick up where it left."""

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from bot.rehearsal.dispatches import PRIVILEGED, Dispatches, Intent
from bot.rehearsal.events import BotPresence, Event, Events
from bot.rehearsal.gateway_session import Connection, Op, Session
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import World

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 41.25
NETWORK_SECONDS = 0.02
_COMMANDS_PER_MINUTE = 120
_ALL_INTENTS = (1 << 26) - 1


class Close(IntEnum):
    """Why the gateway hangs up."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class HangUp(Exception):
    """Ends a connection with a close code."""

    def __init__(self, code: Close) -> None:
        super().__init__(code)
        self.code = code


class Gateway:
    """Serves the websockets and keeps the sessions."""

    def __init__(
        self, world: World, events: Events, payloads: Payloads, allowed: int, heartbeat: float
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._dispatches = Dispatches(world, payloads)
        self._allowed, self._heartbeat = allowed, heartbeat
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self.url = ""
        self.resumes = 0
        self._handlers: dict[int, Callable[[Connection, Any], None]] = {
            Op.HEARTBEAT: self._acknowledge,
            Op.IDENTIFY: self._identify,
            Op.RESUME: self._resume,
            Op.REQUEST_MEMBERS: self._send_members,
            Op.PRESENCE: lambda *_: None,
            Op.VOICE_STATE: lambda *_: None,
        }
        events.subscribe(self._hear)

    @property
    def online(self) -> bool:
        """Whether a bot is connected and identified."""
        return any(session.connection is not None for session in self._sessions.values())

    def _hear(self, event: Event) -> None:
        for session in self._sessions.values():
            if session.shard[0] != self._shard_of(event, session.shard[1]):
                continue
            dispatch = self._dispatches.of(event, session.intents)
            if dispatch is not None:
                session.dispatch(*dispatch)

    def _shard_of(self, event: Event, count: int) -> int:
        channel = getattr(event, "channel", None)
        if channel is None and hasattr(event, "message"):
            channel = self._world.channels.get(event.message.channel_id)
        payload = getattr(event, "payload", {})
        direct = (channel is not None and channel.recipients) or payload.get("context") == 1
        return 0 if direct else (int(self._world.guild.id) >> 22) % count

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection from hello to its end."""
        socket = web.WebSocketResponse(timeout=2.0, max_msg_size=4096 * 4)
        await socket.prepare(request)
        connection = Connection(
            socket, request.transport, compress=request.query.get("compress") == "zlib-stream"
        )
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            _check_version(request)
            connection.push(Op.HELLO, {"heartbeat_interval": int(self._heartbeat * 1000)})
            await self._listen(connection)
        except HangUp as hang_up:
            log.info("The gateway hangs up: %s", hang_up.code.name)
            await socket.close(code=hang_up.code)
        finally:
            writer.cancel()
            self._connections.discard(connection)
            self._leave(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        recent: deque[float] = deque(maxlen=_COMMANDS_PER_MINUTE)
        while True:
            try:
                # A bot that sends nothing for two heartbeats is gone.
                frame = await connection.socket.receive(timeout=2 * self._heartbeat)
            except TimeoutError:
                raise HangUp(Close.SESSION_TIMED_OUT) from None
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            now = time.monotonic()
            if len(recent) == recent.maxlen and now - recent[0] < 60:
                raise HangUp(Close.RATE_LIMITED)
            recent.append(now)
            self._take(connection, frame.data)

    def _take(self, connection: Connection, text: str | bytes) -> None:
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            raise HangUp(Close.DECODE_ERROR) from None
        handler = self._handlers.get(op)
        if handler is None:
            raise HangUp(Close.UNKNOWN_OPCODE)
        if connection.session is None and op not in (Op.HEARTBEAT, Op.IDENTIFY, Op.RESUME):
            raise HangUp(Close.NOT_AUTHENTICATED)
        handler(connection, data)

    def _acknowledge(self, connection: Connection, _: Any) -> None:
        """Answer a heartbeat as late as a network does.

        discord.py notes the time of sending after it has sent; an answer that is there sooner
        counts from the heartbeat before, and the log would call the bot 41 s behind.
        """
        asyncio.get_running_loop().call_later(NETWORK_SECONDS, connection.push, Op.HEARTBEAT_ACK)

    def _authenticate(self, connection: Connection, data: Any) -> Json:
        if connection.session is not None:
            raise HangUp(Close.ALREADY_AUTHENTICATED)
        if not isinstance(data, dict):
            raise HangUp(Close.DECODE_ERROR)
        if data.get("token") != self._world.token:
            raise HangUp(Close.AUTHENTICATION_FAILED)
        return data

    def _identify(self, connection: Connection, data: Any) -> None:
        data = self._authenticate(connection, data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            raise HangUp(Close.INVALID_INTENTS)
        if intents & PRIVILEGED & ~self._allowed:
            raise HangUp(Close.DISALLOWED_INTENTS)
        shard = tuple(data.get("shard") or (0, 1))
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise HangUp(Close.INVALID_SHARD)
        session = Session(secrets.token_hex(16), intents, (shard[0], shard[1]))
        self._sessions[session.id] = session
        self._attach(connection, session)
        session.dispatch("READY", self._ready(session))
        if self._shard_of(BotPresence(online=True), shard[1]) == shard[0] and intents & 1:
            with_members = bool(intents & Intent.GUILD_MEMBERS)
            session.dispatch("GUILD_CREATE", self._payloads.guild_create(with_members=with_members))

    def _ready(self, session: Session) -> Json:
        bot = self._world.bot
        mine = (int(self._world.guild.id) >> 22) % session.shard[1] == session.shard[0]
        return {
            "v": 10,
            "user": self._payloads.user(bot)
            | {"verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": self._world.guild.id, "unavailable": True}] if mine else [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": bot.id, "flags": 0},
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "user_settings": {},
            "geo_ordered_rtc_regions": [],
            "_trace": ["rehearsal"],
        }

    def _resume(self, connection: Connection, data: Any) -> None:
        data = self._authenticate(connection, data)
        session = self._sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            connection.push(Op.INVALID_SESSION, data=False)
            return
        if not session.can_resume_from(sequence):
            del self._sessions[session.id]
            connection.push(Op.INVALID_SESSION, data=False)
            return
        self._attach(connection, session)
        self.resumes += 1
        session.replay(sequence)

    def _attach(self, connection: Connection, session: Session) -> None:
        was_online = self.online
        connection.session, session.connection = session, connection
        if not was_online:
            self._events.emit(BotPresence(online=True))

    def _leave(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.socket.close_code in (1000, 1001):  # a bot that says goodbye stays away
            self._sessions.pop(session.id, None)
        if not self.online:
            self._events.emit(BotPresence(online=False))

    def _send_members(self, connection: Connection, data: Any) -> None:
        query, wanted = str(data.get("query") or "").lower(), data.get("user_ids") or []
        wanted = {str(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        members = [
            self._payloads.member(member)
            for member in self._world.guild.members.values()
            if (member.user.id in wanted if wanted else member.user.name.lower().startswith(query))
        ]
        chunk: Json = {
            "guild_id": self._world.guild.id,
            "members": members[: data.get("limit") or None],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        if connection.session is not None:
            connection.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def ask_to_reconnect(self) -> None:
        """Send every connection a request to reconnect."""
        for connection in self._connections:
            connection.push(Op.RECONNECT)

    async def drop(self, code: int | None, *, resumable: bool) -> None:
        """Close, or without a code cut, every connection; keep the sessions if `resumable`."""
        connections = list(self._connections)
        if not resumable:
            self._sessions.clear()
        for connection in connections:
            # The bot must not hear anything more on it, although the closing takes a moment.
            self._leave(connection)
            if code is None:
                connection.cut()
                continue
            with contextlib.suppress(ConnectionError):
                await connection.socket.close(code=code)

    async def close(self) -> None:
        """Hang up on everybody, as a server going down does."""
        await self.drop(1012, resumable=False)


def _check_version(request: web.Request) -> None:
    if request.query.get("v", "10") != "10":
        raise HangUp(Close.INVALID_VERSION)
