"""Chromium for the tests of the pages: one for all of them, `reading` opens a file in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; whoever lacks it is told so."""
    if EXECUTABLE is None:
        pytest.skip("no chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()
