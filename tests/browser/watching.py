"""A page that is left open: Chromium with a clock of the test's, so that minutes pass at once and nothing sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from worker.delivery.pages.live_page import LEAST_READ_S

ROUND_TRIP = """new Promise((done) => {
  const script = document.createElement("script");
  script.onload = script.onerror = done;
  script.src = "data:text/javascript,0";
  document.head.append(script);
})"""
"""A script of the page's own kind comes and goes, in real time."""
expect.set_options(timeout=20_000)


class Watched:
    """An open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.read: list[str] = []
        """Every file that it asked for."""

    def pass_s(self, seconds: float) -> None:
        """Let time pass for the page: what is due happens, and what it asked for comes in real time."""
        for _ in range(max(1, round(seconds / LEAST_READ_S))):
            try:
                self.page.clock.run_for(LEAST_READ_S * 1000)
                self.page.evaluate(ROUND_TRIP)
            except Error as left:
                if "navigation" not in str(left):
                    raise
                return

    def notice(self) -> str:
        """What it says of itself; empty where all is well."""
        return str(self.page.locator("#notices p:not([hidden])").all_inner_texts())

    def text(self) -> str:
        return str(self.page.inner_text("body"))


@contextmanager
def watching(browser: Browser, path: Path, *, at: str | None = None) -> Iterator[Watched]:
    """Open a page and stay.

    Args:
        browser: Chromium.
        path: of the page.
        at: the reader's clock, ISO 8601; the machine's where it is not given.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, timezone_id="Asia/Shanghai")
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.clock.install(time=at)
        watched = Watched(page)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on("request", lambda request: watched.read.append(request.url))
        page.goto(path.as_uri())
        yield watched
    finally:
        context.close()
