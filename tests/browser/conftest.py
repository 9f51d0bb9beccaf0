"""Chromium for the tests of the pages: one for all of them, `reading` opens a file in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.delivery.conftest import Folder, Samples


@pytest.fixture(scope="session")
def sheet() -> bytes:
    """The contact sheet of a job of six pictures."""
    made = Folder(replace(Samples.record, pictures=6))
    made.add(*(Samples().made(file=f"{n}.png", prompt=f"a mug {n}", width_px=160, height_px=160) for n in range(6)))
    return made.close().files["index.html"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; whoever lacks it is told so."""
    if EXECUTABLE is None:
        pytest.skip("no chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()
