"""One open page of the room, watched for what it should never do."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from playwright.async_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PATIENCE_MS = 30_000

OpenPage = Callable[..., Awaitable[Page]]
"""`await browser_page(url, width=1280, height=800, locale="en-US", allow=())`."""


class Visit:
    """One open page and everything it should not have done."""

    def __init__(self, page: Page, host: str, allow: tuple[str, ...]) -> None:
        self.page, self.host, self.allow = page, host, allow
        self.complaints: list[str] = []
        page.on("console", lambda line: self._heard(line.type, line.text))
        page.on("pageerror", lambda error: self._heard("error", str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.set_default_timeout(PATIENCE_MS)

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(known in text for known in self.allow):
            self.complaints.append(f"{kind}: {text}")

    def _asked(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != self.host:
            self.complaints.append(f"asked another host: {url}")
