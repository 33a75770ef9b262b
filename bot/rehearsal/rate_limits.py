"""Rate limits: so many requests a window for each route and its major parameter."""

import hashlib
import re
import time
from dataclasses import dataclass

_WINDOWS: tuple[tuple[str, re.Pattern[str], int, float], ...] = (
    ("POST", re.compile(r"/channels/\d+/messages$"), 5, 5.0),
    ("PATCH", re.compile(r"/channels/\d+/messages/\d+$"), 5, 5.0),
    ("DELETE", re.compile(r"/channels/\d+/messages/\d+$"), 5, 1.0),
    ("PUT", re.compile(r"/messages/\d+/reactions/"), 1, 0.25),
    ("POST", re.compile(r"/webhooks/\d+/[^/]+$"), 5, 2.0),
    ("PATCH", re.compile(r"/webhooks/\d+/[^/]+/messages/[^/]+$"), 5, 2.0),
)
_DEFAULT = (50, 1.0)
_MAJOR = re.compile(r"^/(?:channels|guilds)/\d+|^/webhooks/\d+/[^/]+")
_ID = re.compile(r"/\d{5,}|/@original")


@dataclass
class Window:
    """The requests of one bucket since `opened`, on the monotonic clock."""

    name: str
    limit: int
    seconds: float
    opened: float
    used: int = 0


class RateLimits:
    """Counts requests; the figures are those seen on Discord, which publishes none."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def count(self, method: str, path: str) -> tuple[dict[str, str], float | None]:
        """Return the headers for a request and, when it is one too many, seconds to wait."""
        window = self._window(method, path)
        now = time.monotonic()
        if now - window.opened >= window.seconds:
            window.opened, window.used = now, 0
        left = window.seconds - (now - window.opened)
        refused = window.used >= window.limit
        window.used += not refused
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.limit - window.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": window.name,
        }
        return headers, left if refused else None

    def _window(self, method: str, path: str) -> Window:
        limit, seconds = _DEFAULT
        for verb, pattern, allowed, span in _WINDOWS:
            if verb == method and pattern.search(path):
                limit, seconds = allowed, span
        major = found[0] if (found := _MAJOR.match(path)) else ""
        route = f"{method} {_ID.sub('/:id', path.removeprefix(major))}"
        key = f"{major} {route}"
        if key not in self._windows:
            name = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
            self._windows[key] = Window(name, limit, seconds, time.monotonic())
        return self._windows[key]
