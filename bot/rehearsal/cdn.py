"""The CDN: attachments at signed addresses that expire, in ranges, at the speed a test asks for."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import web

from bot.rehearsal.snowflakes import Clock
from bot.rehearsal.world import Attachment

LIFETIME = 24 * 3600
_ROUNDING = 3600  # one address stays good for an hour of edits, so that a player is not torn down
_CHUNK = 16 << 10
_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".mid": "audio/midi",
}


def content_type(filename: str) -> str:
    """Return the type that Discord announces, which goes by the name alone."""
    return _TYPES.get(PurePosixPath(filename.lower()).suffix, "application/octet-stream")


@dataclass
class Speed:
    """How the CDN answers: seconds before the first byte, then bytes per second (0: at once)."""

    delay: float = 0.0
    bytes_per_second: float = 0.0


class Cdn:
    """Signs addresses and serves what is behind them."""

    def __init__(self, clock: Clock, find: Callable[[str], Attachment | None]) -> None:
        self._clock, self._find = clock, find
        self._secret = secrets.token_bytes(32)
        self.base = ""
        self.speed = Speed()

    def url(self, attachment: Attachment) -> str:
        """Return the absolute signed address of a file, good for a day or a little more."""
        issued = int(self._clock()) // _ROUNDING * _ROUNDING
        expires = issued + LIFETIME + _ROUNDING
        path = f"{attachment.channel_id}/{attachment.id}/{attachment.filename}"
        signature = self._sign(path, f"{expires:x}", f"{issued:x}")
        query = f"ex={expires:x}&is={issued:x}&hm={signature}"
        return f"{self.base}/cdn/attachments/{quote(path)}?{query}&"

    def _sign(self, path: str, expires: str, issued: str) -> str:
        told = f"{path}?{expires}&{issued}".encode()
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()

    def _authorized(self, request: web.Request) -> Attachment | None:
        place = request.match_info
        path = f"{place['channel']}/{place['id']}/{place['name']}"
        expires, issued = request.query.get("ex", ""), request.query.get("is", "")
        good = hmac.compare_digest(
            self._sign(path, expires, issued).encode(), request.query.get("hm", "").encode()
        )
        if not good or int(expires, 16) < self._clock():
            return None
        return self._find(place["id"])

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer 200 or 206; 404 where the signature is wrong or expired, 416 out of range."""
        attachment = self._authorized(request)
        if attachment is None:
            return web.Response(status=404, text="This content is no longer available.")
        size = len(attachment.content)
        headers = _headers(attachment.filename)
        try:
            asked = request.http_range
            start, stop, _ = asked.indices(size)
        except ValueError:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 200
        if asked.start is not None or asked.stop is not None:
            if start >= stop:
                return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
            status = 206
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = stop - start
        await self._send(request, response, attachment.content[start:stop])
        return response

    async def _send(
        self, request: web.Request, response: web.StreamResponse, content: bytes
    ) -> None:
        speed = self.speed
        await asyncio.sleep(speed.delay)
        await response.prepare(request)
        if request.method == "HEAD":
            return
        if not speed.bytes_per_second:
            await response.write(content)
            return
        for at in range(0, len(content), _CHUNK):
            piece = content[at : at + _CHUNK]
            await response.write(piece)
            await asyncio.sleep(len(piece) / speed.bytes_per_second)


def _headers(filename: str) -> dict[str, str]:
    kind = content_type(filename)
    # People choose names and bytes; nothing of theirs may run as a page of this origin.
    safe = kind.split("/")[0] in {"audio", "image", "video"}
    return {
        "Content-Type": kind,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": "inline" if safe else "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
