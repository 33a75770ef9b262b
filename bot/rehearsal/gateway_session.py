"""A gateway session and the connection it may have: numbered events, kept for a resume."""

import asyncio
import json
import zlib
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from aiohttp import web

from bot.rehearsal.refusals import Json

_KEPT = 1000  # events that a session can be resumed over


class Op(IntEnum):
    """The gateway's opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Connection:
    """One websocket: what is pushed goes out in order, compressed as one zlib stream if asked."""

    def __init__(
        self, socket: web.WebSocketResponse, line: asyncio.Transport | None, *, compress: bool
    ) -> None:
        self.socket, self._line = socket, line
        self.session: Session | None = None
        self._zlib = zlib.compressobj() if compress else None
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def push(self, op: Op, data: Any = None) -> None:
        """Queue a frame that is no event."""
        self.push_text(json.dumps({"op": int(op), "d": data, "s": None, "t": None}))

    def push_text(self, text: str) -> None:
        """Queue a whole frame."""
        self._queue.put_nowait(text)

    def cut(self) -> None:
        """End the connection without a word, as a failing network does."""
        if self._line is not None:
            self._line.abort()

    async def write(self) -> None:
        """Send what is queued until cancelled or the socket is gone."""
        while True:
            text = await self._queue.get()
            try:
                if self._zlib is None:
                    await self.socket.send_str(text)
                else:
                    packed = self._zlib.compress(text.encode())
                    await self.socket.send_bytes(packed + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                return  # the session keeps its events for a resume


@dataclass
class Session:
    """What a bot identified as, and the events it was sent or would have been."""

    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    sequence: int = 0
    connection: Connection | None = None
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def dispatch(self, name: str, data: Json) -> None:
        """Number an event, keep it, and send it when the bot is there."""
        self.sequence += 1
        frame = {"op": int(Op.DISPATCH), "d": data, "s": self.sequence, "t": name}
        text = json.dumps(frame)
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.push_text(text)

    def can_resume_from(self, sequence: int) -> bool:
        """Tell whether everything after that event is still kept."""
        oldest = self.sent[0][0] if self.sent else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay(self, sequence: int) -> None:
        """Send again, on a new connection, what came after an event; then RESUMED."""
        if self.connection is not None:
            for number, text in self.sent:
                if number > sequence:
                    self.connection.push_text(text)
        self.dispatch("RESUMED", {})
