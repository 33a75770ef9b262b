"""A real browser for the room: one headless Chromium, one event loop, a fresh profile a page.

Everything in this folder runs in the session's event loop, because the browser lives in it;
async fixtures say `loop_scope="session"`. Without Chromium the folder is skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FileChooser, Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PATIENCE_MS = 10_000

OpenPage = Callable[..., Awaitable[Page]]
"""`await browser_page(url, width=1280, height=800, locale="en-US", allow=())`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder: a browser test, in the session's loop, or skipped."""
    here = Path(__file__).parent
    absent = pytest.mark.skip(reason="Chromium is not installed (Debian: apt install chromium)")
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if CHROMIUM is None:
            item.add_marker(absent)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The one browser of the session."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


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


@pytest_asyncio.fixture(loop_scope="session")
async def browser_page(chromium: Browser) -> AsyncIterator[OpenPage]:
    """Open pages in profiles of their own; console errors and other hosts fail the test."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    async def visit(
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "en-US",
        allow: tuple[str, ...] = (),
    ) -> Page:
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, locale=locale
        )
        contexts.append(context)
        page = await context.new_page()
        visits.append(Visit(page, urlsplit(url).netloc, allow))
        await page.goto(url)
        await page.wait_for_selector("#channels .row", state="attached")
        return page

    yield visit
    for context in contexts:
        await context.close()
    assert [complaint for each in visits for complaint in each.complaints] == []


@pytest.fixture
def choose_file() -> Callable[[Page, Path], None]:
    """Answer the page's file choosers with a file, from now on."""

    def answer(page: Page, path: Path) -> None:
        async def choose(chooser: FileChooser) -> None:
            await chooser.set_files(path)

        page.on("filechooser", choose)

    return answer
