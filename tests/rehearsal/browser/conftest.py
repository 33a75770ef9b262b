"""A real browser for the room: one headless Chromium, one event loop, a fresh profile a page.

Everything in this folder runs in the session's event loop, because the browser lives in it;
async fixtures say `loop_scope="session"`. Without Chromium the folder is skipped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FileChooser, Page, async_playwright
from visits import CHROMIUM, FLAGS, OpenPage, Visit


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
