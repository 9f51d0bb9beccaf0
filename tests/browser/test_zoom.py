"""A picture shown large: the right one under its words however slow the share, by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import LOOKS, Look, reading
from tests.delivery.preview import main

pytestmark = pytest.mark.slow


@pytest.fixture
def sheet(chromium, tmp_path: Path) -> Iterator[Page]:
    main(tmp_path)
    with reading(chromium, tmp_path / "contact_sheet.html", LOOKS[2]) as reader:
        yield reader.page
        assert not reader.errors


def large(page: Page) -> str:
    return str(page.locator(".zoom img").get_attribute("src"))


SLOW_SHARE = """
window.held = [];
const Real = window.Image;
window.Image = function () {
  const image = new Real();
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(image, "src", {
    get: () => source.get.call(image),
    set: (address) => window.held.push(() => source.set.call(image, address)),
  });
  return image;
};
"""
"""A picture's bytes come when the test lets them; the browser's own interception does not reach files."""


def test_while_a_large_picture_is_on_its_way_its_own_small_one_stands_there(sheet: Page) -> None:
    sheet.evaluate(SLOW_SHARE)
    first, second = (sheet.locator(".tile img").nth(number).get_attribute("src") for number in (0, 1))
    sheet.locator(".tile > a").nth(0).click()
    assert large(sheet) == first
    sheet.keyboard.press("ArrowRight")
    expect(sheet.locator(".zoom p")).to_contain_text("mug-1.png")
    assert large(sheet) == second != first
    sheet.evaluate("window.held[0]()")  # the first one comes late
    sheet.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert large(sheet) == second
    sheet.evaluate("window.held[1]()")
    expect(sheet.locator(".zoom img")).to_have_attribute("src", re.compile("/mug-1.png$"))


def test_words_can_be_selected_and_the_way_out_is_beside_them(sheet: Page) -> None:
    dialog = sheet.locator(".zoom")
    sheet.locator(".tile > a").nth(0).click()
    expect(dialog.locator("img")).to_have_attribute("alt", sheet.locator(".tile img").nth(0).get_attribute("alt") or "")
    dialog.locator("p").click()
    dialog.locator("img").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator("p")).to_contain_text("mug-1.png")
    dialog.get_by_role("button", name="Previous").click()
    expect(dialog.locator("p")).to_contain_text("mug-0.png")
    dialog.get_by_role("button", name="100 %").click()
    assert dialog.locator("img").evaluate("one => one.getBoundingClientRect().width === one.naturalWidth")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_keys_are_enough_and_lead_back(sheet: Page) -> None:
    link = sheet.locator(".tile > a").nth(2)
    link.focus()
    sheet.keyboard.press("Enter")
    expect(sheet.locator(".zoom p")).to_contain_text("mug-2.png")
    sheet.keyboard.press("ArrowLeft")
    expect(sheet.locator(".zoom p")).to_contain_text("mug-1.png")
    sheet.keyboard.press("Escape")
    expect(sheet.locator(".zoom")).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.parametrize("look", LOOKS[:4], ids=str)
def test_a_large_picture_serves_every_reader(chromium, tmp_path: Path, look: Look) -> None:
    main(tmp_path)
    with reading(chromium, tmp_path / "contact_sheet.html", look) as reader:
        reader.page.locator(".tile > a").first.click()
        reader.keep("zoom")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
