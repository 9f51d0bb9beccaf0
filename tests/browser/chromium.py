"""The system's Chromium, as a reader of our pages: a phone, a desk, each by day and by night, and paper.

It opens files as a person does who clicks on them, without a network. What it saw is kept where `PAGE_SHOTS` says.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ("--no-sandbox", "--disable-gpu")
SHOTS = os.environ.get("PAGE_SHOTS")
"""A folder for pictures of the pages, for a person to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """By what a page is read."""

    width_px: int
    height_px: int
    scheme: str = "light"
    media: str = "screen"

    def __str__(self) -> str:
        return f"{self.media}-{self.width_px}-{self.scheme}"


LOOKS = (
    Look(width_px=390, height_px=844),
    Look(width_px=390, height_px=844, scheme="dark"),
    Look(width_px=1280, height_px=900),
    Look(width_px=1280, height_px=900, scheme="dark"),
    Look(width_px=794, height_px=1123, media="print"),
)
"""All that a page must serve; the last is a sheet of A4."""


@dataclass(slots=True)
class Reader:
    """An open page and what went wrong in it."""

    page: Page
    look: Look
    errors: list[str] = field(default_factory=list)
    """Of its scripts."""
    asked: list[str] = field(default_factory=list)
    """Every address it asked for, but for data inside the page."""

    def findings(self) -> list[str]:
        """What axe-core finds missing for people who cannot see or use a mouse; a line each."""
        result: dict[str, Any] = Axe().run(self.page).response
        return [
            f"{rule['id']} ({rule['impact']}): {node['target']} {node.get('failureSummary', '')}"
            for rule in result["violations"]
            for node in rule["nodes"][:3]
        ]

    def overflow_px(self) -> int:
        """By how much the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def pass_s(self, seconds: float) -> None:
        """Let time pass on the reader's clock, with all that the page does meanwhile."""
        self.page.clock.run_for(int(1000 * seconds))

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page as NAME-LOOK.png, where `PAGE_SHOTS` asks for it."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}-{self.look}.png", full_page=True)


@contextmanager
def reading(
    browser: Browser,
    path: Path,
    look: Look,
    *,
    scripts: bool = True,
    language: str = "en",
    now: str | None = None,
) -> Iterator[Reader]:
    """Open a file as its reader does.

    Args:
        browser: Chromium.
        path: of the page.
        look: by what it is read.
        scripts: whether they run.
        language: of the reader's browser.
        now: the time on the reader's clock, ISO 8601, which then goes on by `reader.pass_s` too; else the machine's.
    """
    context = browser.new_context(
        viewport={"width": look.width_px, "height": look.height_px},
        color_scheme=look.scheme,  # type: ignore[arg-type]
        offline=True,
        java_script_enabled=scripts,
        locale=language,
        timezone_id="Asia/Shanghai",
    )
    try:
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.emulate_media(media=look.media)  # type: ignore[arg-type]
        reader = Reader(page, look)
        page.on("pageerror", lambda error: reader.errors.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith("data:") else reader.asked.append(request.url)
        )
        if now is not None:
            page.clock.install(time=now)
        page.goto(path.as_uri())
        yield reader
    finally:
        context.close()
